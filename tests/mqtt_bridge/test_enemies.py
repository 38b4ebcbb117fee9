"""Who is not let in, and what a box that was stolen or broken into can do at the clinic's real broker (mosquitto)."""

import datetime as dt
import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mqtt_bridge.authority import issue, make_authority
from mqtt_bridge.broker import MESSAGE_BYTES_MAX
from mqtt_bridge.mqtt.port import Connected, Delivered, Disconnected, Sent
from tests.bench.watch import memory_of
from tests.mqtt_bridge.test_real_broker import BOX, DOWN, HOST, UP, Broker, Party, join
from tests.support.lying_broker import CONNECT, PUBLISH, length_of, packet, text

OTHER = "box-2"
ACK = DOWN.replace("/down", "/ack")
MIB = 1024 * 1024
GROWTH_MIB_MAX = 24.0


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Broker]:
    broker = Broker(tmp_path)
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def parties() -> Iterator[list[Party]]:
    found: list[Party] = []
    yield found
    for party in found:
        party.client.stop()


def hears_nothing_but(party: Party, expected: bytes) -> None:
    """The next message is this one: whatever was sent before it did not come."""
    delivered = party.hear(Delivered)
    assert delivered.payload == expected
    party.client.settle(delivered.token)


# Another box's certificate


def test_another_boxs_certificate_writes_on_no_topic_but_its_own(broker: Broker, parties: list[Party]) -> None:
    ingest = join(parties, broker, "ingest", "chevet/v1/maison/+/up", "chevet/v1/maison/+/state")
    thief = join(parties, broker, OTHER, f"chevet/v1/maison/{OTHER}/down")
    forbidden = (
        UP,
        UP.replace("/up", "/state"),
        DOWN,
        ACK,
        "chevet/v1/other/box-2/up",
        f"chevet/v1/maison/{OTHER}/ack",
    )
    for topic in forbidden:
        thief.client.publish(topic, b"from a stranger")
        told = thief.hear(Sent)
        assert (told.accepted, told.reason) == (False, "Not authorized"), topic
    thief.client.publish(f"chevet/v1/maison/{OTHER}/up", b"its own")
    hears_nothing_but(ingest, b"its own")


@pytest.mark.parametrize("wanted", [DOWN, ACK, "chevet/v1/maison/+/down", "#", "$SYS/#"])
def test_another_boxs_certificate_reads_no_topic_but_its_own(broker: Broker, parties: list[Party], wanted: str) -> None:
    box, ingest = join(parties, broker, BOX, DOWN, ACK), join(parties, broker, "ingest", UP)
    thief = Party(broker, OTHER, wanted, f"chevet/v1/maison/{OTHER}/down")
    parties.append(thief)
    thief.hear(Connected)
    ingest.client.publish(DOWN, b"an order to box-1")
    ingest.client.publish(ACK, b"an answer to box-1")
    ingest.client.publish(f"chevet/v1/maison/{OTHER}/down", b"an order to box-2")
    assert {box.hear(Delivered).payload, box.hear(Delivered).payload} == {b"an order to box-1", b"an answer to box-1"}
    hears_nothing_but(thief, b"an order to box-2")


def test_a_box_that_publishes_at_qos_0_does_not_put_ingest_out(broker: Broker, parties: list[Party]) -> None:
    """Such a message has no number: to acknowledge it would be an offence, for which a broker ends the connection."""
    ingest = join(parties, broker, "ingest", UP)
    box = join(parties, broker, BOX, DOWN)
    client = box.client._client
    assert client is not None
    for number in range(3):
        client.publish(UP, f"{number}".encode(), qos=0)
        hears_nothing_but(ingest, f"{number}".encode())
    box.client.publish(UP, b"a report")
    hears_nothing_but(ingest, b"a report")
    assert not [event for event in ingest.heard if isinstance(event, Disconnected)]


# Certificates that are not good


def a_stranger(folder: Path) -> tuple[Path, Path]:
    """A self-made authority of our own clinic's name, and a certificate of it for box-1."""
    make_authority(folder / "false", "maison")
    issue(folder / "false", BOX, folder / "false" / "box")
    return folder / "false" / "box.crt", folder / "false" / "box.key"


