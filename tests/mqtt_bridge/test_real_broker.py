"""paho's door on a real mosquitto: what a broker says of a message, and what it may forget."""

import contextlib
import datetime as dt
import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from mqtt_bridge import seal
from mqtt_bridge.authority import issue, make_authority
from mqtt_bridge.broker import write_mosquitto
from mqtt_bridge.clinic_end import ClinicEnd
from mqtt_bridge.honest_time import HonestClock
from mqtt_bridge.link.end import LinkEnd, Publish
from mqtt_bridge.link.store import LinkStore
from mqtt_bridge.mqtt.paho import PahoClient
from mqtt_bridge.mqtt.port import Address, Connected, Delivered, Disconnected, Event, Mailbox, Sent
from tests.support.clinic_store import MemoryStore
from tests.support.ports import kept_ports
from tests.support.wire import enrolled
from tests.support.words_of_care import NOW_MS, ManualClock

HOST, BOX, WAIT_S_MAX = "127.0.0.1", "box-1", 60.0
UP, DOWN = f"chevet/v1/maison/{BOX}/up", f"chevet/v1/maison/{BOX}/down"
E = TypeVar("E", bound=Event)


class Broker:
    """mosquitto as a clinic runs it, in one folder."""

    def __init__(self, folder: Path, begins: dt.datetime | None = None) -> None:
        """begins: when its certificate does, two days before; now where it is not given."""
        self._folder = folder
        make_authority(folder, "maison")
        issue(folder, HOST, folder / "broker", server_host=HOST, now=begins)
        self._kept = contextlib.ExitStack()
        (self.port,) = self._kept.enter_context(kept_ports(1))
        self._configuration = write_mosquitto(folder, "maison", HOST, self.port)
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        program = shutil.which("mosquitto", path="/usr/bin:/usr/sbin:/usr/local/sbin")
        if program is None:
            pytest.skip("no mosquitto here: apt-get install mosquitto")
        command = [program, "-c", str(self._configuration)]
        self._process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        assert self._process.stderr is not None
        while "running" not in (line := self._process.stderr.readline()):
            assert line, "mosquitto did not start"

    def lose_everything(self) -> None:
        """Killed, and its disk with it; another one takes its place."""
        self._kill()
        shutil.rmtree(self._folder / "data")
        (self._folder / "data").mkdir()
        self.start()

    def stop(self) -> None:
        self._kill()
        self._kept.close()

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()

    def address(self, name: str) -> Address:
        pair = self._folder / name
        if not pair.with_suffix(".crt").exists():
            issue(self._folder, name, pair)
        return Address(
            HOST, self.port, f"test-{name}", self._folder / "ca.pem", pair.with_suffix(".crt"), pair.with_suffix(".key")
        )


class Party:
    """One client and what it has heard."""

    def __init__(self, broker: Broker, name: str, *subscriptions: str) -> None:
        self._mailbox = Mailbox()
        self.client = PahoClient(broker.address(name), self._mailbox)
        self.heard: list[Event] = []
        self.client.start(subscriptions, None)

    def hear(self, kind: type[E]) -> E:
        """The next event of a kind; others stay: a kept order comes before we are told that we are connected."""
        until_s = time.monotonic() + WAIT_S_MAX
        while True:
            for event in self.heard:
                if isinstance(event, kind):
                    self.heard.remove(event)
                    return event
            left_s = until_s - time.monotonic()
            assert left_s > 0, f"no {kind.__name__}"
            select.select([self._mailbox], [], [], left_s)
            self.heard += self._mailbox.take()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(tmp_path)
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def parties(broker: Broker) -> Iterator[list[Party]]:
    """Whoever is in it is stopped at the end."""
    found: list[Party] = []
    yield found
    for party in found:
        party.client.stop()


def join(parties: list[Party], broker: Broker, name: str, *subscriptions: str) -> Party:
    party = Party(broker, name, *subscriptions)
    parties.append(party)
    party.hear(Connected)
    return party


def test_a_report_that_nobody_reads_is_not_sent(broker: Broker, parties: list[Party]) -> None:
    """0x10, no matching subscribers: the broker takes it, says success, and it is gone."""
    box = join(parties, broker, BOX, DOWN)
    box.client.publish(UP, b"a report")
    told = box.hear(Sent)
    assert (told.accepted, told.reason) == (False, "No matching subscribers")
    join(parties, broker, "ingest", UP)
    box.client.publish(UP, b"a report")
    assert box.hear(Sent).accepted


