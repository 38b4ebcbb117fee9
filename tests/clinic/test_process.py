"""The ingest loop on a broker in memory, over the real store: what is settled, answered and sent, and when."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from django.db import OperationalError, connection

from clinic.ingest.peers import Nobody
from clinic.ingest.process import DatabaseAway, Ingest, Limits, Parts, Peers
from clinic.ingest.store import DjangoStore
from clinic.ingest.urgent import Urgent
from clinic.plans.models import Order
from clinic.results.models import LedgerRow, Progress, Quarantine
from clinic.results.progress import reckon_one
from clinic.results.reading import receipt
from mqtt_bridge.bell import Bell, ring
from mqtt_bridge.clinic_end import ClinicEnd
from mqtt_bridge.clinic_store import Arrival, Kept
from mqtt_bridge.contract.order import ReportReference
from mqtt_bridge.mqtt.fake import FakeBroker, FakeClient
from mqtt_bridge.mqtt.port import Mailbox
from mqtt_bridge.systemd import Systemd
from tests.clinic.box import CLINIC, EPOCH, T0_MS, evaluation
from tests.clinic.conftest import Clinic

pytestmark = pytest.mark.django_db(databases=["default", "audit"])

QUICK = Limits(pause_ms=0, look_for_orders_s=0.02, away_s_max=0.2)


class StopWhen:
    """Stops the loop once `done` holds; the loop is then at rest. Gives up after `turns_max` looks."""

    def __init__(self, done: Callable[[], bool], turns_max: int = 2000) -> None:
        self._done, self._left = done, turns_max
        self._never = os.eventfd(0)
        self.waits_s: list[float] = []

    def fileno(self) -> int:
        return self._never

    def wait(self, seconds: float) -> bool:
        self._left -= 1
        self.waits_s.append(seconds)
        assert self._left, "the loop never came to what the test waits for"
        return self._done()


class Loop:
    """An ingest loop that a test drives."""

    def __init__(self, clinic: Clinic, folder: Path, store: DjangoStore | None = None) -> None:
        self.broker, self.mailbox = FakeBroker(), Mailbox()
        self.client = FakeClient(self.broker, self.mailbox)
        self.store = store or DjangoStore()
        self.end = ClinicEnd(CLINIC, clinic.keys, self.store)
        self.bell_path = folder / "bell"
        self.peers: Peers = Nobody()
        self.unit = Systemd()
        self.urgent: Urgent | None = None
        self.ready = 0
        self.waits_s: list[float] = []
        """What it would have waited for, where nothing wakes it."""

    def run(self, until: Callable[[], bool], limits: Limits = QUICK, spare: Callable[[], bool] = lambda: False) -> None:
        bell = Bell(self.bell_path)
        own, stop = (self.end, self.store, self.client, self.mailbox, bell), StopWhen(until)
        self.waits_s = stop.waits_s
        parts = Parts(*own, stop, self._on_ready, spare, self.peers, self.unit, self.urgent)
        try:
            Ingest(CLINIC, parts, limits).run()
        finally:
            bell.close()

    def _on_ready(self) -> None:
        self.ready += 1
        self.unit.ready()

    def sent(self, channel: str) -> list[bytes]:
        return [payload for topic, payload in self.broker.seen if topic.endswith(channel)]


@pytest.fixture
def loop(clinic: Clinic, tmp_path: Path) -> Loop:
    return Loop(clinic, tmp_path)


def letters(clinic: Clinic, count: int) -> list[bytes]:
    return [clinic.box.report(evaluation("before", (1, 2, 3, 4, 5), session=f"s-{n}")) for n in range(count)]


def deliver(loop: Loop, clinic: Clinic, payloads: list[bytes]) -> Callable[[], bool]:
    """Deliver as soon as the loop has subscribed; done once all are settled."""
    state = {"given": False}

    def done() -> bool:
        if loop.ready and not state["given"]:
            state["given"] = True
            for payload in payloads:
                loop.client.arrive(clinic.box.up, payload, retained=False)
        return len(loop.client.settled) == len(payloads)

    return done


def test_each_message_is_kept_answered_and_settled(clinic: Clinic, loop: Loop) -> None:
    loop.run(deliver(loop, clinic, letters(clinic, 30)))
    assert LedgerRow.objects.count() == 30
    assert max(clinic.box.ack(payload).through for payload in loop.sent("/ack")) == 30
    assert loop.ready == 1


def test_a_bad_message_between_good_ones_stops_nothing(clinic: Clinic, loop: Loop) -> None:
    good = letters(clinic, 2)
    loop.run(deliver(loop, clinic, [good[0], b"\x00", good[1]]))
    assert (LedgerRow.objects.count(), Quarantine.objects.count()) == (2, 1)


class FaultyStore(DjangoStore):
    """A store with a fault of its own on the second report, and a database that is away a few times."""

    def __init__(self, away: int = 0) -> None:
        super().__init__()
        self.away = away

    def keep_all(self, arrivals: Sequence[Arrival]) -> list[Kept]:
        if self.away:
            self.away -= 1
            raise OperationalError("database is locked")
        kept = super().keep_all(arrivals)
        if any(arrival.identity.seq == 2 for arrival in arrivals):
            raise ZeroDivisionError("a fault of ours")
        return kept


def test_a_fault_of_ours_is_kept_raw_and_leaves_no_half(clinic: Clinic, tmp_path: Path) -> None:
    loop = Loop(clinic, tmp_path, FaultyStore())
    loop.run(deliver(loop, clinic, letters(clinic, 3)))
    assert sorted(LedgerRow.objects.values_list("seq", flat=True)) == [1, 3]
    assert "ZeroDivisionError" in Quarantine.objects.get().problem


@pytest.mark.skipif(
    connection.vendor == "postgresql",
    reason="a lost connection is given up, and with it the transaction that this test stands in: SQLite stays",
)
def test_a_locked_database_is_waited_for_and_nothing_is_answered_meanwhile(clinic: Clinic, tmp_path: Path) -> None:
    loop = Loop(clinic, tmp_path, FaultyStore(away=2))
    loop.run(deliver(loop, clinic, letters(clinic, 1)), Limits(pause_ms=0, away_s_max=30))
    assert len(loop.sent("/ack")) == 1
    assert LedgerRow.objects.count() == 1


def test_a_database_that_stays_away_ends_the_process_with_nothing_settled(clinic: Clinic, tmp_path: Path) -> None:
    loop = Loop(clinic, tmp_path, FaultyStore(away=10**6))
    with pytest.raises(DatabaseAway):
        loop.run(deliver(loop, clinic, letters(clinic, 1)), Limits(pause_ms=0, away_s_max=0))
    assert loop.client.settled == []
    assert loop.sent("/ack") == []


def write_order(clinic: Clinic) -> Order:
    seen = (ReportReference(epoch=EPOCH, seq=1),)
    return clinic.pen.read(clinic.device, receipt(clinic.claire, seen, T0_MS))


def test_an_order_written_before_the_start_is_sent_once(clinic: Clinic, loop: Loop) -> None:
    order = write_order(clinic)
    loop.run(lambda: Order.objects.filter(sent_ms__isnull=False).exists())
    assert [clinic.box.order(payload).id for payload in loop.sent("/down")] == [order.order]


def test_an_order_is_sent_when_the_bell_rings(clinic: Clinic, loop: Loop) -> None:
    state = {"written": False}

    def done() -> bool:
        if loop.ready and not state["written"]:
            state["written"] = True
            write_order(clinic)
            ring(loop.bell_path)
        return Order.objects.filter(sent_ms__isnull=False).exists()

    loop.run(done, Limits(look_for_orders_s=60))
    assert len(loop.sent("/down")) == 1


def test_a_refused_order_stays_to_be_sent(clinic: Clinic, loop: Loop) -> None:
    write_order(clinic)
    loop.broker.fate = lambda _topic, _payload: "refuse"
    looks = iter(range(10))
    loop.run(lambda: next(looks, None) is None)
    assert len(loop.sent("/down")) == 1
    assert Order.objects.get().sent_ms is None


def test_a_broker_that_goes_loses_nothing(clinic: Clinic, loop: Loop) -> None:
    write_order(clinic)
    loop.broker.fate = lambda _topic, _payload: "lose"
    looks = iter(range(5))

    def done() -> bool:
        if next(looks, None) == 2:
            loop.broker.drop_all()
        return next(looks, None) is None

    loop.run(done)
    answers = clinic.receive(clinic.box.hello(through=0))
    assert len([o for o in answers if o.topic.endswith("/down")]) == 1


def test_what_can_wait_is_done_when_nothing_else_is(clinic: Clinic, loop: Loop) -> None:
    """What arrived is reckoned with (A12) before anybody looks at the list."""
    settled = deliver(loop, clinic, letters(clinic, 3))

    def reckoned() -> bool:
        return settled() and Progress.objects.filter(patient=clinic.patient, stale=False).exists()

    loop.run(reckoned, spare=reckon_one)
    assert LedgerRow.objects.count() == 3
    assert not reckon_one(), "and nothing is left"


def test_a_fault_in_what_can_wait_stops_nothing(clinic: Clinic, loop: Loop, caplog: pytest.LogCaptureFixture) -> None:
    tried = []

    def broken() -> bool:
        tried.append(1)
        raise ValueError("a fault of ours")

    loop.run(deliver(loop, clinic, letters(clinic, 3)), spare=broken)
    assert LedgerRow.objects.count() == 3
    assert len(tried) == 1
    assert "what can wait is left until ingest starts again" in caplog.text