def an_expired(folder: Path) -> tuple[Path, Path]:
    issue(folder, BOX, folder / "old", now=dt.datetime.now(dt.UTC) - dt.timedelta(days=500))
    return folder / "old.crt", folder / "old.key"


def a_servers(folder: Path) -> tuple[Path, Path]:
    """What may answer for the broker may not come as a box."""
    issue(folder, BOX, folder / "server", server_host=BOX)
    return folder / "server.crt", folder / "server.key"


def shake(broker: Broker, folder: Path, pair: tuple[Path, Path] | None, latest: ssl.TLSVersion) -> bytes:
    """Connect as a client, and the broker's first bytes. Raises OSError when it lets nobody in."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(folder / "ca.pem")
    context.maximum_version = latest
    if pair is not None:
        context.load_cert_chain(*pair)
    with (
        socket.create_connection((HOST, broker.port), 10) as plain,
        context.wrap_socket(plain, server_hostname=HOST) as secure,
    ):
        secure.sendall(connect(BOX))
        return secure.recv(4)


def connect(client_id: str) -> bytes:
    return packet(CONNECT, text("MQTT") + b"\x04\x02" + struct.pack("!H", 30) + text(client_id))


@pytest.mark.parametrize(
    "pair_of", [a_stranger, an_expired, a_servers, None], ids=["self-made CA", "expired", "server's", "none"]
)
def test_a_certificate_that_is_not_good_is_not_let_in(
    broker: Broker, tmp_path: Path, pair_of: Callable[[Path], tuple[Path, Path]] | None
) -> None:
    pair = None if pair_of is None else pair_of(tmp_path)
    try:
        answer = shake(broker, tmp_path, pair, ssl.TLSVersion.TLSv1_3)
    except OSError:
        answer = b""
    assert answer == b""  # TLS 1.3 tells a client after its handshake: no CONNACK ever came


def test_a_good_certificate_is_let_in_by_tls_1_3_alone(broker: Broker, tmp_path: Path) -> None:
    issue(tmp_path, BOX, tmp_path / BOX)
    pair = (tmp_path / f"{BOX}.crt", tmp_path / f"{BOX}.key")
    assert shake(broker, tmp_path, pair, ssl.TLSVersion.TLSv1_3) == b"\x20\x02\x00\x00"
    with pytest.raises(OSError, match=r"(?i)version|reset|eof"):
        shake(broker, tmp_path, pair, ssl.TLSVersion.TLSv1_2)


# What is far too large


def test_a_gigabyte_is_not_taken_in(broker: Broker, parties: list[Party], tmp_path: Path) -> None:
    """1 MiB is refused, of 1 GiB nothing is gathered; the others go on."""
    ingest = join(parties, broker, "ingest", UP)
    box = join(parties, broker, BOX, DOWN)
    assert broker._process is not None
    before_mib = memory_of(broker._process.pid).peak
    sent = throw_at(broker, tmp_path, packet(PUBLISH, text(f"chevet/v1/maison/{OTHER}/up") + b"x" * MIB))
    for _ in range(4):
        head = b"\x30" + length_of(256 * MIB - 1) + text(f"chevet/v1/maison/{OTHER}/up")
        sent += throw_at(broker, tmp_path, head, then=256 * MIB)
    assert memory_of(broker._process.pid).peak - before_mib < GROWTH_MIB_MAX, f"after {sent} bytes"
    box.client.publish(UP, b"x" * (MESSAGE_BYTES_MAX - 1000))
    assert len(ingest.hear(Delivered).payload) == MESSAGE_BYTES_MAX - 1000


def throw_at(broker: Broker, folder: Path, raw: bytes, then: int = 0) -> int:
    """These bytes and so many more under a good certificate, until the broker ends it; how many it took."""
    pair = folder / OTHER
    if not pair.with_suffix(".crt").exists():
        issue(folder, OTHER, pair)
    context = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    context.load_cert_chain(pair.with_suffix(".crt"), pair.with_suffix(".key"))
    taken = 0
    with socket.create_connection((HOST, broker.port), 10) as plain:
        secure = context.wrap_socket(plain, server_hostname=HOST)
        try:
            secure.sendall(connect(f"thrower-{time.monotonic_ns()}") + raw)
            while taken < then:
                secure.sendall(b"x" * MIB)
                taken += MIB
        except OSError:
            return taken
        finally:
            secure.close()
    return taken
