"""`make image-test`: a session, cuts of its card, what else may befall a box, and what it costs; one table for all."""

from collections.abc import Callable, Mapping

from tests.appliance import (
    by_stick,
    cases,
    clockless,
    control,
    cuts,
    first_cuts,
    halfway,
    hung,
    short,
    small,
    speed,
    starved,
    unplugged,
    update,
    wedged,
)
from tests.appliance.joining import Say
from tests.appliance.qmp import EmulatorError
from tests.appliance.table import Row
from tests.support.process import ProcessError

Part = Callable[[Say], list[Row]]
FIRST = "session"
PARTS: dict[str, Part] = {
    FIRST: short.short,
    "cuts": cuts.cuts,
    "started": cuts.started,
    "first-cuts": first_cuts.first_cuts,
    "control": control.control,
    "unsynced": control.unsynced,
    "starved": starved.starved,
    "unplugged": unplugged.unplugged,
    "hung": hung.hung,
    "wedged": wedged.wedged,
    "1970": clockless.year_1970,
    **cases.CASES,
    **update.CASES,
    "update-cuts": halfway.update_cuts,
    "stick": by_stick.by_stick,
    "small": small.small,
    "speed": speed.speed,
    "idle": speed.quiet,
}


def whole(say: Say, only: tuple[str, ...] = (), parts: Mapping[str, Part] = PARTS) -> list[Row]:
    """Every part in turn, or those that are named: the others need the card that `session` leaves.

    What does not come to its end is a row that says so, and the next one begins: a night is not lost to one of them.
    Raises KeyError; EmulatorError, ProcessError: there is no session.
    """
    return [row for name in only or tuple(parts) for row in _rows(name, parts[name], say)]


def _rows(name: str, part: Part, say: Say) -> list[Row]:
    try:
        rows = part(say)
    except (EmulatorError, ProcessError) as error:
        if name == FIRST:
            raise
        say(f"{name}: not to its end: {error}")
        return [Row(name, f"not to its end: {error}", ended=False)]
    for row in rows:
        say(f"{row.name}: {row.told}; lost {row.lost}, twice {row.twice}")
    return rows
