"""What the box sends, how much at once, how often it asks; what it believes of the clinic's words, and what not."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import structs

from mqtt_bridge import seal
from mqtt_bridge.contract import wire as words
from mqtt_bridge.contract.care import PlanReference
from mqtt_bridge.contract.codec import ContractError, decode, encode
from mqtt_bridge.contract.identity import Practitioner
from mqtt_bridge.contract.order import Order, PlanOrder, ReadReceipt
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.database import open_writer
from mqtt_bridge.link.end import UNANSWERED_MAX, WINDOW_MAX, Effect, LinkEnd, Publish
from mqtt_bridge.link.next_hello import HELLO_MS_MAX
from mqtt_bridge.link.store import KEPT_ORDERS_MAX, Key, LinkStore
from tests.support.ages import OldClinicEnd
from tests.support.wire import BOX, CLINIC, Wire, listening
from tests.support.words_of_care import DAY_MS, NOW_MS

HOUR_MS = 3600_000
UP, ACK = f"chevet/v1/{CLINIC}/{BOX}/up", f"chevet/v1/{CLINIC}/{BOX}/ack"


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    wire = Wire(tmp_path)
    wire.settle_down()
    yield wire
    wire.close()


@pytest.fixture
def end(wire: Wire) -> LinkEnd:
    """A link that has just started and has no broker yet."""
    return LinkEnd(wire.enrolment, wire.link_store)


def write(wire: Wire, count: int) -> None:
    with wire.bedside.atomic():
        for number in range(count):
            wire.outbox.add(listening(f"s{number}", wire.clock()), wire.clock())


def rows(effects: list[Effect]) -> list[Key]:
    return [effect.row for effect in effects if isinstance(effect, Publish) and effect.row is not None]


def hellos(effects: list[Effect]) -> list[words.Hello]:
    found = [effect for effect in effects if isinstance(effect, Publish) and effect.row is None]
    return [decode(seal.read_letter(effect.payload).body, words.Hello) for effect in found]


def say(wire: Wire, **fields: object) -> bytes:
    """A signed word of the clinic's about the kiosk's present epoch."""
    told: dict[str, object] = {"ledger": wire.store.ledger, "serial": 1, "through": 0, "server_ms": 0, **fields}
    ack = words.Ack(stream="kiosk", epoch=wire.outbox.epoch, **told)  # type: ignore[arg-type]
    return wire.clinic_end._sign(BOX, "ack", encode(ack))


def hear(wire: Wire, payload: bytes) -> None:
    wire.broker.carry(ACK, payload, retain=False)
    wire.settle_down()


# How much at once


def test_no_more_rows_are_under_way_than_the_window_holds(wire: Wire, end: LinkEnd) -> None:
    write(wire, WINDOW_MAX + 5)
    sent = rows(end.connected(wire.clock()))
    assert len(sent) == WINDOW_MAX
    assert rows(end.rung(wire.clock())) == []
    more = rows(end.published(sent[0], accepted=True, now=wire.clock()))
    assert len(more) == 1
    assert more[0] not in sent


def test_a_clinic_that_never_answers_is_not_buried(wire: Wire, end: LinkEnd) -> None:
    write(wire, UNANSWERED_MAX + WINDOW_MAX + 5)
    under_way = rows(end.connected(wire.clock()))
    given: list[Key] = []
    while under_way:
        given.append(under_way.pop(0))
        under_way += rows(end.published(given[-1], accepted=True, now=wire.clock()))
    assert len(given) == len(set(given))
    assert UNANSWERED_MAX <= len(given) <= UNANSWERED_MAX + WINDOW_MAX


def test_what_could_not_be_given_to_the_broker_is_given_to_the_next(wire: Wire, end: LinkEnd) -> None:
    write(wire, 1)
    (row,) = rows(end.connected(wire.clock()))
    end.unsent(row)
    assert rows(end.rung(wire.clock())) == [row]


def test_what_a_former_broker_took_is_sent_again_on_a_new_connection(wire: Wire, end: LinkEnd) -> None:
    write(wire, 1)
    (row,) = rows(end.connected(wire.clock()))
    end.published(row, accepted=True, now=wire.clock())
    end.disconnected()
    write(wire, 1)
    assert end.rung(wire.clock()) == []  # nobody to give it to
    assert rows(end.connected(wire.clock())) == [row, (row[0], 2)]  # not only once the clinic has answered


def test_what_is_beyond_a_hole_and_known_is_not_sent_again(wire: Wire, end: LinkEnd) -> None:
    write(wire, 5)
    hear(wire, say(wire, through=1, ranges=(words.Range(first=3, last=4),)))
    assert [seq for _, seq in rows(end.connected(wire.clock()))] == [2, 5]


def test_a_clinic_that_is_faster_than_the_broker_is_not_asked_again(wire: Wire, end: LinkEnd) -> None:
    write(wire, 1)
    (row,) = rows(end.connected(wire.clock()))
    end.delivered(ACK, say(wire, through=1), 1, wire.clock())
    end.published(row, accepted=True, now=wire.clock())
    assert end.due_ms(wire.clock()) > HELLO_MS_MAX


# How often it asks


def times_of_hellos(wire: Wire, hours: int) -> list[int]:
    """When (milliseconds) a link asks that nobody answers, second by second."""
    end = LinkEnd(wire.enrolment, wire.link_store)
    write(wire, 1)
    (row,) = rows(end.connected(wire.clock()))
    end.published(row, accepted=True, now=wire.clock())
    asked = []
    for _ in range(hours * 3600):
        now = wire.clock.pass_ms(1_000)
        if end.due_ms(now) == 0 and hellos(end.due(now)):
            asked.append(now.monotonic_ms)
    return asked


def test_a_clinic_that_is_silent_is_asked_more_and_more_rarely_and_never_given_up(wire: Wire) -> None:
    asked = times_of_hellos(wire, hours=1)
    pauses = [later - before for before, later in itertools.pairwise(asked)]
    assert pauses == sorted(pauses)
    assert pauses[0] < 10_000
    assert pauses[-1] == HELLO_MS_MAX
    assert len(asked) < 40


def test_without_a_broker_nothing_is_waited_for(wire: Wire, end: LinkEnd) -> None:
    assert end.due_ms(wire.clock()) > HELLO_MS_MAX
    assert end.due(wire.clock()) == []


def test_a_quiet_box_still_asks_four_times_an_hour(wire: Wire) -> None:
    wire.pass_ms(1_000)
    before = len(wire.store.hellos)
    for _ in range(60):
        wire.pass_ms(60_000)
    assert 3 <= len(wire.store.hellos) - before <= 5


def test_the_clinic_learns_the_boxs_clock_from_a_true_exchange(wire: Wire) -> None:
    asked_ms = wire.clock.monotonic_ms
    wire._do(wire.end.connected(wire.clock()))
    wire.clock.pass_ms(80)  # on the way
    answered_ms = wire.clock.wall_ms
    wire.settle_down()
    wire.pass_ms(HOUR_MS)
    former = wire.store.hellos[-1].former
    assert former is not None
    assert (former.boot, former.sent_monotonic_ms, former.received_monotonic_ms, former.server_ms) == (
        "boot-1", asked_ms, asked_ms + 80, answered_ms,
    )  # fmt: skip


# What a hello asks about


def test_a_hello_names_first_what_the_clinic_lacks(wire: Wire) -> None:
    for number in range(3):
        wire.report(f"s{number}")
        wire.settle_down()
        wire.restart_kiosk()
    wire.broker.fate = lambda _topic, _payload: "lose"
    lacking, _ = wire.report("new")
    assert [held.epoch for held in wire.link_store.kept_most_wanted(1)] == [lacking]


# What is believed


def test_a_ledger_is_not_taken_from_words_that_nobody_asked_for(wire: Wire) -> None:
    key = wire.report()
    wire.settle_down()
    wire.broker.fate = lambda topic, _payload: "lose" if topic == UP else "deliver"  # the question goes unheard
    hear(wire, say(wire, ledger="of-yesterday", serial=10_000))
    assert wire.reader.ledger() == wire.store.ledger
    assert wire.truth(key) == "in_record"


def test_an_older_word_that_comes_late_changes_nothing(wire: Wire) -> None:
    """What was held is readable since: a broker that repeats the older word must not turn it back."""
    key = wire.report()
    wire.settle_down()
    hear(wire, say(wire, serial=500, through=1, server_ms=NOW_MS + 500))
    assert wire.truth(key) == "in_record"
    hear(wire, say(wire, serial=400, through=1, held=(words.Range(first=1, last=1),), server_ms=NOW_MS + 400))
    assert wire.truth(key) == "in_record"
    known = wire.reader.ack(key[0])
    assert known is not None
    assert known.server_ms == NOW_MS + 500  # the clinic's last word on the time does not go back either


def test_a_lesser_word_under_a_later_serial_changes_nothing(wire: Wire) -> None:
    keys = [wire.report("one"), wire.report("two")]
    wire.settle_down()
    hear(wire, say(wire, serial=500, through=1))
    assert {wire.truth(key) for key in keys} == {"in_record"}


def test_a_database_put_back_makes_every_epoch_doubtful_not_only_those_answered(wire: Wire) -> None:
    wire.clinic_end = OldClinicEnd(CLINIC, wire.clinic_keys, wire.store)  # form 1: one letter for each epoch
    for _ in range(2):  # until the box has noticed
        wire.pass_ms(HOUR_MS)
    old = wire.report("old")
    wire.settle_down()
    wire.restart_kiosk()
    new = wire.report("new")
    wire.settle_down()
    wire.pass_ms(HOUR_MS)
    wire.store.contents.reports.clear()
    wire.store.serial = 0
    answers = _only_about(new[0])
    wire.broker.fate = answers
    wire.pass_ms(HOUR_MS)
    assert wire.truth(old) == "pending"  # the clinic has not said that it still has it
    wire.broker.fate = lambda _topic, _payload: "deliver"
    wire.pass_ms(HOUR_MS)
    wire.pass_ms(HOUR_MS)
    assert {(i.epoch, i.seq) for i in wire.store.contents.reports} == {old, new}


def _only_about(epoch: str):  # type: ignore[no-untyped-def]  # noqa: ANN202
    """A broker that loses the clinic's words about every other epoch, and every report."""

    def fate(topic: str, payload: bytes) -> str:
        letter = seal.read_letter(payload)
        if letter.kind == "report":
            return "lose"
        return "lose" if topic == ACK and decode(letter.body, words.Ack).epoch != epoch else "deliver"

    return fate


