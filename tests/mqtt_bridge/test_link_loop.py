"""The link's loop on a broker in memory: what is on the disk when a letter is settled, and who is told."""

import os
import select
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from mqtt_bridge import seal
from mqtt_bridge.bell import Bell, ring
from mqtt_bridge.contract.codec import decode
from mqtt_bridge.contract.order import Order
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.contract.wire import BoxState, Equipment
from mqtt_bridge.link.end import LinkEnd
from mqtt_bridge.link.folders import Folders
from mqtt_bridge.link.loop import Link
from mqtt_bridge.link.next_hello import MISSED_MS, QUIET_HELLO_MS
from mqtt_bridge.link.reading import LinkReader
from mqtt_bridge.link.store import LinkStore
from mqtt_bridge.mqtt.fake import FakeBroker, FakeClient
from mqtt_bridge.mqtt.port import Mailbox, Will
from tests.support.wire import BOX, CLINIC, Wire

STATE = f"chevet/v1/{CLINIC}/{BOX}/state"
DOWN = f"chevet/v1/{CLINIC}/{BOX}/down"


class WatchingClient(FakeClient):
    """Notes how many orders a reader finds at each settling, and what it was told at its start."""

    def __init__(self, broker: FakeBroker, mailbox: Mailbox, link_db: Path) -> None:
        super().__init__(broker, mailbox)
        self._reader = LinkReader(link_db)
        self.orders_when_settled: list[int] = []
        self.will: Will | None = None

    def start(self, subscriptions: tuple[str, ...], will: Will | None) -> None:
        self.will = will
        super().start(subscriptions, will)

    def settle(self, token: int) -> None:
        self.orders_when_settled.append(len(self._reader.orders()))
        super().settle(token)


class RefusingStore(LinkStore):
    """The card takes no order."""

    def keep_order(self, order: Order, letter: bytes, received: Stamp) -> bool:
        raise sqlite3.OperationalError("disk I/O error")


class Loop:
    """A Wire whose link is the real loop."""

    def __init__(self, folder: Path) -> None:
        self.player = True
        self.wire = Wire(folder)
        self.wire.settle_down()
        self.wire.link_client.stop()
        self.store = self.wire.link_store
        folders = Folders(data=folder, run=folder, enrolment=folder / "enrolment")
        mailbox = Mailbox()
        self.client = WatchingClient(self.wire.broker, mailbox, folders.link_db)
        end = LinkEnd(self.wire.enrolment, self.store)
        self.link = Link(end, self.client, mailbox, folders, self.wire.clock, examine=self.examine)
        self.kiosk_bell, self.link_bell = Bell(folders.kiosk_bell), folders.link_bell
        self._wake = os.eventfd(1, os.EFD_NONBLOCK)

    def examine(self, now: Stamp) -> Equipment:
        if now.wall_ms < 0:
            raise sqlite3.OperationalError("disk I/O error")
        return Equipment(at=now, every_s=900, player=self.player)

    def turn(self, turns: int = 4) -> None:
        """The wake is always readable, so that the loop never waits."""
        for _ in range(turns):
            self.link.step(self._wake)
            self.wire._clinic_reads()

    def start(self) -> None:
        self.link.start(self.wire.enrolment.place)
        self.turn()

    def rung(self) -> bool:
        found = bool(select.select([self.kiosk_bell], [], [], 0)[0])
        self.kiosk_bell.silence()
        return found

    def close(self) -> None:
        self.link.stop()
        self.kiosk_bell.close()
        os.close(self._wake)
        self.wire.close()


@pytest.fixture
def loop(tmp_path: Path) -> Iterator[Loop]:
    loop = Loop(tmp_path)
    loop.start()
    yield loop
    loop.close()


def state(payload: bytes) -> BoxState:
    return decode(seal.read_letter(payload).body, BoxState)


def test_an_order_is_on_the_disk_before_the_broker_may_forget_it(loop: Loop) -> None:
    loop.client.orders_when_settled.clear()
    loop.wire.order(1)
    loop.wire.send_orders()
    loop.turn(1)
    assert loop.client.orders_when_settled[0] == 1


