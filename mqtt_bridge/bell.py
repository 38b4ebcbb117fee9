"""An empty datagram that wakes another process. It may be lost: a poll every 30 seconds is the net."""

import contextlib
import socket
from pathlib import Path

POLL_S = 30.0


class Bell:
    """Our own bell: others ring it, we select on it."""

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self._path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._socket.bind(str(path))
        path.chmod(0o660)
        self._inode = path.stat().st_ino

    def fileno(self) -> int:
        return self._socket.fileno()

    def silence(self) -> None:
        """Take every ring that waits."""
        with contextlib.suppress(BlockingIOError):
            while True:
                self._socket.recv(1)

    def close(self) -> None:
        self._socket.close()
        with contextlib.suppress(FileNotFoundError):
            if self._path.stat().st_ino == self._inode:  # a newer process may have put its own there
                self._path.unlink()


def ring(path: Path) -> None:
    """Wake whoever listens at `path`. Nobody there, or too many rings already, is no error."""
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sender,
        contextlib.suppress(OSError),
    ):
        sender.sendto(b"", str(path))
