"""The two ends together: nothing lost, nothing twice, and the box never claims what the clinic's database lacks."""

import copy
import json
import select
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mqtt_bridge import seal
from mqtt_bridge.clinic_letters import write_order
from mqtt_bridge.contract.codec import encode
from mqtt_bridge.contract.identity import Practitioner
from mqtt_bridge.contract.order import Order, PlanOrder, ReadReceipt
from mqtt_bridge.contract.report import OrderReceived
from mqtt_bridge.contract.wire import Letter
from mqtt_bridge.mqtt.paho import PahoClient
from mqtt_bridge.mqtt.port import Address, Disconnected, Event, Mailbox
from tests.support.wire import BOX, CLINIC, Wire, new_wire
from tests.support.words_of_care import DAY_MS, NOW_MS, plan

LONG_MS = 10 * 60_000


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    wire = Wire(tmp_path)
    wire.settle_down()
    yield wire
    wire.close()


def test_a_report_reaches_the_database_and_the_box_knows(wire: Wire) -> None:
    key = wire.report()
    assert wire.truth(key) == "pending"
    wire.settle_down()
    assert wire.truth(key) == "in_record"
    assert len(wire.store.contents.reports) == 1


def test_the_brokers_word_is_not_the_databases(wire: Wire) -> None:
    wire.broker.fate = lambda topic, _payload: "lose" if topic.endswith("/up") else "deliver"
    key = wire.report()
    wire.settle_down()
    assert wire.truth(key) == "pending"  # the broker said "Success"
    wire.broker.fate = lambda _topic, _payload: "deliver"
    wire.pass_ms(LONG_MS)
    assert wire.truth(key) == "in_record"


def test_a_broker_without_ingest_has_not_sent(wire: Wire) -> None:
    wire.broker.fate = lambda topic, _payload: "refuse" if topic.endswith("/up") else "deliver"
    key = wire.report()
    wire.settle_down()
    assert wire.truth(key) == "pending"
    wire.broker.fate = lambda _topic, _payload: "deliver"
    wire.pass_ms(LONG_MS)
    assert wire.truth(key) == "in_record"


def test_a_restored_backup_is_filled_again_from_the_box(wire: Wire) -> None:
    backup = copy.deepcopy(wire.store.contents)
    keys = [wire.report(f"s{n}") for n in range(3)]
    wire.settle_down()
    wire.store.restore(backup)
    wire.pass_ms(60 * 60_000)
    wire.pass_ms(LONG_MS)
    assert {wire.truth(key) for key in keys} == {"in_record"}
    assert len(wire.store.contents.reports) == 3


def test_an_old_ledgers_late_word_changes_nothing(wire: Wire) -> None:
    key = wire.report()
    wire.settle_down()
    late = [payload for topic, payload in wire.broker.seen if topic.endswith("/ack")]
    wire.store.restore(wire.store.contents)
    wire.pass_ms(60 * 60_000)
    assert wire.reader.ledger() == wire.store.ledger
    for payload in late:
        wire.broker.carry(f"chevet/v1/{CLINIC}/{BOX}/ack", payload, retain=False)
    wire.settle_down()
    assert wire.reader.ledger() == wire.store.ledger
    assert wire.truth(key) == "in_record"


def test_a_report_of_another_key_is_held_not_dropped(wire: Wire) -> None:
    stranger = seal.make_keys()
    object.__setattr__(
        wire.enrolment, "clinic", seal.PublicKeys(verify=wire.clinic_keys.public.verify, seal=stranger.public.seal)
    )
    key = wire.report()
    wire.settle_down()
    assert wire.truth(key) == "held"
    assert [a.problem for a in wire.store.contents.reports.values()][0].startswith("the letter is sealed to the key")


