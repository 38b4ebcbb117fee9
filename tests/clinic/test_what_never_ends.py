"""Requests that never end, at registrar and shelf: real processes, real TLS. What they may take, memory and time, ends.

The registrar's enemy is a stranger, the shelf's holds a box's certificate. Each is told why, in words.
"""

import contextlib
import os
import select
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPSConnection
from itertools import repeat
from pathlib import Path

import pytest

from clinic.web_worker import InTime, TooSlowError
from mqtt_bridge.contract.enrolling import CA_PATH, ENROL_PATH
from mqtt_bridge.tls import client_context, nameless_context
from tests.bench.watch import memory_of
from tests.clinic.parts import furnished, running

GIB, MIB = 2**30, 2**20
GROWN_MIB_MAX = 16.0
HELD_S_MAX = 120.0
"""The client's own patience, six times the server's."""
EVERY_S = 1.0
CROWD = 60
STRANGER = "127.0.0.2"
NOWHERE = f"/packages/{'0' * 64}.chevet"
Say = Callable[[str], tuple[bytes, Iterator[bytes]]]


@dataclass(frozen=True)
class Door:
    """One server, as its enemy meets it."""

    name: str
    pid: int
    port: int
    context: ssl.SSLContext
    head: str
    """Of a request that may have a body, without its end."""
    ordinary: str
    answers: int
    """To an ordinary request."""

    def connect(self, address: str = "127.0.0.1") -> ssl.SSLSocket:
        plain = socket.create_connection(("127.0.0.1", self.port), HELD_S_MAX, (address, 0))
        return self.context.wrap_socket(plain, server_hostname="127.0.0.1")

    def serves(self) -> int:
        connection = HTTPSConnection("127.0.0.1", self.port, timeout=HELD_S_MAX, context=self.context)
        with closing(connection):
            connection.request("GET", self.ordinary)
            return connection.getresponse().status

    def peak_mib(self) -> float:
        """Of the processes that serve, together."""
        return sum(memory_of(pid).peak for pid in _children(self.pid))


def _children(pid: int) -> list[int]:
    files = (Path(f"/proc/{pid}/task/{pid}/children"),)
    return [int(child) for file in files for child in file.read_text().split()]


@pytest.fixture(scope="module")
def doors() -> Iterator[dict[str, Door]]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CHEVET_", "DJANGO_"))}
    with (
        furnished({**kept, "PYTHONWARNINGS": "error"}) as commands,
        running(commands, "registrar") as registrar,
        running(commands, "shelf") as shelf,
    ):
        ca, box = commands.home / "authority" / "ca.pem", commands.home.parent / "box"
        ports = [int(one.line().strip().rstrip("/").rsplit(":", 1)[1]) for one in (registrar, shelf)]
        stranger, of_a_box = nameless_context(ca.read_text()), client_context(ca, box / "box.crt", box / "box.key")
        enrol, fetch = (f"{method} HTTP/1.1\r\nHost: x\r\n" for method in (f"POST {ENROL_PATH}", f"GET {NOWHERE}"))
        yield {
            "registrar": Door("registrar", registrar.popen.pid, ports[0], stranger, enrol, CA_PATH, 200),
            "shelf": Door("shelf", shelf.popen.pid, ports[1], of_a_box, fetch, NOWHERE, 404),
        }


# What an enemy says: at once, and then again and again


def a_chunked_body(head: str) -> tuple[bytes, Iterator[bytes]]:
    return f"{head}Transfer-Encoding: chunked\r\n\r\n".encode(), repeat(b"10000\r\n" + b"x" * 65536 + b"\r\n")


def a_gigabyte(head: str) -> tuple[bytes, Iterator[bytes]]:
    return f"{head}Content-Length: {GIB}\r\n\r\n".encode(), repeat(b"x" * 65536)


def a_long_line_of_the_head(head: str) -> tuple[bytes, Iterator[bytes]]:
    return f"{head}X-Long: ".encode(), repeat(b"x" * 65536)


def a_head_of_many_lines(head: str) -> tuple[bytes, Iterator[bytes]]:
    return head.encode(), repeat(b"X-Line: x\r\n" * 5000)


def a_head_letter_by_letter(head: str) -> tuple[bytes, Iterator[bytes]]:
    return f"{head}X-Slow: ".encode(), repeat(b"x")


def a_body_letter_by_letter(head: str) -> tuple[bytes, Iterator[bytes]]:
    return f"{head}Content-Length: 1000\r\n\r\n".encode(), repeat(b"x")


def chunks_letter_by_letter(head: str) -> tuple[bytes, Iterator[bytes]]:
    return f"{head}Transfer-Encoding: chunked\r\n\r\n".encode(), repeat(b"1\r\nx\r\n")


def a_body_that_never_begins(head: str) -> tuple[bytes, Iterator[bytes]]:
    return f"{head}Content-Length: {GIB}\r\n\r\n".encode(), iter(())


def said_to(door: Door, enemy: Say, every_s: float) -> bytes:
    """What the server answers to an enemy that goes on talking, `every_s`, until it is shut out."""
    first, more = enemy(door.head)
    with closing(door.connect()) as connection:
        connection.sendall(first)
        answer, until_s, say_s = b"", time.monotonic() + HELD_S_MAX, time.monotonic()
        while time.monotonic() < until_s:
            with contextlib.suppress(OSError):  # it is shut out while it talks: what was said to it is still there
                if time.monotonic() >= say_s:
                    say_s += every_s
                    connection.sendall(next(more, b""))
            if not every_s or connection.pending() or select.select([connection], [], [], every_s)[0]:
                piece = _heard(connection)
                if piece == b"":
                    return answer
                answer += piece or b""
    pytest.fail(f"{door.name}: {enemy.__name__} was never shut out")


