"""What a box asks of a clinic's server ends, however the server answers."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mqtt_bridge import authority
from mqtt_bridge.https import ANSWER_BYTES_MAX, Server, TooSlowError
from mqtt_bridge.tls import nameless_context

HEAD = b"HTTP/1.1 200 OK\r\n\r\n"
Talk = Callable[[socket.socket, ssl.SSLContext, threading.Event], None]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("authority")
    authority.make_authority(folder, "maison")
    authority.issue(folder, "server", folder / "server", server_host="127.0.0.1")
    return folder


@contextlib.contextmanager
def serving(files: Path, talk: Talk) -> Iterator[int]:
    """The port of a server that speaks with one client as `talk` does, until `over`."""
    context, over = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), threading.Event()
    context.load_cert_chain(files / "server.crt", files / "server.key")
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with listening.accept()[0] as client, contextlib.suppress(OSError):  # the client left
                talk(client, context, over)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            over.set()
            thread.join()


def trickle(send: Callable[[bytes], object], raw: bytes, over: threading.Event) -> None:
    """Byte by byte, far sooner than a silence is noticed, and never to the end."""
    at = 0
    while not over.wait(0.02):
        send(raw[at : at + 1] or b".")
        at += 1


def in_the_handshake(client: socket.socket, _context: ssl.SSLContext, over: threading.Event) -> None:
    trickle(client.sendall, b"\x16\x03\x03\x40\x00", over)  # a record of 16 KiB


def in_its_head(client: socket.socket, context: ssl.SSLContext, over: threading.Event) -> None:
    with context.wrap_socket(client, server_side=True) as spoken:
        trickle(spoken.sendall, HEAD[:-2] + b"X-Slow: ", over)


def in_its_body(client: socket.socket, context: ssl.SSLContext, over: threading.Event) -> None:
    with context.wrap_socket(client, server_side=True) as spoken:
        spoken.sendall(HEAD[:-2] + b"Content-Length: 60000\r\n\r\n")
        trickle(spoken.sendall, b"", over)


@pytest.mark.parametrize("talk", [in_the_handshake, in_its_head, in_its_body])
def test_who_trickles_is_left(files: Path, talk: Talk) -> None:
    context = nameless_context((files / "ca.pem").read_text())
    with serving(files, talk) as port, pytest.raises(TooSlowError, match="within"):
        Server("127.0.0.1", port, context, talk_s_max=0.5).ask("GET", "/", b"")


def test_an_answer_is_read_to_its_limit(files: Path) -> None:
    def endless(client: socket.socket, context: ssl.SSLContext, over: threading.Event) -> None:
        with context.wrap_socket(client, server_side=True) as spoken:
            spoken.sendall(HEAD)
            while not over.is_set():
                spoken.sendall(b"." * 16_384)

    with serving(files, endless) as port:
        answer = Server("127.0.0.1", port, nameless_context((files / "ca.pem").read_text())).ask("GET", "/", b"")
    assert (answer.status, len(answer.said)) == (200, ANSWER_BYTES_MAX + 1)