def test_a_letter_in_the_wrong_place_is_settled_and_forgotten(wire: Wire) -> None:
    wire.broker.fate = lambda topic, _payload: "lose" if topic == UP else "deliver"
    key = wire.report()
    said = words.Ack(
        ledger=wire.store.ledger, serial=9, stream="kiosk", epoch=key[0], through=9, server_ms=wire.clock.wall_ms
    )
    body = encode(said)
    settled = len(wire.link_client.settled)
    down = ACK.replace("/ack", "/down")
    for box, topic in (("box-2", ACK), (BOX, down)):
        wire.broker.carry(topic, wire.clinic_end._sign(box, "ack", body), retain=False)
    wire.settle_down()
    assert wire.truth(key) == "pending"
    assert len(wire.link_client.settled) == settled + 2
    hear(wire, wire.clinic_end._sign(BOX, "ack", body))  # the same words, in their place
    assert wire.truth(key) == "in_record"


# Orders


def test_a_clock_that_may_not_be_believed_refuses_no_order(wire: Wire) -> None:
    for serial, wall_ms in ((1, NOW_MS + 400 * DAY_MS), (2, 0)):
        wrong = Stamp(wall_ms=wall_ms, trusted=False, boot="boot-1", monotonic_ms=5_000)
        letter = wire.order(serial, PlanOrder(plan=None), issued_ms=NOW_MS, expires_ms=NOW_MS + DAY_MS)
        wire._do(wire.end.delivered(f"chevet/v1/{CLINIC}/{BOX}/down", letter, 1, wrong))
    assert [order.serial for order in wire.reader.orders()] == [2, 1]


