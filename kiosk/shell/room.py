"""The room that the kiosk keeps on the card for the session under way, and how much there is."""

import errno
import os
from contextlib import suppress
from pathlib import Path

SHARED_MEMORY_BYTES = 32 * 1024
"""Of each database in use: SQLite's -shm file."""
SESSION_BYTES = 4 * 1024 * 1024
"""A session's reports and drafts are under 100 KiB; the rest is for SQLite's own pages and its WAL."""
LEFT_BYTES_MIN = 48 * 1024 * 1024
"""No session begins on less. ext4 holds up to 16 MiB back from everybody; of what the card keeps for the databases
(64 MiB, chevet-data) this leaves half: to open them after a power cut, for letters and for a call for a carer."""


class Room:
    """The file `reserve` beside a database: blocks that are given up when the card has no other."""

    def __init__(self, database: Path) -> None:
        self.reserve = database.with_name("reserve")

    def keep(self) -> bool:
        """Keep room for a session; False when the card has none for another one."""
        try:
            if self.left_bytes() < LEFT_BYTES_MIN:
                return False
            _take(self.reserve, SESSION_BYTES)
        except OSError:
            self.give_up()
            return False
        return True

    def give_up(self) -> None:
        with suppress(OSError):
            self.reserve.unlink()

    def free_bytes(self) -> int:
        """What anybody may take: neither the reserve nor what the card keeps for the databases. Raises OSError."""
        found = os.statvfs(self.reserve.parent)
        return found.f_bavail * found.f_frsize

    def left_bytes(self) -> int:
        """What nobody has taken, whoever may. Raises OSError."""
        found = os.statvfs(self.reserve.parent)
        return found.f_bfree * found.f_frsize

    def is_gone(self) -> bool:
        """Whether not even a database's shared memory finds a block, for us. Asked by taking as much, and giving it up.

        SQLite speaks of a « disk I/O error » then: so did the emulator.
        """
        asked = self.reserve.with_name("room")
        try:
            _take(asked, SHARED_MEMORY_BYTES)
        except OSError as error:
            return error.errno == errno.ENOSPC
        finally:
            with suppress(OSError):
                asked.unlink()
        return False


def _take(path: Path, count: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o660)
    try:
        os.posix_fallocate(descriptor, 0, count)
    finally:
        os.close(descriptor)
