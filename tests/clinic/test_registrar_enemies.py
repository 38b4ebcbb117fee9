"""Strangers at the registrar's port: they hold its threads, guess codes, write its log. Real process, real TLS."""

import contextlib
import http.client
import logging
import os
import socket
import sqlite3
import ssl
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from clinic.door_worker import OF_AN_ADDRESS_MAX, Share
from clinic.registrar.seldom import Seldom
from mqtt_bridge import authority, seal
from mqtt_bridge.contract.codec import encode
from mqtt_bridge.contract.enrolling import CA_PATH, ENROL_PATH, EnrolmentAsked
from mqtt_bridge.tls import nameless_context
from tests.clinic.parts import Commands, furnished, running

ANSWER_S_MAX = 25
CROWD = 60
STRANGER = "127.0.0.2"


@pytest.fixture(scope="module")
def registrar() -> Iterator[tuple[Commands, int]]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CHEVET_", "DJANGO_"))}
    environment = {**kept, "PYTHONWARNINGS": "error"}
    with furnished(environment) as commands, running(commands, "registrar") as process:
        yield commands, int(process.line().strip().rstrip("/").rsplit(":", 1)[1])


def context_of(commands: Commands) -> ssl.SSLContext:
    return nameless_context((commands.home / "authority" / "ca.pem").read_text())


def ask(registrar: tuple[Commands, int], path: str, body: bytes = b"") -> tuple[int, bytes]:
    commands, port = registrar
    context = context_of(commands)
    with closing(http.client.HTTPSConnection("127.0.0.1", port, timeout=ANSWER_S_MAX, context=context)) as connection:
        connection.request("POST" if body else "GET", path, body or None)
        answer = connection.getresponse()
        return answer.status, answer.read()


def says_one_byte(raw: socket.socket, _context: ssl.SSLContext) -> socket.socket:
    raw.sendall(b"\x16")  # of a TLS handshake that never goes on
    return raw


def stops_in_its_head(raw: socket.socket, context: ssl.SSLContext) -> socket.socket:
    connection = context.wrap_socket(raw, server_hostname="127.0.0.1")
    connection.sendall(b"GET /v1/ca HTTP/1.1\r\nX-Slow: ")
    return connection


def stays_for_a_second_request(raw: socket.socket, context: ssl.SSLContext) -> socket.socket:
    connection = context.wrap_socket(raw, server_hostname="127.0.0.1")
    connection.sendall(b"GET /v1/ca HTTP/1.1\r\nHost: x\r\n\r\n")
    connection.recv(1)
    connection.sendall(b"G")
    return connection


@pytest.mark.parametrize("enemy", [says_one_byte, stops_in_its_head, stays_for_a_second_request])
def test_a_crowd_that_falls_silent_keeps_nobody_out(
    registrar: tuple[Commands, int], enemy: Callable[[socket.socket, ssl.SSLContext], socket.socket]
) -> None:
    """gunicorn gives each a thread, for as long as it likes."""
    context = context_of(registrar[0])
    with contextlib.ExitStack() as crowd:
        for _ in range(CROWD):
            raw = socket.create_connection(("127.0.0.1", registrar[1]), ANSWER_S_MAX, (STRANGER, 0))
            with contextlib.suppress(OSError):  # it is shut out already
                crowd.enter_context(closing(raw))
                crowd.enter_context(closing(enemy(raw, context)))
        assert ask(registrar, CA_PATH)[0] == 200


def test_clients_that_do_not_close_keep_nobody_out_of_the_console(registrar: tuple[Commands, int]) -> None:
    """gunicorn waits for each, in the one thread that accepts: two seconds a connection, by anybody."""
    with running(registrar[0], "console", "--port", "0") as console, contextlib.ExitStack() as crowd:
        port = int(console.line().strip().rstrip("/").rsplit(":", 1)[1])
        for _ in range(CROWD):
            raw = crowd.enter_context(closing(socket.create_connection(("127.0.0.1", port), ANSWER_S_MAX)))
            raw.sendall(b"NONSENSE\r\n\r\n")
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=ANSWER_S_MAX)) as connection:
            connection.request("GET", "/login")
            assert connection.getresponse().status < 500


def asked(folder: Path, name: str) -> dict[str, str | bytes]:
    key, public = folder / "key.pem", seal.make_keys().public
    authority.make_key(key)
    request = authority.make_request(key, "box").decode()
    return {"name": name, "secret": "0" * 10, "verify": public.verify, "seal": public.seal, "request": request}


def test_guesses_write_no_trail(registrar: tuple[Commands, int], tmp_path: Path) -> None:
    """It is kept for ever, and anybody could fill the disk with it; a try of a code that there is stands in it."""
    commands, _ = registrar
    said = commands.run("enrolment-code", "--patient", "martin", "--box", "box-90")
    name = next(line.split('"')[1] for line in said.splitlines() if line.startswith("code = "))[:4]
    other = "0000" if name != "0000" else "1111"
    for one in (other, other, other, name):
        body = encode(EnrolmentAsked(**asked(tmp_path, one)))  # type: ignore[arg-type]
        assert ask(registrar, ENROL_PATH, body)[0] == 403
    with closing(sqlite3.connect(commands.home / "audit.db")) as trail:
        refused = trail.execute("SELECT detail FROM audit_auditevent WHERE action = 'refused'").fetchall()
    assert refused == [(f"enrolment by the code {name}",)]


def test_a_clinic_that_cannot_answer_says_so_and_costs_no_code(registrar: tuple[Commands, int], tmp_path: Path) -> None:
    commands, _ = registrar
    body = encode(EnrolmentAsked(**asked(tmp_path, "ABCD")))  # type: ignore[arg-type]
    record, aside = commands.home / "clinic.db", commands.home / "clinic.aside"
    record.rename(aside)
    try:
        status, said = ask(registrar, ENROL_PATH, body)
    finally:
        record.unlink(missing_ok=True)
        aside.rename(record)
    assert status == 503
    assert b"nothing is lost" in said
    assert ask(registrar, ENROL_PATH, body)[0] == 403


@pytest.mark.parametrize("name", ["A\x00BC", "A\nBC", "AILO", "éABC"])
def test_a_name_that_no_code_has_is_unreadable(registrar: tuple[Commands, int], tmp_path: Path, name: str) -> None:
    """A database, a log line, a terminal would each make something else of it."""
    body = encode(EnrolmentAsked(**asked(tmp_path, name)))  # type: ignore[arg-type]
    assert ask(registrar, ENROL_PATH, body)[0] == 400


def test_one_of_an_address_more_than_its_share_is_not_served() -> None:
    share = Share(OF_AN_ADDRESS_MAX)
    assert all(share.enter("10.0.0.1") for _ in range(OF_AN_ADDRESS_MAX))
    assert not share.enter("10.0.0.1")
    assert share.enter("10.0.0.2")
    share.leave("10.0.0.1")
    assert share.enter("10.0.0.1")
    assert not share.enter("10.0.0.1")


def test_a_stranger_causes_one_line_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    told = Seldom(logging.getLogger("clinic.registrar.desk"), every_s=3600)
    for _ in range(1000):
        told.warning("refused: a code")
    assert caplog.messages == ["refused: a code"]
    told = Seldom(logging.getLogger("clinic.registrar.desk"), every_s=0)
    told.warning("refused: another")
    assert caplog.messages[-1] == "refused: another"