def receipt(serial: int) -> Order:
    content = ReadReceipt(reports=(), reader=Practitioner(given="C", role="r"), reader_id="claire", read_ms=0)
    return Order(id=f"o{serial}", box=BOX, serial=serial, issued_ms=0, expires_ms=10**15, content=content)


def test_a_year_of_receipts_does_not_push_the_plan_out(wire: Wire) -> None:
    wire.order(1)
    wire.send_orders()
    wire.settle_down()
    for serial in range(2, KEPT_ORDERS_MAX + 12):
        assert wire.link_store.keep_order(receipt(serial), b"a receipt", wire.clock())
    kept = wire.reader.orders()
    assert [order.serial for order in kept if order.kind == "plan"] == [1]
    receipts = [order.serial for order in kept if order.kind == "read"]
    assert (len(receipts), min(receipts)) == (KEPT_ORDERS_MAX, 12)
    assert not wire.link_store.keep_order(receipt(2), b"a receipt", wire.clock())  # forgotten: not new again


def test_an_order_that_comes_again_is_told_once(wire: Wire) -> None:
    wire.order(1)
    for _ in range(3):
        wire.send_orders()
    wire.settle_down()
    assert [a.report.content.order for a in wire.store.contents.reports.values() if a.report] == ["order-1"]  # type: ignore[union-attr]