def test_a_forged_signature_is_quarantined_and_not_acknowledged(wire: Wire) -> None:
    forged = seal.sign(
        Letter(kind="report", clinic=CLINIC, box=BOX, signer=wire.enrolment.keys.public.verify_id, body=b"x",
               stream="kiosk", epoch="0" * 16, seq=1), seal.make_keys()
    )  # fmt: skip
    acks = len([t for t, _ in wire.broker.seen if t.endswith("/ack")])
    wire.broker.carry(f"chevet/v1/{CLINIC}/{BOX}/up", forged, retain=False)
    wire.settle_down()
    assert wire.store.quarantined
    assert len([t for t, _ in wire.broker.seen if t.endswith("/ack")]) == acks


def test_the_same_identity_with_another_content_is_alarmed(wire: Wire) -> None:
    key = wire.report()
    wire.settle_down()
    keys = wire.enrolment.keys
    other = seal.sign(
        Letter(kind="report", clinic=CLINIC, box=BOX, signer=keys.public.verify_id, body=b"other", stream="kiosk",
               epoch=key[0], seq=key[1], recipient=wire.clinic_keys.public.seal_id), keys
    )  # fmt: skip
    wire.broker.carry(f"chevet/v1/{CLINIC}/{BOX}/up", other, retain=False)
    wire.settle_down()
    assert "another content" in wire.store.quarantined[0][2]
    assert len(wire.store.contents.reports) == 1


def test_an_order_is_received_once_and_the_clinic_knows(wire: Wire) -> None:
    wire.order(1)
    wire.send_orders()
    wire.send_orders()
    wire.settle_down()
    assert [order.serial for order in wire.reader.orders()] == [1]
    assert wire.store.contents.received == {"order-1"}


def test_an_order_that_the_broker_forgot_comes_with_the_next_hello(wire: Wire) -> None:
    wire.order(1)
    wire.pass_ms(60 * 60_000)
    assert [order.serial for order in wire.reader.orders()] == [1]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"box": "box-2"}, "for the box box-2"),
        ({"expires_ms": 1}, "expired"),
        ({"issued_ms": 4_000_000_000_000, "expires_ms": 5_000_000_000_000}, "from the future"),
    ],
)
def test_an_order_that_must_not_be_obeyed_is_refused_with_its_reason(
    wire: Wire, changes: dict[str, int | str], reason: str
) -> None:
    wire.order(1, PlanOrder(plan=None), **changes)
    wire.send_orders()
    wire.settle_down()
    assert wire.reader.orders() == []
    told = [a.report.content for a in wire.store.contents.reports.values() if a.report]
    assert [(c.accepted, c.reason) for c in told] == [(False, reason)]  # type: ignore[union-attr]


def test_an_order_not_signed_by_the_clinic_is_forgotten(wire: Wire) -> None:
    wire.clinic_keys, real = seal.make_keys(), wire.clinic_keys
    letter = wire.order(1)
    wire.clinic_keys = real
    wire.broker.carry(f"chevet/v1/{CLINIC}/{BOX}/down", letter, retain=False)
    wire.settle_down()
    assert wire.reader.orders() == []


def test_acknowledged_rows_stay_thirty_days_and_then_go(wire: Wire) -> None:
    epoch, _ = wire.report()
    wire.settle_down()
    ack = wire.reader.ack(epoch)
    assert ack is not None
    wire.outbox.landed(ack)
    assert wire.link_store.kept()
    wire.pass_ms(31 * DAY_MS)
    late = wire.reader.ack(epoch)
    assert late is not None
    wire.outbox.landed(late)
    assert not [held for held in wire.link_store.kept() if held.epoch == epoch]
    assert wire.report() == (epoch, 2)  # a number is never used twice


