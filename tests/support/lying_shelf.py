"""A shelf of packages that can be told to lie: HTTPS with mutual TLS under a real authority, in a thread."""

import contextlib
import hashlib
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from mqtt_bridge import authority
from mqtt_bridge.contract.packages import shelf_path

BLOCK = 16 * 1024


class Handler(BaseHTTPRequestHandler):
    """Looks at nothing but its behaviour of the moment."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_GET(self) -> None:
        shelf = self.server.shelf
        shelf.asked.append((self.path, self.headers.get("Range"), self.headers.get("If-Range")))
        behaviour = shelf.behaviours.pop(0) if shelf.behaviours else honest
        self.close_connection = True
        with contextlib.suppress(OSError):
            behaviour(self, shelf)

    def log_message(self, *_words: Any) -> None:
        """`asked` is the log."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    shelf: "LyingShelf"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed, or was refused at the handshake."""


Behaviour = Callable[[Handler, "LyingShelf"], None]


class LyingShelf:
    """`behaviours`: of the next requests, in order; then it is honest. `asked`: (path, Range, If-Range) of each."""

    def __init__(self, folder: Path, *, host: str = "127.0.0.1") -> None:
        self.authority = folder / "authority"
        authority.make_authority(self.authority, "maison")
        authority.issue(self.authority, host, folder / "shelf", server_host=host)
        self.files: dict[str, bytes] = {}
        self.asked: list[tuple[str, str | None, str | None]] = []
        self.behaviours: list[Behaviour] = []
        self.sent_bytes = 0
        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.shelf = self
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "shelf.crt", folder / "shelf.key")
        context.load_verify_locations(self.authority / "ca.pem")
        context.verify_mode = ssl.CERT_REQUIRED
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._server.server_address[1])

    def put(self, content: bytes) -> str:
        """Lay an archive on the shelf; its hash."""
        digest = hashlib.sha256(content).hexdigest()
        self.files[shelf_path(digest)] = content
        return digest

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextlib.contextmanager
def lying_shelf(folder: Path) -> Iterator[LyingShelf]:
    folder.mkdir()
    shelf = LyingShelf(folder)
    yield shelf
    shelf.close()


def _asked_from(handler: Handler) -> int:
    asked = handler.headers.get("Range")
    return int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0


def answer(
    handler: Handler,
    content: bytes,
    *,
    digest: str | None = None,
    start: int = 0,
    length: int | None = None,
    total: int | None = None,
    status: int | None = None,
    extra: dict[str, str] | None = None,
) -> None:
    """The beginning of an answer; `content[start:]` is for the caller to send."""
    size = total if total is not None else len(content)
    handler.send_response(status or (206 if start else 200))
    handler.send_header("ETag", f'"{digest or hashlib.sha256(content).hexdigest()}"')
    handler.send_header("Content-Length", str(len(content) - start if length is None else length))
    if start and status is None:
        handler.send_header("Content-Range", f"bytes {start}-{size - 1}/{size}")
    for name, value in (extra or {}).items():
        handler.send_header(name, value)
    handler.end_headers()


def send(handler: Handler, shelf: LyingShelf, content: bytes, *, pause_s: float = 0.0, block: int = BLOCK) -> None:
    for at in range(0, len(content), block):
        handler.wfile.write(content[at : at + block])
        shelf.sent_bytes += len(content[at : at + block])
        time.sleep(pause_s)


def honest(handler: Handler, shelf: LyingShelf) -> None:
    content = shelf.files.get(handler.path)
    if content is None:
        handler.send_error(404)
        return
    start = _asked_from(handler)
    answer(handler, content, start=start)
    send(handler, shelf, content[start:])


def slowly(pause_s: float) -> Behaviour:
    """Honest, a block at a time."""

    def behave(handler: Handler, shelf: LyingShelf) -> None:
        content, start = shelf.files[handler.path], _asked_from(handler)
        answer(handler, content, start=start)
        send(handler, shelf, content[start:], pause_s=pause_s)

    return behave


def cut_after(count: int) -> Behaviour:
    """The connection ends after so many bytes."""

    def behave(handler: Handler, shelf: LyingShelf) -> None:
        content, start = shelf.files[handler.path], _asked_from(handler)
        answer(handler, content, start=start)
        send(handler, shelf, content[start : start + count])

    return behave


def trickle(handler: Handler, shelf: LyingShelf) -> None:
    """One byte now and then."""
    content = shelf.files[handler.path]
    answer(handler, content)
    send(handler, shelf, content, pause_s=0.1, block=1)


def never_answers(handler: Handler, _shelf: LyingShelf) -> None:
    """A header that does not end."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(1000):
        handler.wfile.write(f"X-{number}: x\r\n".encode())
        time.sleep(0.1)


def wrong_bytes(handler: Handler, shelf: LyingShelf) -> None:
    """All as announced, but one bit."""
    content, start = shelf.files[handler.path], _asked_from(handler)
    answer(handler, content, start=start)
    wrong = bytearray(content)
    wrong[-1] ^= 1
    send(handler, shelf, bytes(wrong)[start:])


def too_short(handler: Handler, shelf: LyingShelf) -> None:
    content = shelf.files[handler.path]
    answer(handler, content, length=len(content) - 10)
    send(handler, shelf, content[:-10])


def endless(handler: Handler, shelf: LyingShelf) -> None:
    """No length announced, and no end."""
    content = shelf.files[handler.path]
    handler.send_response(200)
    handler.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
    handler.end_headers()
    while True:
        send(handler, shelf, bytes(BLOCK))


def more_than_announced(handler: Handler, shelf: LyingShelf) -> None:
    content = shelf.files[handler.path]
    answer(handler, content)
    send(handler, shelf, content + bytes(10 * BLOCK))


def whole_again(handler: Handler, shelf: LyingShelf) -> None:
    """200 although a range was asked for."""
    content = shelf.files[handler.path]
    answer(handler, content)
    send(handler, shelf, content)


def another_range(handler: Handler, shelf: LyingShelf) -> None:
    content, start = shelf.files[handler.path], _asked_from(handler)
    answer(handler, content, start=start + 1, length=len(content) - start)
    send(handler, shelf, content[start:])


def another_file(handler: Handler, shelf: LyingShelf) -> None:
    content, start = shelf.files[handler.path], _asked_from(handler)
    answer(handler, content, start=start, digest="f" * 64)
    send(handler, shelf, content[start:])


def deflated(handler: Handler, shelf: LyingShelf) -> None:
    content, start = shelf.files[handler.path], _asked_from(handler)
    answer(handler, content, start=start, extra={"Content-Encoding": "gzip"})
    send(handler, shelf, content[start:])


def status(code: int, **headers: str) -> Behaviour:
    def behave(handler: Handler, shelf: LyingShelf) -> None:
        answer(handler, b"", status=code, extra=headers)

    return behave
