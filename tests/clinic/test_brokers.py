"""mosquitto and RabbitMQ as `chevet-clinic broker` sets them up: the same boxes, at both, under MQTT 3.1.1."""

import json
import re
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from clinic.doctor import calls
from clinic.ingest.urgent import Urgent
from mqtt_bridge import authority, departure, enrolment
from mqtt_bridge.broker import MESSAGE_BYTES_MAX
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.care import PlanReference
from mqtt_bridge.contract.codec import BYTES_MAX
from mqtt_bridge.database import open_writer
from mqtt_bridge.link.reading import LinkReader
from mqtt_bridge.mqtt.paho import PahoClient, take_over
from mqtt_bridge.mqtt.port import Address, Connected, Delivered, Disconnected, Event, Mailbox, NotConnected, Sent
from mqtt_bridge.outbox import Outbox
from tests.clinic.box import evaluation, stamp
from tests.clinic.parts import Commands, furnished, revoke_on_the_console, running
from tests.support.brokers import BrokerProcess, is_here, of_its_own, wait_until
from tests.support.lying_broker import length_of
from tests.support.ports import kept_ports
from tests.support.process import Process

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
CLINIC, BOX, OTHER, REPORTS = "maison", "box-12", "box-13", 40
PLAN = PlanReference(plan="plan-martin", version=1, patient="martin")

NO_LETTERS = ("JSON is malformed", f"at most {BYTES_MAX} are read")


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
        """Apart from words of these tests that are no letters: ingest's queue may hold those of one that ran before."""
        found: list[dict[str, Any]] = json.loads(self.commands.run("quarantine", "--json"))
        return [one for one in found if not any(words in one["problem"] for words in NO_LETTERS)]

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


@pytest.fixture(scope="module")
def home(module_environment: dict[str, str]) -> Iterator[Commands]:
    with (
        kept_ports(2) as (epmd, distribution),
        furnished({**module_environment, **of_its_own(epmd, distribution)}, "--broker-protocol", "4") as made,
    ):
        made.run("enrol", OTHER, "--patient", "martin", "--out", str(made.home.parent / OTHER))
        yield made


@pytest.fixture(scope="module", params=["mosquitto", "rabbitmq"])
def ward(request: pytest.FixtureRequest, home: Commands) -> Iterator[Ward]:
    kind = request.param
    if not is_here(kind):
        pytest.skip(f"no {kind} here: apt-get install {kind}{'-server' if kind == 'rabbitmq' else ''}")
    broker = BrokerProcess(kind, home.home, home.environment)
    try:
        broker.start()
        yield Ward(home, broker)
    finally:
        broker.end()


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


