"""A program of lower priority beside the link: its output is waited for with everything else, it ends when told."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Sequence

LOW = ("nice", "-n", "19", "ionice", "-t", "-c", "3")
END_S_MAX = 1.0
"""How long the link waits for one that was told to end. One that a slow disk holds ends when the disk lets it."""
LAST_WORDS_BYTES_MAX = 64 * 1024


class Child:
    """One program. Everything that it does can be cut off at any instant: `end` is kill -9."""

    def __init__(self, command: Sequence[str], now_ms: int) -> None:
        """Raises OSError: the program is not there."""
        self._process = subprocess.Popen(
            [*LOW, *command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        if self._process.stdout is None:
            raise OSError("a program without an output")
        self._pipe = self._process.stdout
        os.set_blocking(self._pipe.fileno(), False)
        self._said = b""
        self.began_ms = self.heard_ms = now_ms

    def fileno(self) -> int:
        return self._pipe.fileno()

    def listen(self, now_ms: int) -> int | None:
        """Take in what it says; its exit code once it has ended."""
        with contextlib.suppress(BlockingIOError):
            while said := os.read(self.fileno(), 1 << 16):
                self._said = (self._said + said)[-LAST_WORDS_BYTES_MAX:]
                self.heard_ms = now_ms
            return self._close()
        return None

    def lines(self) -> list[bytes]:
        """What it has said lately, whole lines, oldest first."""
        return [line for line in self._said.split(b"\n") if line]

    def end(self) -> None:
        self._pipe.close()
        self._wait_killed()

    def ended(self) -> bool:
        """Whether it is gone. One killed within a write of a slow disk is not, yet."""
        return self._process.poll() is not None

    def _close(self) -> int:
        self._pipe.close()
        try:
            return self._process.wait(END_S_MAX)
        except subprocess.TimeoutExpired:
            self._wait_killed()
            return -signal.SIGKILL

    def _wait_killed(self) -> None:
        self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(END_S_MAX)
