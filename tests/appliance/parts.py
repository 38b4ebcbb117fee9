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
    keyboard,
    sealed,
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


def looked_at(name: str, look: Callable[[Say], None], boots: int) -> Part:
    """What else is a command of its own, as a part: each step that it tells, in one row. boots: of the whole image."""

    def part(say: Say) -> list[Row]:
        told = list[str]()

        def tell(words: str) -> None:
            told.append(words)
            say(words)

        look(tell)
        return [Row(name, "; ".join(told), boots)]

    return part


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
    "sealed": looked_at("the key by a TPM", sealed.sealed, 4),
    "burnt": looked_at("the key by a Pi's own, on QEMU's Pi 3", sealed.burnt, 4),
    "keyboard": looked_at("keys and a stranger's stick before the kernel", keyboard.keyboard, 0),
    "speed": speed.speed,
    "idle": speed.quiet,
}

ALONE = (FIRST, "first-cuts", "damaged", "sealed", "burnt", "keyboard")
"""Of a new card. All others begin from the card that the session leaves, the cuts of an update from that update's."""
