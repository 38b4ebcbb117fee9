"""paho's door in front of a broker that lies: it ends what cannot be, tells it, and comes back."""

import select
import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from mqtt_bridge.authority import issue, make_authority
from mqtt_bridge.mqtt.paho import PACKET_BYTES_MAX, UNSETTLED_SPARE, PahoClient
from mqtt_bridge.mqtt.port import Address, Connected, Delivered, Disconnected, Event, Mailbox
from tests.support.lying_broker import PUBLISH, Connection, LyingBroker, length_of, packet, text

WAIT_S_MAX = 60.0
E = TypeVar("E", bound=Event)
HUGE = 256 * 1024 * 1024 - 1
"""The most that MQTT's remaining length can say."""


class Box:
    """A client of ours on a lying broker, and what it has heard."""

    def __init__(self, folder: Path, protocol: int) -> None:
        make_authority(folder, "maison")
        issue(folder, "127.0.0.1", folder / "broker", server_host="127.0.0.1")
        issue(folder, "box-1", folder / "box")
        self.broker, self._mailbox = LyingBroker(folder, 0), Mailbox()
        files = (folder / "ca.pem", folder / "box.crt", folder / "box.key")
        address = Address("127.0.0.1", self.broker.port, "box-1", *files, protocol=protocol)
        self.client = PahoClient(address, self._mailbox)
        self._heard: list[Event] = []
        self.client.start(("down",), None)
        self.hear(Connected)

    def hear(self, kind: type[E]) -> E:
        self._wait(lambda: any(isinstance(event, kind) for event in self._heard), f"no {kind.__name__}")
        event = next(event for event in self._heard if isinstance(event, kind))
        self._heard.remove(event)
        return event

    def delivered(self) -> int:
        """How many messages lie here, unsettled."""
        return sum(isinstance(event, Delivered) for event in self._heard)

    def gather(self, count: int) -> None:
        """Until so many lie here."""
        self._wait(lambda: self.delivered() >= count, f"no {count} messages")

    def _wait(self, true: Callable[[], bool], why: str) -> None:
        until_s = time.monotonic() + WAIT_S_MAX
        while not true():
            left_s = until_s - time.monotonic()
            assert left_s > 0, why
            select.select([self._mailbox], [], [], left_s)
            self._heard += self._mailbox.take()


@pytest.fixture(params=[5, 4])
def box(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Box]:
    box = Box(tmp_path, request.param)
    yield box
    box.client.stop()
    box.broker.close()


def properties(box: Box) -> bytes:
    connection = box.broker.sessions["box-1"].connection
    assert connection is not None
    return b"\0" if connection.v5 else b""


@pytest.mark.parametrize(
    "raw",
    [
        packet(PUBLISH, b"\0", flags=2),
        packet(PUBLISH, struct.pack("!H", 60_000) + b"x", flags=2),
        packet(PUBLISH, b"\0\2\xff\xfe\0\1\0payload", flags=2),
        packet(PUBLISH, text("down") + b"\0\1\0payload", flags=4),
        packet(PUBLISH, text("down") + b"\0\1\0payload", flags=6),
        packet(15, b"\xff" * 20),
        b"\xf0\xff\xff\xff\xff\xff\xff",
        b"\x32" + length_of(HUGE),
    ],
    ids=["empty", "longer than it is", "no UTF-8", "QoS 2", "QoS 3", "AUTH",
         "endless length", "256 MiB"],
)  # fmt: skip
def test_what_no_broker_may_say_ends_the_connection_and_not_the_client(box: Box, raw: bytes) -> None:
    """Unread it would be: a thread that dies in silence, and a box that believes itself connected for ever."""
    box.broker.say_raw("box-1", raw)
    if raw == b"\x32" + length_of(HUGE):
        box.broker.say_raw("box-1", b"x" * 10)
    box.hear(Disconnected)
    box.hear(Connected)
    box.broker.carry("down", b"an order")
    assert box.hear(Delivered).payload == b"an order"


def test_the_largest_packet_that_we_take_is_taken(box: Box) -> None:
    payload = b"x" * (PACKET_BYTES_MAX - 64)
    box.broker.carry("down", payload)
    assert box.hear(Delivered).payload == payload


@pytest.mark.parametrize("flags", [2, 0], ids=["QoS 1", "QoS 0"])
def test_a_flood_is_read_no_faster_than_it_is_settled(box: Box, flags: int) -> None:
    """Nothing of it is gathered without a limit while the house is busy, and nothing of it is lost."""
    told, count, limit = properties(box), 1000, 2 * 20 + UNSETTLED_SPARE
    for number in range(1, count + 1):
        head = text("down") + (struct.pack("!H", number) if flags else b"")
        box.broker.say_raw("box-1", packet(PUBLISH, head + told + f"{number}".encode(), flags=flags))
    box.gather(limit)
    seen: list[int] = []
    most = 0
    while len(seen) < count:
        delivered = box.hear(Delivered)
        most = max(most, 1 + box.delivered())
        seen.append(int(delivered.payload))
        box.client.settle(delivered.token)
    assert seen == list(range(1, count + 1))
    assert most == limit
    assert not [event for event in box._heard if isinstance(event, Disconnected)]


def test_what_we_have_to_say_leaves_in_a_flood_too(box: Box) -> None:
    """Else the broker hears nothing, not even a ping, and ends the connection of whoever is slow: nothing gets on."""
    settled = 60
    for number in range(1, 401):
        raw = text("down") + struct.pack("!H", number) + properties(box) + b"x"
        box.broker.say_raw("box-1", packet(PUBLISH, raw, flags=2))
    for _ in range(settled):
        box.client.settle(box.hear(Delivered).token)
        box.client.publish("up", b"an answer")
    until_s = time.monotonic() + WAIT_S_MAX
    while box.broker.acknowledged < settled:  # it is in another thread
        assert time.monotonic() < until_s, f"{box.broker.acknowledged} of {settled}"
        time.sleep(0.02)


def test_who_is_told_to_stop_in_a_flood_stops(box: Box) -> None:
    for number in range(1, 1001):
        raw = text("down") + struct.pack("!H", number) + properties(box) + b"x"
        box.broker.say_raw("box-1", packet(PUBLISH, raw, flags=2))
    box.hear(Delivered)
    box.client.stop()
    assert not box.client._thread.is_alive()


def test_a_dropped_connection_keeps_its_number_until_its_reader_has_seen_the_end() -> None:
    """Else the next file that is opened would have it, and what OpenSSL still says would be written there."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    near, far = socket.socketpair()
    connection = Connection(context.wrap_socket(near, server_side=True, do_handshake_on_connect=False))
    with far:
        connection.end()
        assert connection.sock.fileno() >= 0
        assert connection.receive() is None
        connection.close()
        assert connection.sock.fileno() < 0
