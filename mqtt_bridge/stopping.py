"""SIGTERM and SIGINT as a descriptor that a loop can wait on, whatever else it waits for."""

import os
import select
import signal
from types import FrameType


class Stopping:
    """Made once in the main thread of a process."""

    def __init__(self) -> None:
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)

    def fileno(self) -> int:
        """Readable once the process has been asked to stop."""
        return self._wake

    def asked(self) -> bool:
        return self.wait(0)

    def wait(self, seconds: float) -> bool:
        """Wait for the order to stop, at most so long."""
        return bool(select.select([self._wake], [], [], seconds)[0])

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        os.eventfd_write(self._wake, 1)
