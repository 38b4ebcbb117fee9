"""A datagram socket in the clinic's home: whoever writes an order rings it, and ingest sends the order at once.

An empty datagram, nothing else: what it is about is in the database. A bell nobody answers is no error: ingest looks
by itself every few seconds.
"""

import contextlib
import socket
from pathlib import Path

_DRAINED_MAX = 64


def ring(path: Path) -> None:
    """Wake the ingest process, when there is one."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as bell:
        bell.setblocking(False)
        bell.sendto(b"", str(path))


class Bell:
    """The ingest process's end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        path.unlink(missing_ok=True)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        path.chmod(0o660)
        self.socket.setblocking(False)

    def drain(self) -> bool:
        return drain(self.socket)

    def close(self) -> None:
        self.socket.close()
        self._path.unlink(missing_ok=True)


def drain(bell: socket.socket) -> bool:
    """Take what has been rung so far; whether there was anything."""
    rung = False
    with contextlib.suppress(BlockingIOError):
        for _ in range(_DRAINED_MAX):
            bell.recv(64)
            rung = True
    return rung
