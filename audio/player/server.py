"""The Unix socket: lines in, lines out. A client that talks nonsense is answered; one that does not read is dropped."""

import contextlib
import select
import socket
from collections.abc import Iterator
from pathlib import Path

from audio.errors import ConfigurationError
from audio.player.protocol import LINE_BYTES_MAX

UNREAD_BYTES_MAX = 32 * 1024
SEND_BUFFER_BYTES = 16 * 1024
CLIENTS_MAX = 16
PROBE_S_MAX = 1.0
SOCKET_MODE = 0o660
DIRECTORY_MODE = 0o770


class Client:
    """One connection, with what it has not sent to its end and what it has not read."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        self.connection = connection
        self.unread = b""
        self.attends = False
        self._partial = b""

    def lines(self) -> list[bytes] | None:
        """Return the whole lines that arrived; None when the client is gone. A line too long comes cut, as it is."""
        try:
            data = self.connection.recv(LINE_BYTES_MAX)
        except BlockingIOError:
            return []
        except OSError:
            return None
        if not data:
            return None
        *lines, self._partial = (self._partial + data).split(b"\n")
        if len(self._partial) > LINE_BYTES_MAX:
            lines, self._partial = [*lines, self._partial], b""
        return lines

    def send(self, line: bytes) -> bool:
        """Send what the socket takes and keep the rest; False when the client is gone or does not read."""
        self.unread += line
        try:
            sent = self.connection.send(self.unread)
        except BlockingIOError:
            sent = 0
        except OSError:
            return False
        self.unread = self.unread[sent:]
        return len(self.unread) <= UNREAD_BYTES_MAX

    def mask(self) -> int:
        return select.POLLIN | (select.POLLOUT if self.unread else 0)


class SocketServer:
    """Every client of the player, by descriptor."""

    def __init__(self, path: Path) -> None:
        """Listen on `path`. Raises ConfigurationError when another player does, or the place cannot be used."""
        self._path = path
        self._listener = _listen(path)
        self._clients: dict[int, Client] = {}

    @property
    def attending(self) -> int:
        """How many clients attend to the sound."""
        return sum(client.attends for client in self._clients.values())

    def attend(self, fd: int) -> None:
        """Note that this client is no mere watcher."""
        if fd in self._clients:
            self._clients[fd].attends = True

    def poll_fds(self) -> list[tuple[int, int]]:
        clients = [(fd, client.mask()) for fd, client in self._clients.items()]
        return [(self._listener.fileno(), select.POLLIN), *clients]

    def receive(self, fired: list[tuple[int, int]]) -> Iterator[tuple[int, bytes]]:
        """Take in what fired: new clients, and (client, line) pairs."""
        for fd, _mask in fired:
            if fd == self._listener.fileno():
                self._accept()
            elif fd in self._clients:
                yield from self._read(fd)

    def send(self, fd: int, line: bytes) -> None:
        client = self._clients.get(fd)
        if client is not None and not client.send(line):
            self._drop(fd)

    def broadcast(self, line: bytes) -> None:
        for fd in list(self._clients):
            self.send(fd, line)

    def close(self) -> None:
        for fd in list(self._clients):
            self._drop(fd)
        self._listener.close()
        self._path.unlink(missing_ok=True)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            connection, _ = self._listener.accept()
            if len(self._clients) >= CLIENTS_MAX and not self._drop_a_watcher():
                connection.close()
            else:
                self._clients[connection.fileno()] = Client(connection)

    def _drop_a_watcher(self) -> bool:
        """Make room for a newcomer, who may be the kiosk; False when each one attends."""
        oldest = next((fd for fd, client in self._clients.items() if not client.attends), None)
        if oldest is not None:
            self._drop(oldest)
        return oldest is not None

    def _read(self, fd: int) -> Iterator[tuple[int, bytes]]:
        client = self._clients[fd]
        lines = client.lines()
        if lines is None or not client.send(b""):
            self._drop(fd)
        for line in lines or []:
            yield fd, line

    def _drop(self, fd: int) -> None:
        self._clients.pop(fd).connection.close()


def _listen(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    try:
        path.parent.mkdir(mode=DIRECTORY_MODE, parents=True, exist_ok=True)
        _remove_stale(path)
        listener.bind(str(path))
        path.chmod(SOCKET_MODE)
        listener.listen(CLIENTS_MAX)
    except OSError as error:
        listener.close()
        raise ConfigurationError(
            "socket",
            "The player's socket cannot be opened",
            value=f"{path}: {error}",
            allowed="a path of at most 107 bytes in a folder that may be written, used by no other player",
            remedy="Stop the other player, or choose another --socket.",
        ) from error
    return listener


def _remove_stale(path: Path) -> None:
    """A killed player leaves its socket behind; a living one answers."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(PROBE_S_MAX)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()
        except FileNotFoundError:
            return
        else:
            raise OSError("another player answers there")
