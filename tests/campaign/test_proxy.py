"""The network of machines without namespaces: it carries, cuts, falls silent, and leaves nothing open."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.campaign.proxy import Proxy

S_MAX = 10.0


@pytest.fixture
def echo() -> Iterator[tuple[str, int]]:
    """A server that says again what it hears."""
    server = socket.create_server(("127.0.0.1", 0))

    def again(side: socket.socket) -> None:
        with closing(side):
            try:
                while heard := side.recv(100):
                    side.sendall(heard)
            except OSError:
                return

    def serve() -> None:
        while True:
            try:
                side, _ = server.accept()
            except OSError:
                return
            threading.Thread(target=again, args=(side,), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield server.getsockname()
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()


def address_of(proxy: Proxy) -> tuple[str, int]:
    return "127.0.0.1", proxy.port


def says(side: socket.socket, word: bytes) -> bytes:
    """What comes back; nothing: the connection has ended."""
    try:
        side.sendall(word)
        return side.recv(100)
    except ConnectionError:
        return b""


def test_it_carries_and_is_cut_and_mended(echo: tuple[str, int]) -> None:
    proxy = Proxy(echo)
    try:
        with closing(socket.create_connection(address_of(proxy), S_MAX)) as side:
            assert says(side, b"one") == b"one"
            proxy.cut()
            assert says(side, b"two") == b""
        with (
            contextlib.suppress(ConnectionError),
            closing(socket.create_connection(address_of(proxy), S_MAX)) as refused,
        ):
            assert says(refused, b"three") == b""
        proxy.mend()
        with closing(socket.create_connection(address_of(proxy), S_MAX)) as new:
            assert says(new, b"four") == b"four"
    finally:
        proxy.close()


def test_in_silence_nothing_comes_and_nobody_is_told(echo: tuple[str, int]) -> None:
    proxy = Proxy(echo)
    try:
        with closing(socket.create_connection(address_of(proxy), S_MAX)) as side:
            assert says(side, b"one") == b"one"
            proxy.silence()
            side.settimeout(0.3)
            side.sendall(b"two")
            with pytest.raises(TimeoutError):
                side.recv(100)
            proxy.mend()
            side.settimeout(S_MAX)
            assert says(side, b"three") == b"", "it notices when it speaks"
    finally:
        proxy.close()


def test_a_closed_proxy_leaves_its_port(echo: tuple[str, int]) -> None:
    proxy = Proxy(echo)
    proxy.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address_of(proxy), S_MAX)
