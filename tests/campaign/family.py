"""A program that works through children (RabbitMQ: a script, a virtual machine, its helpers), held as one part."""

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

from tests.support.process import STOP_S_MAX, Process

APART = ("unshare", "--pid", "--fork", "--kill-child")
"""A process namespace: whatever of it is left ends with its first one, also when we are killed."""


class Family(Process):
    """kill -9 and SIGSTOP reach all of it."""

    def kill(self) -> None:
        if self._process is None:
            return
        family = list(descendants(self._process.pid))
        for pid in family:
            _tell(pid, signal.SIGKILL)
        super().kill()
        until_s = time.monotonic() + STOP_S_MAX
        while any(Path(f"/proc/{pid}").exists() for pid in family) and time.monotonic() < until_s:
            time.sleep(0.01)  # they are not our children: nobody tells us

    def signal(self, number: signal.Signals) -> None:
        for pid in (self.pid, *descendants(self.pid)):
            _tell(pid, number)


def descendants(pid: int) -> Iterator[int]:
    """Children and theirs, as the kernel lists them now."""
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in map(int, task.read_text().split()):
                yield child
                yield from descendants(child)


def _tell(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
