"""paho's door on a real mosquitto: what a broker says of a message, and what it may forget."""

import select
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from mqtt_bridge.authority import issue, make_authority
from mqtt_bridge.broker import write_mosquitto
from mqtt_bridge.mqtt.paho import PahoClient
from mqtt_bridge.mqtt.port import Address, Connected, Delivered, Disconnected, Event, Mailbox, Sent

HOST, BOX, WAIT_S_MAX = "127.0.0.1", "box-1", 30.0
UP, DOWN = f"chevet/v1/maison/{BOX}/up", f"chevet/v1/maison/{BOX}/down"
E = TypeVar("E", bound=Event)


class Broker:
    """mosquitto as a clinic runs it, in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        make_authority(folder, "maison")
        issue(folder, HOST, folder / "broker", server_host=HOST)
        with socket.create_server((HOST, 0)) as free:
            self.port = free.getsockname()[1]
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
        self.stop()
        shutil.rmtree(self._folder / "data")
        (self._folder / "data").mkdir()
        self.start()

    def stop(self) -> None:
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
        self._heard: list[Event] = []
        self.client.start(subscriptions, None)

    def hear(self, kind: type[E]) -> E:
        """The next event of a kind; others stay: a kept order comes before we are told that we are connected."""
        until_s = time.monotonic() + WAIT_S_MAX
        while True:
            for event in self._heard:
                if isinstance(event, kind):
                    self._heard.remove(event)
                    return event
            left_s = until_s - time.monotonic()
            assert left_s > 0, f"no {kind.__name__}"
            select.select([self._mailbox], [], [], left_s)
            self._heard += self._mailbox.take()


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
