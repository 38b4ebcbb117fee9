"""Wakes the loop from a thread or a signal."""

import contextlib
import os


class Wake:
    """A pipe to oneself."""

    def __init__(self) -> None:
        self._read_fd, self._write_fd = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    def __call__(self) -> None:
        with contextlib.suppress(BlockingIOError):  # full: it will wake anyway
            os.write(self._write_fd, b"!")

    def fileno(self) -> int:
        return self._read_fd

    def clear(self) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(self._read_fd, 4096)

    def close(self) -> None:
        os.close(self._read_fd)
        os.close(self._write_fd)