def test_an_order_that_was_not_kept_is_brought_again(broker: Broker, parties: list[Party]) -> None:
    box = join(parties, broker, BOX, DOWN)
    ingest = join(parties, broker, "ingest", UP)
    ingest.client.publish(DOWN, b"an order")
    assert box.hear(Delivered).payload == b"an order"
    box.client.stop()  # before it was settled
    again = join(parties, broker, BOX, DOWN)
    delivered = again.hear(Delivered)
    assert delivered.payload == b"an order"
    again.client.settle(delivered.token)


def test_settling_an_order_of_a_former_connection_settles_no_other(broker: Broker, parties: list[Party]) -> None:
    """A broker counts its messages anew: the same number is another order's."""
    box = join(parties, broker, BOX, DOWN)
    ingest = join(parties, broker, "ingest", UP)
    ingest.client.publish(DOWN, b"the first")
    first = box.hear(Delivered)
    broker.lose_everything()
    for party in (box, ingest):
        party.hear(Disconnected)
        party.hear(Connected)
    ingest.client.publish(DOWN, b"the second")
    second = box.hear(Delivered)
    assert (second.payload, second.token % 2**20) == (b"the second", first.token % 2**20)
    box.client.settle(first.token)
    box.client.stop()
    again = join(parties, broker, BOX, DOWN)
    assert again.hear(Delivered).payload == b"the second"


def test_another_boxs_topics_are_refused_and_mqtt_5_says_so(broker: Broker, parties: list[Party]) -> None:
    """The access list is by the certificate's name, on every channel but one's own two."""
    box = join(parties, broker, BOX, DOWN)
    other = join(parties, broker, "box-2", "chevet/v1/maison/box-2/down")
    ingest = join(parties, broker, "ingest", "chevet/v1/maison/+/up", "chevet/v1/maison/+/state")
    for topic in (UP.replace(BOX, "box-2"), DOWN, UP.replace("maison", "else"), "chevet/v1/maison/up"):
        box.client.publish(topic, b"a lie")
        told = box.hear(Sent)
        assert (told.accepted, told.reason) == (False, "Not authorized"), topic
    box.client.publish(UP, b"a report")
    assert box.hear(Sent).accepted
    heard = join(parties, broker, "box-3", "chevet/v1/maison/+/down")  # taken, and nothing of others' is delivered
    for name in ("box-2", "box-3"):
        ingest.client.publish(f"chevet/v1/maison/{name}/down", f"for {name}".encode())
    assert other.hear(Delivered).payload == b"for box-2"
    assert heard.hear(Delivered).payload == b"for box-3"


def test_a_box_from_1970_whose_brokers_certificate_has_not_begun_connects_and_learns_the_time(tmp_path: Path) -> None:
    """Cold start without network time, no clock chip: the dates of TLS are not checked, the clinic's word is signed."""
    broker = Broker(tmp_path / "broker", begins=dt.datetime.now(dt.UTC) + dt.timedelta(days=700))
    broker.start()
    keys = seal.make_keys()
    enrolment, store = enrolled(tmp_path / "box", keys, BOX), MemoryStore()
    store.keys[BOX] = enrolment.keys.public
    machine, here_ms = ManualClock(wall_ms=0, trusted=False), NOW_MS + 123_456
    kept = LinkStore(tmp_path / "link.db", tmp_path / "bedside.db", enrolment)
    end, clinic = LinkEnd(enrolment, kept), ClinicEnd("maison", keys, store)
    clock = HonestClock(machine, kept.known_time)
    box, ingest = Party(broker, BOX, DOWN, UP.replace("/up", "/ack")), Party(broker, "ingest", UP)
    for party in (box, ingest):
        party.hear(Connected)
    assert not clock().trusted
    for effect in end.connected(clock()):
        assert isinstance(effect, Publish)
        box.client.publish(effect.topic, effect.payload)
    asked = ingest.hear(Delivered)
    for answer in clinic.receive(asked.topic, asked.payload, here_ms):
        ingest.client.publish(answer.topic, answer.payload)
    machine.pass_ms(80)
    told = box.hear(Delivered)
    end.delivered(told.topic, told.payload, told.token, clock())
    now = clock()
    assert (now.trusted, now.machine_ms) == (True, 80)
    assert abs(now.wall_ms - here_ms) <= 40
    for party in (box, ingest):
        party.client.stop()
    kept.close()
    broker.stop()