def test_a_box_reports_is_acknowledged_gets_an_order_and_loses_nothing_when_the_broker_dies(ward: Ward) -> None:
    """kill -9 in the middle, its disk gone with it: what it had acknowledged was never taken for stored."""
    data, enrolled = ward.folder / "data", ward.enrolled(BOX)
    for folder in (data, ward.folder / "run"):
        folder.mkdir(exist_ok=True)
    before = len(ward.sessions())
    bedside = open_writer(data / "bedside.db")
    outbox, link = Outbox(bedside, "kiosk", enrolled), ward.link()
    reader, names = LinkReader(data / "link.db"), [f"{ward.broker.kind}-{n}" for n in range(REPORTS)]

    def report(few: list[str]) -> None:
        for name in few:
            with bedside.atomic():
                outbox.add(evaluation("before", (1, 2, 3, 4, 5), session=name), stamp(), PLAN)

    try:
        with running(ward.commands, "ingest") as ingest:
            ingest.line()
            link.start()
            serials = set(reader.serials("plan"))
            ward.prescribe()
            wait_until(lambda: set(reader.serials("plan")) - serials)
            report(names[: REPORTS // 2])
            wait_until(lambda: reader.truth(outbox.epoch, 1) == "in_record")
            report(names[REPORTS // 2 :])
            ward.broker.lose_everything()
            wait_until(lambda: all(reader.truth(outbox.epoch, n) == "in_record" for n in range(1, REPORTS + 1)), 100)
            assert ward.box() >= {"state": "reachable", "every_s": 900, "kiosk": False, "trusted": True}.items()
            assert "la liaison tourne, connectée au serveur depuis" in status(ward)
            link.kill()
            assert "la liaison a été tuée" in status(ward)
            assert ingest.stop() == 0
    finally:
        link.stop()
        bedside.close()
    assert len(ward.sessions()) == before + REPORTS
    assert set(names) <= set(ward.sessions())
    assert ward.set_aside() == []


def status(ward: Ward) -> str:
    """As a technician asks it, beside the link: on its files while it runs, and after a kill -9."""
    chevet_link, data, run = Path(sys.executable).parent / "chevet-link", ward.folder / "data", ward.folder / "run"
    command = [str(chevet_link), "status", "--data", str(data), "--run", str(run), "--language", "fr"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_another_boxs_topics_are_refused(ward: Ward) -> None:
    """Neither its orders are heard, nor can anything be said in its name; the clinic's own channels are closed too."""
    address = ward.enrolled(BOX).address()
    heard = Party(address, wire.topic(CLINIC, OTHER, "down"))
    wait_until(lambda: heard.has(Disconnected) or heard.has(Connected))
    own = Party(ward.enrolled(OTHER).address(), wire.topic(CLINIC, OTHER, "down"))
    wait_until(lambda: own.has(Connected))
    ingest = Party(_ingest(ward), *(wire.topic(CLINIC, "+", channel) for channel in ("up", "urgent", "state")))
    wait_until(lambda: ingest.has(Connected))
    _tells(ingest, wire.topic(CLINIC, OTHER, "down"), b"an order")
    wait_until(lambda: own.has(Delivered))
    _tells(own, wire.topic(CLINIC, OTHER, "urgent"), b"its own")
    wait_until(lambda: ingest.has(Delivered))
    heard.client.stop()
    theirs = [wire.topic(CLINIC, OTHER, channel) for channel in ("up", "urgent")]
    probe = wire.probe_topic(CLINIC, _ingest(ward).client_id)
    for topic in (*theirs, probe, wire.topic(CLINIC, BOX, "down"), f"{wire.ROOT}/else/{BOX}/up"):
        liar = Party(address, wire.topic(CLINIC, BOX, "down"))
        wait_until(lambda one=liar, there=topic: _says(one, there, b"a lie"))
        _says(liar, wire.topic(CLINIC, BOX, "state"), b"alive")
        _says(liar, wire.topic(CLINIC, BOX, "up"), b"the last word")
        liar.client.stop()
    _tells(own, wire.topic(CLINIC, OTHER, "up"), b"the end")
    wait_until(lambda: any(one.payload == b"the end" for one in _delivered(ingest)))
    assert not heard.has(Delivered)
    assert b"a lie" not in [one.payload for one in (*_delivered(ingest), *_delivered(own))]
    for party in (own, ingest):
        party.client.stop()


def test_ingest_learns_that_the_rights_let_boxes_write_what_presses(ward: Ward) -> None:
    """By its own word, which those rights bring back to it alone."""
    mailbox, address = Mailbox(), replace(_ingest(ward), client_id=f"chevet-{CLINIC}-ingest-test-urgent")
    urgent = Urgent(CLINIC, address.client_id, PahoClient(address, mailbox), mailbox)
    box = Party(ward.enrolled(OTHER).address(), wire.topic(CLINIC, OTHER, "down"))
    urgent.start()
    wait_until(lambda: _turned(urgent).stands())
    _tells(box, wire.topic(CLINIC, OTHER, "urgent"), b"help")
    wait_until(lambda: _turned(urgent).waits)
    assert [one.payload for one in urgent.waiting()] == [b"help"]
    urgent.settle(urgent.waiting()[0].token)
    urgent.stop()
    box.client.stop()
    mailbox.close()
    box.mailbox.close()


def test_the_doctor_learns_it_too_and_leaves_no_session_behind(ward: Ward) -> None:
    """By the same word, on a connection of its own; what nobody may write does not come back."""
    address = replace(_ingest(ward), client_id=f"chevet-{CLINIC}-ingest-test-doctor")
    assert calls.ask(address, wire.probe_topic(CLINIC, address.client_id)) == ""
    assert calls.ask(address, f"{wire.ROOT}/{CLINIC}/nowhere", back_s_max=2.0) != ""
    take_over(address)


def _turned(urgent: Urgent) -> Urgent:
    urgent.turn(time.monotonic())
    return urgent


def _tells(party: Party, topic: str, payload: bytes) -> None:
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


def _says(party: Party, topic: str, payload: bytes) -> bool:
    """Whether there was a connection to say it on."""
    try:
        party.client.publish(topic, payload)
    except NotConnected:
        return False
    return True


def _delivered(party: Party) -> list[Delivered]:
    party.has(Delivered)
    return [event for event in party.heard if isinstance(event, Delivered)]


def _ingest(ward: Ward) -> Address:
    home, own = ward.commands.home, ward.enrolled(BOX).address()
    return Address(
        own.host, own.port, f"chevet-{CLINIC}-ingest-test-1", own.ca, home / "ingest/ingest.crt",
        home / "ingest/ingest.key", protocol=4,
    )  # fmt: skip


def test_who_comes_in(ward: Ward) -> None:
    """TLS 1.3 alone, with a certificate of our own authority, of a name that is known."""
    own = ward.enrolled(BOX).address()
    assert _greeting(own, ssl.TLSVersion.TLSv1_3) == "TLSv1.3"
    assert _greeting(own, ssl.TLSVersion.TLSv1_2) == "refused"
    assert _answers(own)
    assert not _answers(None, own)
    elsewhere = ward.folder / f"elsewhere-{ward.broker.kind}"
    authority.make_authority(elsewhere, "ailleurs")
    authority.issue(elsewhere, BOX, elsewhere / "box")
    stranger = Address(own.host, own.port, own.client_id, own.ca, elsewhere / "box.crt", elsewhere / "box.key", 4)
    assert not _answers(stranger)


CONNECT = bytes.fromhex("101400044d5154540402001e00086d617274696e2d31")
"""MQTT 3.1.1, clean session, keep-alive 30 s, client « martin-1 »."""
ACCEPTED = bytes.fromhex("20020000")


def _context(own: Address | None, ca: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(ca)
    if own is not None:
        context.load_cert_chain(own.certificate, own.key)
    return context


def _greeting(own: Address, version: ssl.TLSVersion) -> str:
    context = _context(own, own.ca)
    context.minimum_version = context.maximum_version = version
    try:
        with (
            socket.create_connection((own.host, own.port), 20) as plain,
            context.wrap_socket(plain, server_hostname=own.host) as shaken,
        ):
            return str(shaken.version())
    except (ssl.SSLError, ConnectionError):
        return "refused"


def _answers(own: Address | None, where: Address | None = None) -> bool:
    """Whether the broker accepts a connection; without a certificate where `own` is None."""
    place = own or where
    assert place is not None
    try:
        with (
            socket.create_connection((place.host, place.port), 20) as plain,
            _context(own, place.ca).wrap_socket(plain, server_hostname=place.host) as shaken,
        ):
            shaken.sendall(CONNECT)
            return shaken.recv(4) == ACCEPTED
    except (ssl.SSLError, ConnectionError):
        return False


def test_a_larger_message_than_a_letter_is_refused(ward: Ward) -> None:
    """It reaches nobody, and disturbs nobody: what its box says afterwards, on a new connection, arrives."""
    ingest = Party(_ingest(ward), wire.topic(CLINIC, "+", "up"))
    box = Party(ward.enrolled(BOX).address(), wire.topic(CLINIC, BOX, "down"))
    wait_until(lambda: ingest.has(Connected) and box.has(Connected))
    up = wire.topic(CLINIC, BOX, "up")
    _tells(box, up, b"a" * (MESSAGE_BYTES_MAX - 1024))
    wait_until(lambda: bool(_delivered(ingest)))
    wait_until(lambda: _says(box, up, b"b" * (8 * MESSAGE_BYTES_MAX)))
    box.client.stop()
    box = Party(ward.enrolled(BOX).address(), wire.topic(CLINIC, BOX, "down"))
    wait_until(lambda: box.has(Connected))
    _tells(box, up, b"again")
    wait_until(lambda: any(one.payload == b"again" for one in _delivered(ingest)))
    assert max(len(one.payload) for one in _delivered(ingest)) < MESSAGE_BYTES_MAX
    for party in (box, ingest):
        party.client.stop()


def test_a_packet_that_says_it_is_endless_is_not_waited_for(ward: Ward) -> None:
    """256 MiB, the most that MQTT can say: mosquitto ends it at the length, before there is anything to keep.

    RabbitMQ 3.10 has no such limit: it reads on, and stops senders at its memory watermark (docs/wire.md).
    """
    ended = ward.broker.kind == "mosquitto"
    own = ward.enrolled(BOX).address()
    with (
        socket.create_connection((own.host, own.port), 20) as plain,
        _context(own, own.ca).wrap_socket(plain, server_hostname=own.host) as shaken,
    ):
        shaken.sendall(CONNECT)
        assert shaken.recv(4) == ACCEPTED
        shaken.sendall(bytes.fromhex("32ffffff7f") + b"x" * 1024)
        shaken.settimeout(20 if ended else 0.5)
        if ended:
            assert shaken.recv(16) == b""
        else:
            with pytest.raises(TimeoutError):
                shaken.recv(16)


LARGE_BYTES, PIECE_BYTES = 64 * 1024 * 1024, 1024 * 1024
GROWN_TIMES_MAX = {"mosquitto": 0.25, "rabbitmq": 12.0}
"""Of a large packet. mosquitto ends it at its length; RabbitMQ copies it again and again, and must keep no copies."""


def test_a_large_packet_is_refused_and_its_copies_are_not_kept(ward: Ward) -> None:
    """Of 1 GiB none can be: MQTT says 256 MiB at most, of which RabbitMQ's copies take half a minute of a processor."""
    ingest = Party(_ingest(ward), wire.topic(CLINIC, "+", "up"))
    wait_until(lambda: ingest.has(Connected))
    own, before = ward.enrolled(BOX).address(), ward.broker.memory_bytes()
    with (
        socket.create_connection((own.host, own.port), 120) as plain,
        _context(own, own.ca).wrap_socket(plain, server_hostname=own.host) as shaken,
    ):
        shaken.sendall(CONNECT)
        assert shaken.recv(4) == ACCEPTED
        shut_out = _is_shut_out(shaken, _publish(wire.topic(CLINIC, BOX, "up"), LARGE_BYTES))
        assert shut_out == (ward.broker.kind == "mosquitto")
        wait_until(lambda: shut_out or _is_told_too_large(ward.broker))  # its connection ends with its keep-alive
    assert ward.broker.peak_bytes() - before < GROWN_TIMES_MAX[ward.broker.kind] * LARGE_BYTES
    box = Party(own, wire.topic(CLINIC, BOX, "down"))
    wait_until(lambda: box.has(Connected))
    _tells(box, wire.topic(CLINIC, BOX, "up"), b"after it")
    wait_until(lambda: any(one.payload == b"after it" for one in _delivered(ingest)))
    assert max(len(one.payload) for one in _delivered(ingest)) < MESSAGE_BYTES_MAX
    wait_until(lambda: ward.broker.memory_bytes() - before < LARGE_BYTES)
    for party in (box, ingest):
        party.client.stop()


def _publish(topic: str, count: int) -> Iterator[bytes]:
    """A PUBLISH of QoS 1 whose payload has `count` bytes, piece by piece."""
    head = len(topic).to_bytes(2, "big") + topic.encode() + b"\0\1"
    yield b"\x32" + length_of(len(head) + count) + head
    for _ in range(count // PIECE_BYTES):
        yield b"x" * PIECE_BYTES


def _is_shut_out(connection: ssl.SSLSocket, said: Iterator[bytes]) -> bool:
    """Whether the broker ends the connection before all is said."""
    try:
        for piece in said:
            connection.sendall(piece)
    except (ssl.SSLError, ConnectionError):
        return True
    return False


def _is_told_too_large(broker: BrokerProcess) -> bool:
    return any(f"message size {LARGE_BYTES} is larger than" in line for line in broker.said)


def _enrol(ward: Ward, box: str) -> enrolment.Enrolment:
    ward.commands.run("enrol", box, "--patient", "martin", "--out", str(ward.folder / box))
    return ward.enrolled(box)


def configured(ward: Ward, kind: str) -> None:
    toml = ward.commands.home / "clinic.toml"
    toml.write_text(re.sub(r'kind = "\w+"', f'kind = "{kind}"', toml.read_text()))


def test_a_box_that_comes_later_and_one_that_goes(ward: Ward) -> None:
    if ward.broker.kind != "rabbitmq":
        assert "may come in" in ward.commands.run("broker", "--kind", "mosquitto", "--reload")
        return
    address = _enrol(ward, "box-14").address()
    assert not _answers(address)
    assert "3 box(es) may come in" in ward.commands.run("broker", "--kind", "rabbitmq", "--reload")
    box = Party(address, wire.topic(CLINIC, "box-14", "down"))
    wait_until(lambda: box.has(Connected))
    configured(ward, "rabbitmq")
    ward.commands.run("revoke", "box-14")  # closes the door by itself, where clinic.toml says which broker it is
    wait_until(lambda: box.has(Disconnected))
    box.client.stop()
    assert not _answers(address)
    assert "2 box(es) may come in" in ward.commands.run("broker", "--reload")
    configured(ward, "mosquitto")


def test_a_box_that_is_connected_learns_that_it_is_revoked_before_it_is_shut_out(ward: Ward) -> None:
    configured(ward, ward.broker.kind)
    box = f"box-told-{ward.broker.kind}"
    enrolled = _enrol(ward, box)
    if ward.broker.kind == "rabbitmq":
        ward.commands.run("broker", "--reload")
    folder = ward.folder / f"{box}-data"
    link = ward.link(box, folder)
    try:
        with running(ward.commands, "ingest") as ingest:
            ingest.line()
            link.start()
            wait_until(lambda: ward.hears(box))
            said = ward.commands.run("revoke", box)
            assert "it knows that it is no longer linked" in said
            assert "the broker's door is closed" in said
            assert ingest.stop() == 0
        found = departure.read(folder)
        assert found is not None
        assert (found.kind, found.phase) == ("revoked", "kept")
        assert departure.is_ordered(found, enrolled)
        wait_until(lambda: not _answers(enrolled.address()))
    finally:
        link.stop()
    configured(ward, "mosquitto")


def test_the_registrar_lets_a_new_box_in_and_remembers_whom_to_keep_out(ward: Ward) -> None:
    """RabbitMQ knows its users by itself: one that was revoked while it was away must not be let in when it is back."""
    if ward.broker.kind != "rabbitmq":
        return  # mosquitto reads its files when it starts
    configured(ward, "rabbitmq")
    address, lost = (_enrol(ward, box).address() for box in ("box-16", "box-17"))
    with running(ward.commands, "registrar") as registrar:
        registrar.line()
        wait_until(lambda: _answers(address))
        _is_cut_off(ward, "box-17", lost)
    ward.broker.kill()
    assert "STILL OPEN" in ward.commands.run("revoke", "box-16")
    ward.broker.start()
    assert "box-16 is refused and cut off" in ward.commands.run("broker", "--reload")
    assert not _answers(address)
    closed = {one["box"]: one["closed_ms"] for one in json.loads(ward.commands.run("boxes", "--json"))}
    assert closed["box-16"] is not None
    configured(ward, "mosquitto")


def _is_cut_off(ward: Ward, box: str, address: Address) -> None:
    """One that is connected, by the registrar alone, when the console has revoked it."""
    party = Party(address, wire.topic(CLINIC, box, "down"))
    try:
        wait_until(lambda: party.has(Connected))
        revoke_on_the_console(ward.commands, box)
        wait_until(lambda: party.has(Disconnected))
    finally:
        party.client.stop()
    assert not _answers(address)


def test_a_name_that_rabbitmq_would_make_two_of_is_refused(home: Commands) -> None:
    home.run("enrol", "box.15", "--patient", "martin", "--out", str(home.home.parent / "dotted"))
    told = home.run("broker", "--kind", "rabbitmq", "--write", fails=True)
    assert "'box.15' has a dot" in told
    assert "or use mosquitto" in told
    home.run("revoke", "box.15")
    assert "files in" in home.run("broker", "--kind", "rabbitmq", "--write")