def _heard(connection: ssl.SSLSocket) -> bytes | None:
    """What is there; empty: it is over; None: nothing yet (TLS 1.3 sends tickets, which are no words of the server)."""
    connection.settimeout(0.0)
    try:
        return connection.recv(65536)
    except (ssl.SSLWantReadError, BlockingIOError):
        return None
    except OSError:
        return b""
    finally:
        connection.settimeout(HELD_S_MAX)


FLOODS: list[tuple[str, Say, int]] = [
    ("registrar", a_chunked_body, 411),
    ("registrar", a_gigabyte, 413),
    ("registrar", a_long_line_of_the_head, 431),
    ("registrar", a_head_of_many_lines, 431),
    ("shelf", a_chunked_body, 413),
    ("shelf", a_gigabyte, 413),
    ("shelf", a_long_line_of_the_head, 431),
    ("shelf", a_head_of_many_lines, 431),
]


@pytest.mark.parametrize(("name", "enemy", "status"), FLOODS, ids=lambda one: getattr(one, "__name__", str(one)))
def test_a_request_without_end_is_refused_and_not_gathered(
    doors: dict[str, Door], name: str, enemy: Say, status: int
) -> None:
    door = doors[name]
    assert door.serves() == door.answers
    before = door.peak_mib()
    answer = said_to(door, enemy, 0.0)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode()), answer[:200]
    assert len(answer.partition(b"\r\n\r\n")[2]) > 20, "in words"
    assert door.peak_mib() - before < GROWN_MIB_MAX
    assert door.serves() == door.answers


SLOW: list[tuple[str, Say, int]] = [
    ("registrar", a_head_letter_by_letter, 408),
    ("registrar", a_body_letter_by_letter, 408),
    ("registrar", chunks_letter_by_letter, 411),
    ("registrar", a_body_that_never_begins, 413),
    ("shelf", a_head_letter_by_letter, 408),
    ("shelf", a_body_letter_by_letter, 413),
    ("shelf", chunks_letter_by_letter, 413),
    ("shelf", a_body_that_never_begins, 413),
]


@pytest.mark.slow
def test_whoever_is_slow_is_told_so_and_keeps_nobody_out(doors: dict[str, Door]) -> None:
    """All of them at once: each takes the server's whole patience."""
    with ThreadPoolExecutor(len(SLOW)) as crowd:
        answers = [crowd.submit(said_to, doors[name], enemy, EVERY_S) for name, enemy, _ in SLOW]
        for door in doors.values():
            assert door.serves() == door.answers
        for (name, enemy, status), answer in zip(SLOW, answers, strict=True):
            said = answer.result()
            assert said.startswith(f"HTTP/1.1 {status} ".encode()), (name, enemy.__name__, said[:200])
            assert len(said.partition(b"\r\n\r\n")[2]) > 20, "in words"
    for door in doors.values():
        assert door.serves() == door.answers


def says_one_byte(door: Door, plain: socket.socket) -> socket.socket:
    plain.sendall(b"\x16")  # of a TLS handshake that never goes on
    return plain


def stops_in_its_head(door: Door, plain: socket.socket) -> socket.socket:
    connection = door.context.wrap_socket(plain, server_hostname="127.0.0.1")
    connection.sendall(door.head.encode())
    return connection


@pytest.mark.parametrize("enemy", [says_one_byte, stops_in_its_head])
def test_a_crowd_that_falls_silent_keeps_nobody_out_of_the_shelf(
    doors: dict[str, Door], enemy: Callable[[Door, socket.socket], socket.socket]
) -> None:
    """Without a bound each would hold one of its 32 threads, for ever; the first needs no certificate for it."""
    door = doors["shelf"]
    with contextlib.ExitStack() as crowd:
        for _ in range(CROWD):
            plain = socket.create_connection(("127.0.0.1", door.port), HELD_S_MAX, (STRANGER, 0))
            with contextlib.suppress(OSError):  # it is shut out already
                crowd.enter_context(closing(plain))
                crowd.enter_context(closing(enemy(door, plain)))
        assert door.serves() == door.answers


# The bound itself


def test_what_comes_letter_by_letter_is_left() -> None:
    """Each of its letters is in time; all of it is not."""
    near, far = socket.socketpair()
    with closing(near), closing(far):
        reading = InTime(near, time.monotonic() + 0.3)
        with pytest.raises(TooSlowError):
            _read_letters(reading, far)
        assert reading.late
        assert near.gettimeout() is None, "what is written then waits as before"


def _read_letters(reading: InTime, far: socket.socket) -> None:
    while True:
        far.sendall(b"x")
        assert reading.chunk() == b"x"


def test_what_is_there_in_time_is_read() -> None:
    near, far = socket.socketpair()
    with closing(near), closing(far):
        far.sendall(b"GET")
        reading = InTime(near, time.monotonic() + HELD_S_MAX, send_s_max=7.0)
        assert (reading.chunk(), near.gettimeout()) == (b"GET", 7.0)
        far.close()
        assert reading.chunk() == b""
        assert not reading.late
