"""The parts of `make image-test`: a session, cuts of its card, what else may befall a box, and what it costs."""

from collections.abc import Callable

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
from tests.appliance.table import Row

Part = Callable[[Say], list[Row]]
FIRST = "session"
UPDATE_CUTS = "update-cuts"
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
    UPDATE_CUTS: halfway.update_cuts,
    "stick": by_stick.by_stick,
    "small": small.small,
    "speed": speed.speed,
    "idle": speed.quiet,
}

ALONE = (FIRST, "first-cuts", "damaged")
"""Of a new card. All others begin from the card that the session leaves, the cuts of an update from that update's."""
