"""gunicorn's threaded worker, which does not wait for clients that stay.

gunicorn 27.0 waits for a client that does not close, two seconds each, in the one thread that accepts: thirty
connections a minute by anybody at all would have kept everybody out of console, shelf and registrar.
"""

import contextlib
import queue
import socket
import threading
import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

WORKER = "clinic.web_worker.WebWorker"
LINGER_S_MAX = 2.0
"""Closed at once, what a client still sends would be answered by a reset: our last words lost (RFC 9112, 9.6)."""
LINGERING_MAX = 512
_LOOK_S = 0.1
_READ_BYTES = 64 * 1024


class Lingerer(threading.Thread):
    """Closes connections once their client has, or after a while: all of them in one thread that nobody waits for."""

    def __init__(self) -> None:
        super().__init__(name="lingerer", daemon=True)
        self._new: queue.SimpleQueue[tuple[socket.socket, float]] = queue.SimpleQueue()
        self._staying: list[tuple[socket.socket, float]] = []

    def take(self, sock: socket.socket) -> None:
        """Nothing more is said to it."""
        try:
            sock.shutdown(socket.SHUT_WR)
            sock.setblocking(False)
        except OSError:
            sock.close()
            return
        self._new.put((sock, time.monotonic() + LINGER_S_MAX))

    def run(self) -> None:
        while True:
            with contextlib.suppress(queue.Empty):
                self._staying.append(self._new.get(timeout=_LOOK_S if self._staying else None))
                while len(self._staying) < LINGERING_MAX:
                    self._staying.append(self._new.get_nowait())
            self._staying = [one for one in self._staying if self._stays(*one)]

    def _stays(self, sock: socket.socket, until_s: float) -> bool:
        over = time.monotonic() >= until_s or len(self._staying) >= LINGERING_MAX
        try:
            over = over or not sock.recv(_READ_BYTES)
        except BlockingIOError:
            pass
        except OSError:
            over = True
        if over:
            sock.close()
        return not over


class WebWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """What is over is handed to the lingerer before the thread that accepts hears of it."""

    def init_process(self) -> None:
        self._lingerer = Lingerer()
        self._lingerer.start()
        super().init_process()

    def handle(self, conn: Any) -> Any:
        goes_on = super().handle(conn)
        if goes_on is False:
            self._lingerer.take(conn.sock)
            closed(conn)
        return goes_on


def closed(conn: Any) -> None:
    """There is nothing left to close."""
    conn.close = lambda graceful=False: None  # noqa: ARG005  # gunicorn's own signature
