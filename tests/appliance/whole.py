"""`make image-test`: a session, cuts of its card, what else may befall a box, and what it costs; one table for all."""

from collections.abc import Callable

from tests.appliance import cases, control, cuts, short, speed, update
from tests.appliance.joining import Say
from tests.appliance.table import Row

PARTS: dict[str, Callable[[Say], list[Row]]] = {
    "session": short.short,
    "cuts": cuts.cuts,
    "control": control.control,
    "unsynced": control.unsynced,
    **cases.CASES,
    "update": update.update,
    "speed": speed.speed,
}


def whole(say: Say, only: tuple[str, ...] = ()) -> list[Row]:
    """Every part in turn, or those that are named: the others need the card that `session` leaves. Raises KeyError."""
    names = only or tuple(PARTS)
    return [row for name in names for row in PARTS[name](say)]
