"""A revoked box at the clinic's real broker, and the clinic's own certificates: real processes, real TLS."""

import os
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mqtt_bridge import authority
from mqtt_bridge.broker import reload
from mqtt_bridge.contract import wire
from mqtt_bridge.enrolment import load
from mqtt_bridge.mqtt.port import Connected, Disconnected, Event, Sent
from mqtt_bridge.tls import client_context
from tests.clinic.parts import Commands, Link, furnished, revoke_on_the_console, running

REVOKED_S_MAX = 60.0
"""Issue « the wire »: revocation works within a minute on a connected box."""


@pytest.fixture(scope="module")
def commands() -> Iterator[Commands]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CHEVET_", "DJANGO_"))}
    environment = {**kept, "PYTHONWARNINGS": "error"}
    with furnished(environment) as made, running(made, "broker"):
        yield made


class Watched(Link):
    """A box that is connected, and what the broker does to it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.seen: list[Event] = []

    def connect(self) -> None:
        self.client.start((f"chevet/v1/maison/{self.enrolled.place.box}/down",), None)
        self.until(lambda event: isinstance(event, Connected))

    def is_let(self, channel: wire.Channel) -> bool:
        """Whether the rights let it write there; MQTT 5 says so."""
        place = self.enrolled.place
        ticket = self.client.publish(wire.topic(place.clinic, place.box, channel), b"?")
        answers: list[Sent] = []

        def told(event: Event) -> bool:
            answers.extend([event] if isinstance(event, Sent) and event.ticket == ticket else [])
            return bool(answers)

        self.until(told)
        return answers[0].reason != "Not authorized"

    def shut_out(self, began_s: float) -> None:
        """Until it was thrown out, and refused again and again when it came back.

        began_s: when somebody began to revoke it, by this process's monotonic clock. What is told here is when we
        looked: no sooner than it was.
        """
        ends_s: list[float] = []

        def seen(event: Event) -> bool:
            assert not isinstance(event, Connected), "it came back"
            ends_s.extend([time.monotonic() - began_s] if isinstance(event, Disconnected) else [])
            return len(ends_s) >= 3

        self.until(seen)
        thrown_out_s, refused_s, *_ = ends_s
        print(f"thrown out after {thrown_out_s:.1f} s, refused when it came back after {refused_s:.1f} s")
        assert thrown_out_s <= REVOKED_S_MAX
        assert refused_s <= REVOKED_S_MAX


def enrolled(commands: Commands, box: str) -> Path:
    folder = commands.home.parent / box
    commands.run("enrol", box, "--patient", "martin", "--out", str(folder))
    return folder


def test_a_connected_box_is_thrown_out_by_the_command_and_the_others_stay(commands: Commands) -> None:
    revoked, other = Watched(commands.home.parent / "box"), Watched(enrolled(commands, "box-14"))
    revoked.connect()
    other.connect()
    began_s = time.monotonic()
    said = commands.run("revoke", "box-12", "--reason", "essai")
    assert "the broker's door is closed" in said
    revoked.shut_out(began_s)
    revoked.client.stop()
    other.client.stop()
    again = Watched(commands.home.parent / "box-14")
    again.connect()
    again.client.stop()
    assert "is revoked" in commands.run("revoke", "box-12", fails=True)


def test_the_registrar_closes_the_door_for_the_console(commands: Commands) -> None:
    box = Watched(enrolled(commands, "box-13"))
    box.connect()
    with running(commands, "registrar") as registrar:
        registrar.line()
        began_s = time.monotonic()
        revoke_on_the_console(commands, "box-13")
        box.shut_out(began_s)
    box.client.stop()


def test_rights_of_a_later_version_are_read_by_the_broker_that_runs(commands: Commands) -> None:
    """With no box to shut out: the clinic was updated, its broker was not started again."""
    box, broker = Watched(enrolled(commands, "box-19")), commands.home / "broker"
    box.connect()
    acl = broker / "acl"
    acl.write_text("".join(f"{line}\n" for line in acl.read_text().splitlines() if "urgent" not in line))
    assert reload(broker)
    while box.is_let("urgent"):  # it reads them a moment after it was told
        pass
    commands.run("broker", "--reload")
    while not box.is_let("urgent"):
        pass
    box.client.stop()


def test_the_list_is_kept_out_at_the_shelf_too(commands: Commands) -> None:
    folder = enrolled(commands, "box-15")
    with running(commands, "shelf") as shelf:
        shelf.line()
        port = load(folder).place.shelf_port
        assert answers(port, folder)
        commands.run("revoke", "box-15")
        assert not answers(port, folder), "not even a connection"


def answers(port: int, box: Path) -> bool:
    """Whether a server takes the box's certificate. Under TLS 1.3 a refusal is told at the first word."""
    try:
        with tls(port, box) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: shelf\r\nConnection: close\r\n\r\n")
            return bool(connection.recv(1))
    except (ssl.SSLError, ConnectionError):
        return False


def tls(port: int, box: Path) -> ssl.SSLSocket:
    context = client_context(box / "ca.pem", box / "box.crt", box / "box.key")
    raw = socket.create_connection(("127.0.0.1", port), 30)
    return context.wrap_socket(raw, server_hostname="127.0.0.1")


def shown(port: int, box: Path) -> str:
    """The serial of the certificate that a server shows."""
    with tls(port, box) as connection:
        der = connection.getpeercert(binary_form=True)
    assert der is not None
    return authority.facts(ssl.DER_cert_to_PEM_cert(der).encode()).serial


def test_the_clinics_own_certificates_are_listed_and_renewed_where_they_are_used(commands: Commands) -> None:
    folder = enrolled(commands, "box-16")
    place = load(folder).place
    listed = commands.run("certificates")
    assert [line.split()[0] for line in listed.splitlines()[1:]] == [
        "authority", "broker", "ingest", "shelf", "registrar",
    ]  # fmt: skip
    commands.run("certificates", "--renew")  # makes what no test before this one has needed
    assert "renewed:" not in commands.run("certificates", "--renew"), "nothing is due"
    with running(commands, "shelf") as shelf:
        shelf.line()
        before = [shown(port, folder) for port in (place.broker_port, place.shelf_port)]
        assert "renewed: broker" in commands.run("certificates", "--renew", "--all")
        box = Watched(folder)
        box.connect()  # the broker goes on serving, with the new one
        box.client.stop()
        after = [shown(port, folder) for port in (place.broker_port, place.shelf_port)]
    assert not set(before) & set(after)
    with running(commands, "ingest") as ingest:
        assert ingest.line().startswith("ingest: ready")
