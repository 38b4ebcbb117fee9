"""A data partition that cannot be opened: the box starts all the same, and says that it needs repair. A spoilt root."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from firmware_config.image.recipe.__main__ import CARD
from firmware_config.image.recipe.disk import LAYOUT, MIB
from tests.appliance.emulator import Emulator, emptied
from tests.appliance.first import notice
from tests.appliance.joining import WAIT_S_MAX
from tests.appliance.qmp import EmulatorError
from tests.appliance.resident import wait_for_view

RUBBISH = bytes(range(1, 256)) * 4096
Say = Callable[[str], None]


def data_at() -> int:
    """Where the data partition begins, in bytes."""
    return next(one.start_mib for one in LAYOUT if one.name == "data") * MIB


def spoil(card: Path) -> None:
    """Write over the beginning of the data partition: what was there is no LUKS header any more, and not empty."""
    with card.open("r+b") as file:
        file.seek(data_at())
        file.write(RUBBISH)


def spoil_root(file: BinaryIO, at: int, size: int) -> None:
    """Of a root that begins there, all but the first MiB up to the middle: it is mounted, and what is read refused."""
    file.seek(at + MIB)
    file.write(b"\xff" * (size // 2 - MIB))


def spoilt_slot(slot: Path, folder: Path) -> Path:
    """A copy of what a slot holds, its root spoilt. A build's own files share their bytes with others, and stay."""
    copy = folder / "slot"
    shutil.copytree(slot, copy)
    root = copy / "root.img"
    with root.open("r+b") as file:
        spoil_root(file, 0, root.stat().st_size)
    return copy


def damaged(say: Say) -> None:
    """Raises EmulatorError when the screen does not say so, or when something was written over what was found."""
    folder = emptied("damaged")
    with Emulator(folder, CARD, before=spoil) as box:
        box.until_told("neither ours nor empty", WAIT_S_MAX)
        say("the data partition is left as it is")
        wait_for_view(box, [notice("storage-damaged")], "damaged", WAIT_S_MAX)
        say(f"the box says that it needs repair: {folder / 'damaged.png'}")
        box.switch_off()
    with box.disk.open("rb") as file:
        file.seek(data_at())
        if file.read(len(RUBBISH)) != RUBBISH:
            raise EmulatorError("something was written over what stood on the data partition")
    say("not a byte of it was changed")
