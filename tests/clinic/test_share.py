"""Each box is one ingest process's, and what came for the boxes of another is there when that one dies."""

from pathlib import Path

import pytest

from clinic.ingest.aside import MESSAGE_BYTES, Aside
from clinic.ingest.process import Limits
from clinic.ingest.share import Share
from clinic.results.models import LedgerRow, Quarantine
from mqtt_bridge.mqtt.port import SETTLED, Delivered
from tests.clinic.box import evaluation
from tests.clinic.conftest import Clinic
from tests.clinic.test_process import QUICK, Loop

THREE = ("ingest-a-1", "ingest-a-2", "ingest-b-1")
BOXES = [f"chevet/v1/maison/box-{number}" for number in range(900)]


def shares(*members: str) -> dict[str, list[str]]:
    """Whose each box is; every member's own view."""
    return {name: [box for box in BOXES if Share(name, members).is_mine(f"{box}/up")] for name in members}


def test_every_box_is_somebodys_and_nobody_elses() -> None:
    found = shares(*THREE)
    assert sorted(box for boxes in found.values() for box in boxes) == sorted(BOXES)
    assert all(len(boxes) > len(BOXES) / 3 * 0.8 for boxes in found.values())


def test_when_one_goes_its_boxes_alone_move() -> None:
    before, after = shares(*THREE), shares(*THREE[:2])
    for name in THREE[:2]:
        assert set(before[name]) < set(after[name])


def test_who_is_alone_has_everything_and_all_topics_of_a_box_go_together() -> None:
    alone = Share(THREE[0])
    assert all(alone.is_mine(topic) for topic in ("chevet/v1/maison/box-1/up", "nonsense", "", "\udcff/up"))
    one = Share(THREE[0], THREE)
    assert all(one.is_mine(f"{box}/up") == one.is_mine(f"{box}/state") for box in BOXES)


def delivered(topic: str, size: int = 0) -> Delivered:
    return Delivered(topic, b"." * size, retained=False, token=SETTLED)


def test_what_is_aside_is_taken_in_its_order_and_forgotten_in_time() -> None:
    aside = Aside(s_max=10)
    for number in range(4):
        aside.put(delivered(f"{number}"), now_s=number)
    assert [one.topic for one in aside.take(lambda topic: topic in "02")] == ["0", "2"]
    aside.forget(now_s=12)
    assert [one.topic for one in aside.take(lambda _: True)] == ["3"]
    assert aside.take(lambda _: True) == []


def test_what_is_aside_has_an_end() -> None:
    aside = Aside(s_max=10, bytes_max=3 * MESSAGE_BYTES + 100)
    for number in range(5):
        aside.put(delivered(f"{number}", size=10), now_s=0)
    assert [one.topic for one in aside.take(lambda _: True)] == ["2", "3", "4"]


class OnePeer:
    """Another process that has these boxes for as long as it lives."""

    beat_s = 0.0

    def __init__(self, boxes: set[str]) -> None:
        self._theirs, self._changed = boxes, False
        self.left = 0

    def die(self) -> None:
        self._theirs, self._changed = set(), True

    def beat(self) -> bool:
        changed, self._changed = self._changed, False
        return changed

    def leave(self) -> None:
        self.left += 1

    def is_mine(self, topic: str) -> bool:
        return topic.split("/")[3] not in self._theirs


@pytest.mark.django_db(databases=["default", "audit"])
def test_what_is_a_peers_is_settled_unread_and_kept_when_it_dies(clinic: Clinic, tmp_path: Path) -> None:
    loop, peer = Loop(clinic, tmp_path), OnePeer({clinic.box.name})
    loop.peers = peer
    told = [clinic.box.report(evaluation("before", (1, 2, 3, 4, 5), session=f"s-{n}")) for n in range(3)]
    seen: dict[str, int] = {}

    def done() -> bool:
        if loop.ready and not seen:
            for payload in (*told, b"\x00"):
                loop.client.arrive(clinic.box.up, payload, retained=False)
            seen["rows"] = -1
        if len(loop.client.settled) == 4 and seen["rows"] < 0:
            seen["rows"], seen["unreadable"] = LedgerRow.objects.count(), Quarantine.objects.count()
            peer.die()
        return LedgerRow.objects.count() == 3 and Quarantine.objects.count() == 1

    loop.run(done, QUICK)
    assert seen == {"rows": 0, "unreadable": 0}
    assert len(loop.client.settled) == 4, "each once"
    assert clinic.box.ack(loop.sent("/ack")[-1]).through == 3


@pytest.mark.django_db(databases=["default", "audit"])
def test_who_has_no_broker_leaves_its_boxes_to_the_others(clinic: Clinic, tmp_path: Path) -> None:
    loop, peer = Loop(clinic, tmp_path), OnePeer(set())
    loop.peers = peer

    def done() -> bool:
        if loop.ready and loop.client.connected:
            loop.broker.drop_all()
        return peer.left > 0

    loop.run(done, Limits(pause_ms=0, look_for_orders_s=0.02))
    assert peer.left == 2, "when it was cut off, and at its end"
