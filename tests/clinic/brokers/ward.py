"""A clinic with two boxes that speak MQTT 3.1.1, at the broker that is meant, and what can be said to that by hand."""

import json
import re
import socket
import ssl
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mqtt_bridge import enrolment
from mqtt_bridge.mqtt.paho import PahoClient
from mqtt_bridge.mqtt.port import Address, Delivered, Disconnected, Event, Mailbox, NotConnected, Sent
from tests.clinic.parts import Commands
from tests.support.brokers import BrokerProcess, wait_until
from tests.support.process import Process

CLINIC, BOX, OTHER = "maison", "box-12", "box-13"


@dataclass
class Ward:
    """One clinic, two boxes that speak MQTT 3.1.1, and the broker that is meant."""

    commands: Commands
    broker: BrokerProcess

    @property
    def folder(self) -> Path:
        return self.commands.home.parent

    def enrolled(self, box: str) -> enrolment.Enrolment:
        return enrolment.load(self.folder / ("box" if box == BOX else box))

    def prescribe(self) -> None:
        words = ("--patient", "martin", "--by", "claire", "--box", BOX)
        self.commands.run("prescribe", str(self.folder / "plan.toml"), *words)

    def sessions(self) -> list[str]:
        return sorted(one["session"] for one in json.loads(self.commands.run("sessions", "--json")))

    def set_aside(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.commands.run("quarantine", "--json"))
        return found

    def box(self) -> Any:
        """What the box last said of itself, by the clinic's own command."""
        wait_until(lambda: self._boxes()[BOX]["every_s"] is not None)
        return self._boxes()[BOX].items()

    def _boxes(self) -> dict[str, dict[str, Any]]:
        return {one["box"]: one for one in json.loads(self.commands.run("equipment", "--json"))}

    def hears(self, box: str) -> bool:
        """Whether the clinic has heard it."""
        return bool(self._boxes()[box]["last_seen_ms"])

    def link(self, box: str = "box", data: Path | None = None) -> Process:
        data = data or self.folder / "data"
        command = ["run", "--data", str(data), "--run", str(self.folder / "run")]
        words = [*command, "--enrolment", str(self.folder / box), "--clock", "always"]
        log = self.folder / "link.log"
        return Process(
            "link",
            [str(Path(sys.executable).parent / "chevet-link"), *words],
            "link: ready",
            log,
            self.commands.environment,
        )


class Party:
    """One connection under one certificate, and what it hears."""

    def __init__(self, address: Address, *topics: str) -> None:
        self.mailbox, self.heard = Mailbox(), list[Event]()
        self.client = PahoClient(address, self.mailbox)
        self.client.start(topics, None)

    def take(self) -> None:
        self.heard += self.mailbox.take()

    def has(self, kind: type[Event]) -> bool:
        self.take()
        return any(isinstance(event, kind) for event in self.heard)


def tells(party: Party, topic: str, payload: bytes) -> None:
    """Until the broker has taken it, from this connection or the next.

    The end of one before, which bears the same name, may still take its place, and what was on its way is gone.
    """
    wait_until(lambda: _is_taken(party, topic, payload))


def _is_taken(party: Party, topic: str, payload: bytes) -> bool:
    """Said, and acknowledged before the connection was over."""
    party.take()
    before = len(party.heard)
    try:
        ticket = party.client.publish(topic, payload)
    except NotConnected:
        return False
    wait_until(lambda: bool(_answers_to(ticket, party, before)))
    return isinstance(_answers_to(ticket, party, before)[0], Sent)


def _answers_to(ticket: int, party: Party, before: int) -> list[Event]:
    """Its acknowledgement, or the end of the connection."""
    party.take()
    return [
        event
        for event in party.heard[before:]
        if isinstance(event, Disconnected) or (isinstance(event, Sent) and event.ticket == ticket)
    ]


def says(party: Party, topic: str, payload: bytes) -> bool:
    """Whether there was a connection to say it on."""
    try:
        party.client.publish(topic, payload)
    except NotConnected:
        return False
    return True


def delivered(party: Party) -> list[Delivered]:
    party.has(Delivered)
    return [event for event in party.heard if isinstance(event, Delivered)]


def ingest_address(ward: Ward) -> Address:
    home, own = ward.commands.home, ward.enrolled(BOX).address()
    return Address(
        own.host, own.port, f"chevet-{CLINIC}-ingest-test-1", own.ca, home / "ingest/ingest.crt",
        home / "ingest/ingest.key", protocol=4,
    )  # fmt: skip


CONNECT = bytes.fromhex("101400044d5154540402001e00086d617274696e2d31")
"""MQTT 3.1.1, clean session, keep-alive 30 s, client « martin-1 »."""
ACCEPTED = bytes.fromhex("20020000")


def trusting(own: Address | None, ca: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(ca)
    if own is not None:
        context.load_cert_chain(own.certificate, own.key)
    return context


def greeting(own: Address, version: ssl.TLSVersion) -> str:
    context = trusting(own, own.ca)
    context.minimum_version = context.maximum_version = version
    try:
        with (
            socket.create_connection((own.host, own.port), 20) as plain,
            context.wrap_socket(plain, server_hostname=own.host) as shaken,
        ):
            return str(shaken.version())
    except (ssl.SSLError, ConnectionError):
        return "refused"


def answers(own: Address | None, where: Address | None = None) -> bool:
    """Whether the broker accepts a connection; without a certificate where `own` is None."""
    place = own or where
    assert place is not None
    try:
        with (
            socket.create_connection((place.host, place.port), 20) as plain,
            trusting(own, place.ca).wrap_socket(plain, server_hostname=place.host) as shaken,
        ):
            shaken.sendall(CONNECT)
            return shaken.recv(4) == ACCEPTED
    except (ssl.SSLError, ConnectionError):
        return False


def enrol(ward: Ward, box: str) -> enrolment.Enrolment:
    ward.commands.run("enrol", box, "--patient", "martin", "--out", str(ward.folder / box))
    return ward.enrolled(box)


def configured(ward: Ward, kind: str) -> None:
    toml = ward.commands.home / "clinic.toml"
    toml.write_text(re.sub(r'kind = "\w+"', f'kind = "{kind}"', toml.read_text()))