def test_an_order_that_the_disk_refuses_does_not_stop_the_broker_and_comes_again(loop: Loop) -> None:
    loop.store.__class__ = RefusingStore
    letter = loop.wire.order(1)
    settled = len(loop.client.settled)
    loop.wire.broker.carry(DOWN, letter, retain=False)
    loop.turn()
    assert len(loop.client.settled) > settled  # a broker stops after twenty that are not
    assert loop.wire.reader.orders() == []
    loop.store.__class__ = LinkStore
    loop.wire.clock.pass_ms(MISSED_MS)
    loop.turn()
    assert [order.serial for order in loop.wire.reader.orders()] == [1]


def test_a_card_that_stays_full_is_asked_less_and_less_often(loop: Loop) -> None:
    """Each question brings the whole order once more, and somebody pays for the network."""
    loop.store.__class__ = RefusingStore
    letter = loop.wire.order(1)
    loop.wire.broker.carry(DOWN, letter, retain=False)
    loop.turn()
    settled = len(loop.client.settled)
    for _ in range(2 * 60 * 2):  # two hours
        loop.wire.clock.pass_ms(MISSED_MS)
        loop.turn(2)
    asked = (len(loop.client.settled) - settled) / 2  # an answer and an order each time
    assert 2 * 4 <= asked <= 2 * 4 + 6
    loop.store.__class__ = LinkStore
    loop.wire.clock.pass_ms(QUIET_HELLO_MS)
    loop.turn()
    assert [order.serial for order in loop.wire.reader.orders()] == [1]


def test_the_kiosk_is_rung_for_an_order_and_for_an_acknowledgement(loop: Loop) -> None:
    loop.rung()
    loop.wire.order(1)
    loop.wire.send_orders()
    loop.turn(1)
    assert loop.rung()
    loop.turn()
    loop.rung()
    loop.wire.report()
    ring(loop.link_bell)
    loop.turn()
    assert loop.rung()
    loop.turn()
    assert not loop.rung()  # nothing new, nothing rung


def test_birth_and_last_will_say_the_truth_and_stay_with_the_broker(loop: Loop) -> None:
    assert loop.client.will is not None
    assert (loop.client.will.topic, state(loop.client.will.payload).alive) == (STATE, False)
    assert state(loop.wire.broker.retained[STATE]).alive
    loop.link.stop()
    assert not state(loop.wire.broker.retained[STATE]).alive


def test_a_link_that_is_cut_off_sends_all_again_when_it_is_back(loop: Loop) -> None:
    loop.wire.broker.drop_all()
    loop.turn()
    key = loop.wire.report()
    loop.turn()
    assert loop.wire.truth(key) == "pending"
    loop.wire.clinic_client.connect()
    loop.client.connect()
    loop.turn(8)
    assert loop.wire.truth(key) == "in_record"


def said(loop: Loop) -> list[BoxState]:
    return [state(payload) for topic, payload in loop.wire.broker.seen if topic == STATE]


def test_a_birth_says_how_the_box_is_and_a_heartbeat_follows_at_its_rhythm_and_at_a_change(loop: Loop) -> None:
    assert [one.equipment and one.equipment.player for one in said(loop)][-1] is True
    before = len(said(loop))
    for _ in range(10):
        loop.wire.clock.pass_ms(60_000)
        loop.turn(1)
    assert len(said(loop)) == before
    loop.player = False
    loop.wire.clock.pass_ms(60_000)
    loop.turn(1)
    assert len(said(loop)) == before + 1
    for _ in range(15):
        loop.wire.clock.pass_ms(60_000)
        loop.turn(1)
    assert len(said(loop)) == before + 2
    told = [one.equipment for one in said(loop)[before:]]
    assert [one and one.player for one in told] == [False, False]


def test_without_a_broker_nothing_is_looked_at_and_nothing_is_said(loop: Loop) -> None:
    loop.client.cut("the cable")
    loop.turn()
    before = len(said(loop))
    loop.player = False
    loop.wire.clock.pass_ms(3600_000)
    loop.turn()
    assert len(said(loop)) == before
    loop.client.connect()
    loop.turn()
    assert said(loop)[-1].equipment == loop.examine(loop.wire.clock())


def test_a_look_that_fails_stops_neither_the_birth_nor_the_loop(loop: Loop) -> None:
    loop.client.cut("the cable")
    loop.turn()
    loop.wire.clock.wall_ms = -1_000_000
    loop.client.connect()
    loop.turn()
    assert (said(loop)[-1].alive, said(loop)[-1].equipment) == (True, None)
