"""A data partition that cannot be opened: the box starts all the same, and says that it needs repair."""

from collections.abc import Callable
from pathlib import Path

from firmware_config.image.recipe.__main__ import CARD
from firmware_config.image.recipe.disk import LAYOUT, MIB
from tests.appliance.emulator import Emulator, emptied
from tests.appliance.joining import COLOURS_DRAWN, WAIT_S_MAX

RUBBISH = bytes(range(1, 256)) * 4096
Say = Callable[[str], None]


def spoil(card: Path) -> None:
    """Write over the beginning of the data partition: what was there is no LUKS header any more, and not empty."""
    start = next(one.start_mib for one in LAYOUT if one.name == "data") * MIB
    with card.open("r+b") as file:
        file.seek(start)
        file.write(RUBBISH)


def damaged(say: Say) -> None:
    """Raises EmulatorError when no screen is drawn, or when something was written over what was found."""
    folder = emptied("damaged")
    with Emulator(folder, CARD, before=spoil) as box:
        box.until_told("neither ours nor empty", WAIT_S_MAX)
        say("the data partition is left as it is")
        box.until(lambda: box.colours() > COLOURS_DRAWN, WAIT_S_MAX, "no screen was drawn within the limit")
        say(f"what the box says: {box.screen('damaged')}")
