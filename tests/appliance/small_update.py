"""An update so small that a card can be cut after each write of it: its log, as an emulator would have written it."""

import random
import struct
from collections.abc import Iterable
from pathlib import Path

from firmware_config.image.recipe.disk import SECTOR, record
from tests.appliance import halfway, slots, writes
from tests.appliance.halfway import PLACES

FLUSH = (0, b"", writes.FLUSH)
Write = tuple[int, bytes, int]
"""Where on the card, what, and the flags of the log."""


class Update:
    """The two pictures of an update, and the writes that lay them into slot B. The box ran from slot A before."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.log = folder, folder / "writes.log"
        self.images = dict[str, Path]()
        for name in ("boot-b", "root-b"):
            self.images[name] = folder / f"{name}.update"
            self.images[name].write_bytes(random.Random(name).randbytes(8 * SECTOR))  # noqa: S311  # the same again

    def laid(self) -> list[Write]:
        """Each picture in two writes."""
        half = 4 * SECTOR
        return [
            (PLACES[name][0] + at, self.images[name].read_bytes()[at : at + half], 0)
            for name in ("root-b", "boot-b")
            for at in (0, half)
        ]

    def write(self, *those: Iterable[Write]) -> list[writes.Entry]:
        head = struct.pack("<QQQI", writes.MAGIC, 1, 0, SECTOR).ljust(SECTOR, b"\0")
        with self.log.open("wb") as log:
            log.write(head)
            for at, data, flags in (one for some in those for one in some):
                log.write(struct.pack("<QQQQ", at // SECTOR, len(data) // SECTOR, flags, 0).ljust(SECTOR, b"\0") + data)
        return writes.entries(self.log)

    def wrong(self, found: list[writes.Entry]) -> tuple[set[str], list[str]]:
        """Cut after each write, many times over: which slots are taken, and what of them is not whole."""
        took, told = set[str](), list[str]()
        for entry in found:
            for seed in range(12):
                kept = writes.survivors(writes.until(found, entry.end), seed)
                slot = slots.taken(halfway.record_after(self.log, kept, slots.read(record())))
                took.add(slot)
                told += halfway.faults(self.log, kept, slot, self.images, self.folder)
                told += halfway.untried(self.log, writes.until(found, entry.end), kept)
        return took, told
