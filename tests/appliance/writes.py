"""The log of a card's writes, and the card as a power cut would have left it at any place of that log.

QEMU's `blklogwrites` writes it in the form of Linux's dm-log-writes: a sector of head, then for each write a sector
that says where and how much, and what was written. A flush is an entry without data: what stands before it is there.
What stands after the last flush may be there or not, each write by itself: a card's own memory keeps no order.
"""

import random
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

MAGIC = 0x6A736677736872
SECTOR = 512
FLUSH, FUA, DISCARD, MARK = 1, 2, 4, 8
_HEAD, _ENTRY = struct.Struct("<QQQI"), struct.Struct("<QQQQ")
BYTES_MAX = 64 * 2**20
"""No write is so large: what says so is no entry."""


class LogError(Exception):
    """What was given is no such log."""


@dataclass(frozen=True)
class Entry:
    """at, size: on the card, in bytes; data_at: where in the log its bytes begin; end: where the next entry does."""

    at: int
    size: int
    flags: int
    data_at: int
    end: int

    @property
    def flushes(self) -> bool:
        """What was completed before it is on the card."""
        return bool(self.flags & FLUSH)


def entries(log: Path) -> list[Entry]:
    """Every whole entry, in order; an emulator that was killed leaves the last one unfinished. Raises LogError."""
    with log.open("rb") as file:
        return list(_entries(file, log.stat().st_size))


def _entries(file: BinaryIO, size: int) -> Iterator[Entry]:
    head = file.read(_HEAD.size)
    if len(head) < _HEAD.size:
        raise LogError("the log of writes is empty")
    magic, version, _, sector = _HEAD.unpack(head)
    if (magic, version, sector) != (MAGIC, 1, SECTOR):
        raise LogError(f"no log of writes that we read: magic {magic:x}, version {version}, sectors of {sector} bytes")
    place = SECTOR
    while place + SECTOR <= size:
        file.seek(place)
        at, count, flags, _ = _ENTRY.unpack(file.read(_ENTRY.size))
        data_at = place + SECTOR
        end = data_at + (0 if flags & DISCARD else count * SECTOR)
        if end > size or count * SECTOR > BYTES_MAX or (count == 0 and not flags):
            return
        yield Entry(at * SECTOR, count * SECTOR, flags, data_at, end)
        place = end


def until(found: list[Entry], place: int) -> list[Entry]:
    """Those that were whole when the log was so many bytes long."""
    return [entry for entry in found if entry.end <= place]


def survivors(found: list[Entry], seed: int) -> list[Entry]:
    """Which of these writes are on the card after a cut: all up to the last flush, and of those after it any."""
    chance = random.Random(seed)  # noqa: S311  # the same cut again from the same seed
    flushed = max((at for at, entry in enumerate(found) if entry.flushes), default=-1)
    return [entry for at, entry in enumerate(found) if at <= flushed or entry.flags & FUA or chance.random() < 0.5]


def replay(log: Path, chosen: list[Entry], disk: Path) -> None:
    """Write these entries, in their order, onto a disk as it was when the log was begun."""
    with log.open("rb") as source, disk.open("r+b") as card:
        for entry in chosen:
            if entry.size and not entry.flags & DISCARD:
                source.seek(entry.data_at)
                card.seek(entry.at)
                card.write(source.read(entry.size))


def bytes_between(found: list[Entry], begin: int, end: int) -> int:
    """How much was written to the card while the log grew from one length to the other."""
    return sum(entry.size for entry in found if begin < entry.end <= end and not entry.flags & DISCARD)
