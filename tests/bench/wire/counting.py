"""A proxy between a box and its broker that counts what passes: bytes, and the TLS records that they are in."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

RECORD_HEADER, APPLICATION_DATA = 5, 23
RECORD_MORE = 22
"""What TLS 1.3 adds to each record: header 5, kind 1, tag 16 (RFC 8446 5.2; OpenSSL pads nothing)."""
BLOCK = 65_536


@dataclass
class Counted:
    """Of one direction. `plain` counts whole records of application data; the end of the handshake is among them."""

    passed: int = 0
    plain: int = 0
    _left: bytes = b""

    def take(self, raw: bytes) -> None:
        self.passed += len(raw)
        self._left += raw
        while len(self._left) >= RECORD_HEADER:
            size = RECORD_HEADER + int.from_bytes(self._left[3:5], "big")
            if len(self._left) < size:
                return
            if self._left[0] == APPLICATION_DATA:
                self.plain += size - RECORD_MORE
            self._left = self._left[size:]


@dataclass
class Counting:
    port: int
    up: Counted = field(default_factory=Counted)
    down: Counted = field(default_factory=Counted)

    @property
    def totals(self) -> tuple[int, int]:
        """(with TLS, without) of both directions, so far."""
        return self.up.passed + self.down.passed, self.up.plain + self.down.plain


@contextlib.contextmanager
def counting(host: str, port: int) -> Iterator[Counting]:
    """Listens on a port of its own and passes everything on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        counted = Counting(listening.getsockname()[1])
        threading.Thread(target=_accept, args=(listening, (host, port), counted), daemon=True).start()
        yield counted
        listening.shutdown(socket.SHUT_RDWR)


def _accept(listening: socket.socket, there: tuple[str, int], counted: Counting) -> None:
    with contextlib.suppress(OSError):
        while True:
            near, _ = listening.accept()
            far = socket.create_connection(there)
            for one, other, count in ((near, far, counted.up), (far, near, counted.down)):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=_pass, args=(one, other, count), daemon=True).start()


def _pass(one: socket.socket, other: socket.socket, counted: Counted) -> None:
    with contextlib.suppress(OSError):
        while raw := one.recv(BLOCK):
            counted.take(raw)
            other.sendall(raw)
        other.shutdown(socket.SHUT_WR)
