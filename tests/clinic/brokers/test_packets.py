"""What is larger than a letter, at both brokers."""

import socket
import ssl
from collections.abc import Iterator

import pytest

from mqtt_bridge.broker import MESSAGE_BYTES_MAX
from mqtt_bridge.contract import wire
from mqtt_bridge.mqtt.port import Connected
from tests.clinic.brokers.ward import (
    ACCEPTED,
    BOX,
    CLINIC,
    CONNECT,
    Party,
    Ward,
    delivered,
    ingest_address,
    says,
    tells,
    trusting,
)
from tests.support.brokers import BrokerProcess, wait_until
from tests.support.lying_broker import length_of

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def test_a_larger_message_than_a_letter_is_refused(ward: Ward) -> None:
    """It reaches nobody, and disturbs nobody: what its box says afterwards, on a new connection, arrives."""
    ingest = Party(ingest_address(ward), wire.topic(CLINIC, "+", "up"))
    box = Party(ward.enrolled(BOX).address(), wire.topic(CLINIC, BOX, "down"))
    wait_until(lambda: ingest.has(Connected) and box.has(Connected))
    up = wire.topic(CLINIC, BOX, "up")
    tells(box, up, b"a" * (MESSAGE_BYTES_MAX - 1024))
    wait_until(lambda: bool(delivered(ingest)))
    wait_until(lambda: says(box, up, b"b" * (8 * MESSAGE_BYTES_MAX)))
    box.client.stop()
    box = Party(ward.enrolled(BOX).address(), wire.topic(CLINIC, BOX, "down"))
    wait_until(lambda: box.has(Connected))
    tells(box, up, b"again")
    wait_until(lambda: any(one.payload == b"again" for one in delivered(ingest)))
    assert max(len(one.payload) for one in delivered(ingest)) < MESSAGE_BYTES_MAX
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
        trusting(own, own.ca).wrap_socket(plain, server_hostname=own.host) as shaken,
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
    ingest = Party(ingest_address(ward), wire.topic(CLINIC, "+", "up"))
    wait_until(lambda: ingest.has(Connected))
    own, before = ward.enrolled(BOX).address(), ward.broker.memory_bytes()
    with (
        socket.create_connection((own.host, own.port), 120) as plain,
        trusting(own, own.ca).wrap_socket(plain, server_hostname=own.host) as shaken,
    ):
        shaken.sendall(CONNECT)
        assert shaken.recv(4) == ACCEPTED
        shut_out = _is_shut_out(shaken, _publish(wire.topic(CLINIC, BOX, "up"), LARGE_BYTES))
        assert shut_out == (ward.broker.kind == "mosquitto")
        wait_until(lambda: shut_out or _is_told_too_large(ward.broker))  # its connection ends with its keep-alive
    assert ward.broker.peak_bytes() - before < GROWN_TIMES_MAX[ward.broker.kind] * LARGE_BYTES
    box = Party(own, wire.topic(CLINIC, BOX, "down"))
    wait_until(lambda: box.has(Connected))
    tells(box, wire.topic(CLINIC, BOX, "up"), b"after it")
    wait_until(lambda: any(one.payload == b"after it" for one in delivered(ingest)))
    assert max(len(one.payload) for one in delivered(ingest)) < MESSAGE_BYTES_MAX
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