# What is kept, and how long


def test_a_report_stays_on_the_box_for_thirty_days_after_it_landed(wire: Wire) -> None:
    """By the box's own account; the clinic's says yes all along (tests/mqtt_bridge/test_settled.py)."""
    epoch, _ = wire.report()
    wire.settle_down()
    for days, still_there in ((0, True), (29, True), (31, False)):
        wire.clock.wall_ms = NOW_MS + days * DAY_MS
        hear(wire, say(wire, serial=100 + days, through=1, settled=1, server_ms=wire.clock.wall_ms))
        ack = wire.reader.ack(epoch)
        assert ack is not None
        wire.outbox.landed(ack)
        assert any(held.epoch == epoch for held in wire.link_store.kept()) == still_there


def test_a_report_that_never_landed_is_never_forgotten(wire: Wire) -> None:
    wire.broker.fate = lambda topic, _payload: "lose" if topic == UP else "deliver"
    keys = [wire.report("one"), wire.report("two")]
    for year in (1, 2):
        ack = decode(seal.read_letter(say(wire, serial=year, through=1, server_ms=year * 365 * DAY_MS)).body, words.Ack)
        wire.outbox.landed(ack)
    assert [row.key for row in wire.link_store.waiting(5, frozenset())] == [keys[1]]


def test_a_commit_waits_for_the_card(tmp_path: Path) -> None:
    """synchronous=FULL (2): with less, a power cut takes back what the screen has said is kept."""
    database = open_writer(tmp_path / "x.db")
    assert database.execute("PRAGMA synchronous").fetchone() == (2,)
    assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    database.close()


def test_the_links_own_reports_go_while_the_kiosks_file_cannot_be_read(wire: Wire) -> None:
    wire.bedside.close()
    for file in wire.folder.glob("bedside.db*"):
        file.write_bytes(b"rubbish" * 1000)
    wire.order(1)
    wire.send_orders()
    wire.settle_down()
    assert wire.store.contents.received == {"order-1"}
    wire._start_kiosk = lambda: None  # type: ignore[method-assign]


def test_a_report_says_whose_it_is(wire: Wire) -> None:
    with wire.bedside.atomic():
        plan = PlanReference(patient="martin", plan="plan-1", version=3)
        wire.outbox.add(listening("s", wire.clock()), wire.clock(), plan)
    wire.pass_ms(1_000)
    (report,) = [a.report for a in wire.store.contents.reports.values() if a.report]
    assert (report.patient, report.plan, report.plan_version) == ("martin", "plan-1", 3)


def test_a_sealed_report_moved_to_another_number_is_held(wire: Wire) -> None:
    """The clear identity outside must be the sealed one inside: else a broker could renumber what it carries."""
    wire.report("one")
    wire.settle_down()
    ((identity, arrival),) = wire.store.contents.reports.items()
    letter = seal.read_letter(arrival.payload)
    moved = seal.sign(structs.replace(letter, seq=identity.seq + 1), wire.enrolment.keys)
    wire.broker.carry(UP, moved, retain=False)
    wire.settle_down()
    second = [a for i, a in wire.store.contents.reports.items() if i.seq == 2]
    assert [a.report for a in second] == [None]
    assert "names" in second[0].problem


def test_a_link_store_needs_no_kiosk(wire: Wire, tmp_path: Path) -> None:
    store = LinkStore(tmp_path / "other.db", tmp_path / "not-there.db", wire.enrolment)
    assert store.waiting(5, frozenset()) == []
    assert store.kept() == ()
    store.close()


def test_a_letter_of_another_box_under_our_topic_is_quarantined(wire: Wire) -> None:
    keys = wire.enrolment.keys
    letter = words.Letter(kind="hello", clinic=CLINIC, box="box-2", signer=keys.public.verify_id, body=b"{}")
    assert wire.clinic_end.receive(UP, seal.sign(letter, keys), NOW_MS) == []
    assert "box-2" in wire.store.quarantined[-1][2]
    with pytest.raises(ContractError):
        seal.verify(seal.sign(letter, seal.make_keys()), keys.public)
