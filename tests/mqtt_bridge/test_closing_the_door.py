"""What really closes mosquitto's door to a box, lock by lock: the list of certificates, the rights, the take-over."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mqtt_bridge import authority, broker
from mqtt_bridge.mqtt.paho import take_over
from mqtt_bridge.mqtt.port import Address, Connected, Delivered, Disconnected, Sent
from tests.mqtt_bridge.test_real_broker import BOX, DOWN, UP, Broker, Party

OTHER = "box-2"


@pytest.fixture
def door(tmp_path: Path) -> Iterator["Door"]:
    found = Door(tmp_path)
    yield found
    for party in found.parties:
        party.client.stop()
    found.broker.stop()


class Door:
    """A broker that knows a list of revoked certificates, empty at first, with a box and an ingest connected."""

    def __init__(self, folder: Path) -> None:
        authority.make_authority(folder, "maison")
        authority.write_revoked(folder, [], folder / broker.REVOKED)
        self.folder, self.broker = folder, Broker(folder)
        self.broker.start()
        self.parties: list[Party] = []
        self.ingest = self.join("ingest", UP)
        self.box = self.join(BOX, DOWN)

    def join(self, name: str, *topics: str) -> Party:
        party = Party(self.broker, name, *topics)
        self.parties.append(party)
        party.hear(Connected)
        return party

    def revoke(self, name: str) -> None:
        serial = authority.facts((self.folder / f"{name}.crt").read_bytes()).serial
        authority.write_revoked(self.folder, [(serial, 1_800_000_000_000)], self.folder / broker.REVOKED)

    def reload(self) -> None:
        assert broker.reload(self.folder)
        self.join("box-3", "chevet/v1/maison/box-3/down")  # who is taken in now came after the files were read anew


def open_files() -> dict[str, str]:
    """What stands behind each descriptor; that of the look itself is gone by then."""
    found = {}
    for path in list(Path("/proc/self/fd").iterdir()):
        with contextlib.suppress(FileNotFoundError):
            found[path.name] = str(path.readlink())
    return found


def false_pair(door: "Door", folder: Path) -> Address:
    """Ingest's name, by an authority that is not the clinic's."""
    other = folder / "other"
    authority.make_authority(other, "maison")
    authority.issue(other, "ingest", folder / "false")
    address = door.broker.address("ingest")
    return replace(address, client_id=f"test-{BOX}", certificate=folder / "false.crt", key=folder / "false.key")


def sent(party: Party, words: bytes) -> Sent:
    party.client.publish(UP, words)
    return party.hear(Sent)


def test_the_list_alone_leaves_a_live_connection_open(door: Door) -> None:
    door.revoke(BOX)
    door.reload()
    assert sent(door.box, b"still there").accepted
    assert door.ingest.hear(Delivered).payload == b"still there"


def test_the_list_keeps_out_who_comes_anew_and_nobody_else(door: Door) -> None:
    door.revoke(BOX)
    door.reload()
    door.join(OTHER, f"chevet/v1/maison/{OTHER}/down")
    door.box.client.reconnect()
    door.box.hear(Disconnected)
    # It tries again and again, and is refused again and again.
    refused = [door.box.hear(Disconnected).reason for _ in range(2)]
    assert all(refused)
    assert not [event for event in door.box.heard if isinstance(event, Connected)]


def test_rights_that_are_taken_hold_for_a_live_connection_at_once(door: Door) -> None:
    broker.write_access(door.folder, "maison", [BOX])
    door.reload()
    assert not sent(door.box, b"nobody hears this").accepted
    other = door.join(OTHER, f"chevet/v1/maison/{OTHER}/down")
    other.client.publish(f"chevet/v1/maison/{OTHER}/state", b"theirs stay")
    assert other.hear(Sent).reason != "Not authorized"


def test_who_takes_its_name_ends_its_connection(door: Door) -> None:
    address = replace(door.broker.address("ingest"), client_id=f"test-{BOX}")
    door.revoke(BOX)
    door.reload()
    take_over(address)
    assert door.box.hear(Disconnected)
    assert door.box.hear(Disconnected).reason, "it does not come back"
    assert not [event for event in door.box.heard if isinstance(event, Connected)]


def test_without_the_list_it_would_come_back(door: Door) -> None:
    """The take-over alone is no lock: this is why there are three."""
    take_over(replace(door.broker.address("ingest"), client_id=f"test-{BOX}"))
    door.box.hear(Disconnected)
    assert door.box.hear(Connected)


def test_it_works_under_mqtt_3_1_1_too(door: Door) -> None:
    address = replace(door.broker.address("ingest"), client_id=f"test-{BOX}", protocol=4)
    take_over(address)
    assert door.box.hear(Disconnected)


def test_a_stranger_takes_nobodys_name(door: Door, tmp_path: Path) -> None:
    false = false_pair(door, tmp_path)
    before = set(open_files().items())
    with pytest.raises(OSError) as told:  # TLS ends it in one of several ways
        take_over(false)
    assert set(open_files().items()) <= before, (
        f"{told.value} is told, and holds what it came from: nothing of that is open"
    )
    assert sent(door.box, b"still there").accepted
