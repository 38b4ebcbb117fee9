"""gunicorn's threaded worker, which waits for no client: neither for its words for ever, nor until it closes.

gunicorn 27.0 waits for a client that does not close, two seconds each, in the one thread that accepts: thirty
connections a minute by anybody at all would have kept everybody out of console, shelf and registrar. And it bounds
neither a handshake, nor a head or a body that comes letter by letter: each held a thread for as long as it liked.
"""

import contextlib
import queue
import socket
import threading
import time
from functools import partial
from typing import Any

from gunicorn.http import get_parser  # type: ignore[import-untyped]
from gunicorn.http.errors import NoMoreData  # type: ignore[import-untyped]
from gunicorn.http.unreader import SocketUnreader  # type: ignore[import-untyped]
from gunicorn.sock import ssl_wrap_socket  # type: ignore[import-untyped]
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]

WORKER = "clinic.web_worker.WebWorker"
READ_S_MAX = 60.0
"""For all that a request has to say, from its first byte on: the handshake, its head, its body."""
DRAIN_S_MAX = 5.0
"""For what of a body nobody asked for, once it is answered."""
_LAST_WORD_S_MAX = 1.0
_TOO_SLOW = "The request did not come whole in time. Nothing of it was done: send it again, without pauses.\n"
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


class TooSlowError(NoMoreData):  # type: ignore[misc]  # gunicorn has no types
    """The time in which a client had to say all is over. To gunicorn it is one that went away."""


class InTime(SocketUnreader):  # type: ignore[misc]  # gunicorn has no types
    """What a client sends, read until `until_s` (monotonic). Raises TooSlowError then; `late` stays."""

    def __init__(self, sock: socket.socket, until_s: float, send_s_max: float | None = None) -> None:
        super().__init__(sock)
        self.until_s, self._send_s_max = until_s, send_s_max
        self.late = False

    def chunk(self, size_hint: int | None = None) -> bytes:
        left_s = self.until_s - time.monotonic()
        if left_s > 0:
            self.sock.settimeout(left_s)
            try:
                read: bytes = super().chunk(size_hint)
            except TimeoutError:
                pass
            else:
                return read
            finally:
                self.sock.settimeout(self._send_s_max)  # for what is written next
        self.late = True
        raise TooSlowError


class WebWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Bounds what is read; what is over is handed to the lingerer before the thread that accepts hears of it."""

    read_s_max: float = READ_S_MAX
    send_s_max: float | None = None
    """For a piece of an answer to go out (16 KiB at most under TLS). None: a slow client is waited for."""

    def init_process(self) -> None:
        self._lingerer = Lingerer()
        self._lingerer.start()
        super().init_process()

    def handle(self, conn: Any) -> Any:
        conn.init, conn.answered = partial(self._open, conn), False
        if conn.parser is not None:
            conn.parser.unreader.until_s = time.monotonic() + self.read_s_max
        goes_on = super().handle(conn)
        if goes_on is False:
            self._say_why(conn)
            self._lingerer.take(conn.sock)
            closed(conn)
            conn.init = None  # no circle, which would wait for the collector
        return goes_on

    def handle_request(self, req: Any, conn: Any) -> Any:
        conn.sock.settimeout(self.send_s_max)
        try:
            goes_on = super().handle_request(req, conn)
        except TimeoutError as error:
            raise NoMoreData from error  # it does not take its answer: gone, and no fault of ours
        conn.answered = True
        conn.parser.unreader.until_s = time.monotonic() + DRAIN_S_MAX
        return goes_on

    def _open(self, conn: Any) -> None:
        """In place of gunicorn's own, which waits for a handshake for ever."""
        if conn.initialized:
            return
        conn.initialized = True
        until_s = time.monotonic() + self.read_s_max
        if conn.cfg.is_ssl:
            conn.sock.settimeout(self.read_s_max)
            conn.sock = ssl_wrap_socket(conn.sock, conn.cfg)
            try:
                conn.sock.do_handshake()
            except TimeoutError as error:
                raise NoMoreData from error
        conn.parser = get_parser(conn.cfg, conn.sock, conn.client)
        conn.parser.unreader = InTime(conn.sock, until_s, self.send_s_max)

    def _say_why(self, conn: Any) -> None:
        if conn.parser is not None and conn.parser.unreader.late and not conn.answered:
            with contextlib.suppress(OSError):  # it may be gone
                conn.sock.settimeout(_LAST_WORD_S_MAX)
                conn.sock.sendall(last_word("408 Request Timeout", _TOO_SLOW))


def last_word(status: str, words: str) -> bytes:
    """A whole answer, for a connection that is closed then."""
    body = words.encode()
    head = f"Content-Type: text/plain; charset=utf-8\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return f"HTTP/1.1 {status}\r\n{head}".encode() + body


def closed(conn: Any) -> None:
    """There is nothing left to close."""
    conn.close = lambda graceful=False: None  # noqa: ARG005  # gunicorn's own signature