@given(st.binary(max_size=400))
@settings(
    max_examples=200, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_hostile_bytes_never_stop_either_end(wire: Wire, noise: bytes) -> None:
    before = len(wire.store.quarantined)
    assert wire.clinic_end.receive(f"chevet/v1/{CLINIC}/{BOX}/up", noise, 0) == []
    assert len(wire.store.quarantined) == before + 1
    assert wire.store.quarantined[-1][1] == noise
    wire.end.delivered(f"chevet/v1/{CLINIC}/{BOX}/down", noise, 1, wire.clock())


CLAIRE = Practitioner(given="Claire", role="infirmière")
ACTIONS = st.lists(
    st.sampled_from(
        [
            "report",
            "lose",
            "twice",
            "refuse",
            "deliver",
            "cut",
            "restart_link",
            "restart_kiosk",
            "wait",
            "restore",
            "order",
        ]
    ),
    min_size=5,
    max_size=40,
)


@pytest.mark.slow
@given(ACTIONS)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_whatever_happens_on_the_way(actions: list[str]) -> None:
    with new_wire() as wire:
        backup = copy.deepcopy(wire.store.contents)
        keys: list[tuple[str, int]] = []
        receipt = ReadReceipt(reports=(), reader=CLAIRE, reader_id="claire", read_ms=NOW_MS)
        serial = 0
        for action in actions:
            match action:
                case "report":
                    keys.append(wire.report(f"s{len(keys)}"))
                case "lose" | "twice" | "refuse" | "deliver":
                    wire.broker.fate = lambda _t, _p, fate=action: fate  # type: ignore[misc]
                case "cut":
                    wire.broker.drop_all()
                    wire.settle_down()
                    wire.clinic_client.connect()
                    wire.link_client.connect()
                case "restart_link":
                    wire.restart_link()
                case "restart_kiosk":
                    wire.restart_kiosk()
                case "wait":
                    wire.pass_ms(LONG_MS)
                case "restore":
                    wire.store.restore(backup)
                case "order":
                    serial += 1
                    wire.order(serial, None if serial % 2 else receipt)
                    wire.send_orders()
            _box_claims_nothing_false(wire, keys, restored="restore" in actions)
        wire.broker.fate = lambda _t, _p: "deliver"
        for _ in range(8):
            wire.pass_ms(16 * 60_000)
        assert {wire.truth(key) for key in keys} <= {"in_record"}
        stored = {(i.epoch, i.seq) for i in wire.store.contents.reports if i.stream == "kiosk"}
        assert stored == set(keys)
        kept = [o.serial for o in wire.reader.orders()]
        assert [number for number in kept if number % 2 == 0] == [n for n in range(serial, 0, -1) if n % 2 == 0]
        plan_kept = max((number for number in kept if number % 2), default=0)
        assert plan_kept == max((n for n in range(1, serial + 1) if n % 2), default=0)  # the last one is enough
        assert not wire.store.quarantined


def _box_claims_nothing_false(wire: Wire, keys: list[tuple[str, int]], *, restored: bool) -> None:
    """A restored backup makes an earlier claim false until the next answer: that is what the new ledger is for."""
    if restored:
        return
    stored = {(i.epoch, i.seq) for i in wire.store.contents.reports}
    assert {key for key in keys if wire.truth(key) != "pending"} <= stored


def test_encoding_is_the_same_each_time(wire: Wire) -> None:
    wire.report()
    letters = [row.letter for row in wire.link_store.waiting(5, frozenset())]
    assert letters == [row.letter for row in wire.link_store.waiting(5, frozenset())]
    assert encode(PlanOrder(plan=None)) == encode(PlanOrder(plan=None))


def _acknowledge(wire: Wire, **fields: object) -> None:
    """A word of the clinic's, signed by it, that its end would not say today."""
    _, (serial,) = wire.store.next_acks(1)
    words = {"ledger": wire.store.ledger, "serial": serial, "stream": "kiosk", "through": 0, "server_ms": 0, **fields}
    ack = json.dumps(words).encode()
    wire.broker.carry(f"chevet/v1/{CLINIC}/{BOX}/ack", wire.clinic_end._sign(BOX, "ack", ack), retain=False)
    wire.settle_down()


@pytest.mark.parametrize(
    "fields", [{"serial": 2**63}, {"through": 2**70}, {"server_ms": -1}, {"ranges": [{"first": 0, "last": 2**80}]}]
)
def test_strange_numbers_in_a_signed_word_end_nobody(wire: Wire, fields: dict[str, object]) -> None:
    key = wire.report()
    _acknowledge(wire, epoch=key[0], **fields)
    assert wire.truth(key) == "in_record"


def test_words_that_overtake_each_other_unsay_nothing(wire: Wire) -> None:
    key = wire.report()
    wire.settle_down()
    _acknowledge(wire, epoch=key[0])  # a later serial, computed from an earlier sight of the table
    assert wire.truth(key) == "in_record"


def test_a_database_put_back_under_the_same_ledger_is_noticed_and_filled_again(wire: Wire) -> None:
    backup = copy.deepcopy(wire.store.contents)
    keys = [wire.report(f"s{n}") for n in range(3)]
    wire.settle_down()
    wire.pass_ms(LONG_MS)
    wire.store.contents, wire.store.serial = backup, 0
    before = len(wire.broker.seen)
    wire.report("new")
    wire.settle_down()
    wire.pass_ms(LONG_MS)
    wire.pass_ms(LONG_MS)
    assert {wire.truth(key) for key in keys} == {"in_record"}
    assert len(wire.store.contents.reports) == 4
    assert len(wire.broker.seen) - before < 60  # no storm


def test_a_replayed_refused_order_is_told_once(wire: Wire) -> None:
    letter = wire.order(1, PlanOrder(plan=None), expires_ms=1)
    wire.store.orders.clear()
    for _ in range(50):
        wire.broker.carry(f"chevet/v1/{CLINIC}/{BOX}/down", letter, retain=False)
        wire.settle_down()
    assert len(wire.store.contents.reports) == 1


def test_an_order_that_this_version_cannot_read_is_refused_aloud(wire: Wire) -> None:
    body = encode(Order(id="o1", box=BOX, serial=1, issued_ms=0, expires_ms=10**15, content=PlanOrder(plan=plan())))
    later = body.replace(b'"place":', b'"later":1,"place":')
    letter = write_order(CLINIC, later, BOX, wire.enrolment.keys.public, wire.clinic_keys)
    wire.broker.carry(f"chevet/v1/{CLINIC}/{BOX}/down", letter, retain=False)
    wire.settle_down()
    (told,) = [a.report.content for a in wire.store.contents.reports.values() if a.report]
    assert isinstance(told, OrderReceived)
    assert (told.order, told.accepted) == ("o1", False)
    assert "later" in told.reason


def test_a_serial_that_is_used_again_is_refused_aloud(wire: Wire) -> None:
    wire.order(1)
    wire.send_orders()
    wire.settle_down()
    order = Order(
        id="stop", box=BOX, serial=1, issued_ms=NOW_MS, expires_ms=NOW_MS + DAY_MS, content=PlanOrder(plan=None)
    )
    letter = write_order(CLINIC, encode(order), BOX, wire.enrolment.keys.public, wire.clinic_keys)
    wire.broker.carry(f"chevet/v1/{CLINIC}/{BOX}/down", letter, retain=False)
    wire.settle_down()
    told = [a.report.content for a in wire.store.contents.reports.values() if a.report]
    assert [(c.order, c.accepted) for c in told if isinstance(c, OrderReceived)] == [("order-1", True), ("stop", False)]


def test_a_missing_certificate_is_waited_for(tmp_path: Path) -> None:
    missing = tmp_path / "none.pem"
    mailbox = Mailbox()
    client = PahoClient(Address("127.0.0.1", 1, "x", missing, missing, missing), mailbox)
    client.start((), None)
    events: list[Event] = []
    while len(events) < 2:  # tried, and tried again
        assert select.select([mailbox], [], [], 20)[0]
        events += mailbox.take()
    client.stop()
    assert all(isinstance(event, Disconnected) for event in events)


def test_an_acknowledgement_of_another_version_is_asked_for_again(wire: Wire) -> None:
    """An image that was put back must not leave a link that dies at each start."""
    key = wire.report()
    wire.settle_down()
    later = 'UPDATE acknowledged SET ack = CAST(\'{"of":"a later version"}\' AS BLOB)'
    wire.link_store._database.execute(later)
    wire.restart_link()
    wire.settle_down()
    assert wire.truth(key) == "in_record"
