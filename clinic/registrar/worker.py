"""gunicorn's threaded worker, bounded: strangers may come to this port, and none may keep the threads for themselves.

gunicorn limits no handshake, no header that comes letter by letter, and no address: a few connections that say little
and never end would hold every thread, and no box could be enrolled.
"""

import contextlib
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from clinic.web_worker import WebWorker, closed

REQUEST_S_MAX = 20.0
"""From the first byte to the last of the answer, the handshake too. A box that is cut off asks again."""
OF_AN_ADDRESS_MAX = 16
"""Connections at a time. A whole care home may stand behind one address; a box needs one, for a tenth of a second."""


class Bounds:
    """How long a connection may take, and how many of one address are served at a time."""

    def __init__(self, request_s_max: float = REQUEST_S_MAX, of_an_address_max: int = OF_AN_ADDRESS_MAX) -> None:
        self._request_s_max, self._of_an_address_max = request_s_max, of_an_address_max
        self._here: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def entered(self, address: str) -> Iterator[bool]:
        """Whether one more of this address is served; it counts until the end."""
        with self._lock:
            served = self._here[address] < self._of_an_address_max
            self._here[address] += served
        try:
            yield served
        finally:
            with self._lock:
                self._here[address] -= served
                if not self._here[address]:
                    del self._here[address]

    @contextmanager
    def in_time(self, connection: Any) -> Iterator[None]:
        """Cut off what `connection.sock` is then, wherever its thread stands."""
        timer = threading.Timer(self._request_s_max, _cut, (connection,))
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


def _cut(connection: Any) -> None:
    with contextlib.suppress(OSError):  # closed meanwhile
        socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)  # TLS's own would have to be waited for


class BoundedWorker(WebWorker):
    """Every turn of a connection within its bounds."""

    def __init__(self, *words: Any, **named: Any) -> None:
        super().__init__(*words, **named)
        self._bounds = Bounds()

    def handle(self, conn: Any) -> Any:
        with self._bounds.entered(str(conn.client[0])) as served, self._bounds.in_time(conn):
            if served:
                return super().handle(conn)
            conn.sock.close()
            closed(conn)
            return False
