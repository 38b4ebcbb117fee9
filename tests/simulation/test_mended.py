"""What the simulation has found, told plainly: seeds change their meaning with the simulation, these do not."""

import copy
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import structs

from mqtt_bridge import outbox
from mqtt_bridge.clinic_end import ClinicEnd
from mqtt_bridge.contract import wire as words
from mqtt_bridge.contract.codec import encode
from mqtt_bridge.contract.identity import Practitioner
from mqtt_bridge.contract.order import PlanOrder, ReadReceipt
from mqtt_bridge.contract.report import OrderReceived
from mqtt_bridge.link.end import Publish
from tests.simulation.record import SqlRecord
from tests.support.clinic_store import Contents
from tests.support.wire import BOX, CLINIC, Wire, listening
from tests.support.words_of_care import DAY_MS, NOW_MS

CLAIRE = Practitioner(given="Claire", role="infirmière")
ACK = words.topic(CLINIC, BOX, "ack")


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    wire = Wire(tmp_path)
    wire.settle_down()
    yield wire
    wire.close()


def write(wire: Wire) -> tuple[str, int]:
    with wire.bedside.atomic():
        identity = wire.outbox.add(listening("s1", wire.clock()), wire.clock())
    return identity.epoch, identity.seq


def test_a_row_that_the_broker_takes_and_never_confirms_is_sent_again(wire: Wire) -> None:
    key = write(wire)
    swallowed = wire.end.rung(wire.clock())
    assert [effect.row for effect in swallowed if isinstance(effect, Publish)] == [key]
    wire.pass_ms(16 * 60_000)
    assert wire.truth(key) == "in_record"


def test_an_answer_that_a_later_word_has_overtaken_unsays_nothing(wire: Wire) -> None:
    key = write(wire)
    hello, row = [e for e in wire.end.connected(wire.clock()) if isinstance(e, Publish)]
    answers = wire.clinic_end.receive(hello.topic, hello.payload, wire.clock().wall_ms)
    (later,) = wire.clinic_end.receive(row.topic, row.payload, wire.clock().wall_ms)
    for token, said in enumerate((later, *answers)):
        if said.topic == ACK:
            wire.end.delivered(said.topic, said.payload, token, wire.clock())
            assert wire.truth(key) == "in_record"


def test_bits_of_base64_that_mean_nothing_make_no_other_report(wire: Wire) -> None:
    """Seed 300088: form 1 has several spellings of one letter. Of form 2 each byte is signed, or signs."""
    wire.link_store.note_reads(1)
    key = write(wire)
    (row,) = outbox.rows(wire.bedside.conn, key[0], 0, 1)
    other = _spelt_otherwise(row.letter)
    assert other != row.letter
    (wire.folder / "record").mkdir()
    record = SqlRecord(wire.folder / "record", "ledger")
    record.enrol(BOX, wire.enrolment.keys.public)
    end = ClinicEnd(CLINIC, wire.clinic_keys, record)
    for payload in (row.letter, other):
        end.receive(words.topic(CLINIC, BOX, "up"), payload, NOW_MS)
    assert len(record.rows()) == 1
    assert record.quarantined() == set()
    record.close()


def _spelt_otherwise(letter: bytes) -> bytes:
    """The last character of a signature's base64 has four bits that mean nothing."""
    at = letter.rindex(b'=="') - 1
    alphabet = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"
    return letter[:at] + alphabet[alphabet.index(chr(letter[at])) ^ 1].encode() + letter[at + 1 :]


def test_thirty_days_count_from_the_last_landing(wire: Wire) -> None:
    epoch, _ = wire.report()
    wire.settle_down()
    _kiosk_reads(wire, epoch)
    wire.pass_ms(20 * DAY_MS)
    empty = copy.deepcopy(wire.store.contents)
    empty.reports.clear()
    wire.store.restore(empty)
    for days, still_there in ((1, True), (12, True), (20, False)):
        wire.pass_ms(days * DAY_MS)
        wire.pass_ms(60_000)
        _kiosk_reads(wire, epoch)
        assert any(held.epoch == epoch for held in wire.link_store.kept()) == still_there, days


def test_a_landing_of_before_a_backup_counts_no_more_though_the_kiosk_slept(wire: Wire) -> None:
    """The row came back late, and the kiosk saw neither that it was gone nor that it was sent again."""
    epoch, _ = wire.report()
    wire.settle_down()
    _kiosk_reads(wire, epoch)
    before = wire.reader.ack(epoch)
    assert before is not None
    later_ms = before.server_ms + 70 * DAY_MS
    again = structs.replace(before, server_ms=later_ms, since_ms=before.server_ms + 20 * DAY_MS, settled=1)
    for days, still_there in ((0, True), (29, True), (31, False)):
        wire.outbox.landed(structs.replace(again, server_ms=later_ms + days * DAY_MS))
        assert any(held.epoch == epoch for held in wire.link_store.kept()) == still_there, days


def test_a_late_word_of_before_a_snapshot_lets_nothing_go(wire: Wire) -> None:
    """Seed 9300737: the clinic's machine was put back, the report sent again, and what was heard first was of before.

    By its own account alone the box had it there for forty days; the database had it for a moment.
    """
    wire.broker.fate = lambda topic, _payload: "lose" if topic == ACK else "deliver"
    epoch, _ = wire.report()
    wire.settle_down()
    late = [payload for topic, payload in wire.broker.seen if topic == ACK][-1]
    wire.store.contents.reports.clear()  # a snapshot: the ledger goes on under the same id
    wire.clock.pass_ms(40 * DAY_MS)
    row = next(e for e in wire.end.connected(wire.clock()) if isinstance(e, Publish) and e.row is not None)
    (again,) = wire.clinic_end.receive(row.topic, row.payload, wire.clock().wall_ms)
    for token, payload in enumerate((late, again.payload)):
        wire.end.delivered(ACK, payload, token, wire.clock())
        _kiosk_reads(wire, epoch)
        assert any(held.epoch == epoch for held in wire.link_store.kept())
    wire.broker.fate = lambda _topic, _payload: "deliver"
    for days, still_there in ((29, True), (2, False)):
        wire.pass_ms(days * DAY_MS)
        _kiosk_reads(wire, epoch)
        assert any(held.epoch == epoch for held in wire.link_store.kept()) == still_there, days


def test_a_late_word_of_before_a_snapshot_makes_no_later_answer_an_earlier_one(wire: Wire) -> None:
    """Seed 1167: its high serial would have made the next answer one of a database that was put back once more.

    The box then forgot all that it had been told, and said of reports that were in the record that they are not.
    """
    key = write(wire)
    wire.pass_ms(DAY_MS)
    assert wire.truth(key) == "in_record"
    known = wire.link_store.acknowledged(key[0])
    assert known is not None
    late = words.Ack(
        ledger=known.ledger, serial=known.serial + 40, stream="kiosk", epoch="f" * 16, through=1,
        server_ms=known.server_ms - 60_000,
    )  # fmt: skip
    for token in range(2):
        wire.end.delivered(ACK, wire.clinic_end._sign(BOX, "ack", encode(late)), token, wire.clock())
        assert wire.link_store.acknowledged(late.epoch) is None
        wire.restart_link()
        wire.clock.pass_ms(1_000)
        (hello, *_) = [e for e in wire.end.connected(wire.clock()) if isinstance(e, Publish)]
        for n, said in enumerate(wire.clinic_end.receive(hello.topic, hello.payload, wire.clock().wall_ms)):
            wire.end.delivered(said.topic, said.payload, n, wire.clock())
            assert wire.truth(key) == "in_record"


def _kiosk_reads(wire: Wire, epoch: str) -> None:
    ack = wire.reader.ack(epoch)
    assert ack is not None
    wire.outbox.landed(ack)


def _told(wire: Wire) -> list[tuple[str, bool]]:
    found = [a.report.content for a in wire.store.contents.reports.values() if a.report]
    return [(word.order, word.accepted) for word in found if isinstance(word, OrderReceived)]


@pytest.mark.parametrize(("box", "accepted"), [(BOX, True), ("box-2", False)])
def test_what_became_of_an_order_is_told_again_when_the_clinic_has_lost_it(
    wire: Wire, box: str, *, accepted: bool
) -> None:
    wire.order(1, expires_ms=NOW_MS + 200 * DAY_MS, box=box)
    wire.pass_ms(16 * 60_000)
    for _ in range(2):
        wire.pass_ms(31 * DAY_MS)
    assert wire.link_store.kept() == ()
    wire.store.restore(Contents())
    wire.pass_ms(16 * 60_000)
    wire.pass_ms(16 * 60_000)
    assert _told(wire) == [("order-1", accepted)]


def test_an_order_taken_in_its_time_is_not_refused_when_it_comes_again_too_late(wire: Wire) -> None:
    letter = wire.order(1)
    wire.send_orders()
    wire.settle_down()
    wire.pass_ms(2 * DAY_MS)
    wire.broker.carry(words.topic(CLINIC, BOX, "down"), letter, retain=False)
    wire.settle_down()
    assert _told(wire) == [("order-1", True)]


def _lose_link_db(wire: Wire) -> None:
    wire.link_client.stop()
    wire.link_store.close()
    for file in wire.folder.glob("link.db*"):
        file.unlink()
    wire._start_link()


def test_a_box_that_lost_its_plan_is_not_sent_the_one_that_was_stopped(wire: Wire) -> None:
    wire.order(1)
    wire.send_orders()
    wire.settle_down()
    wire.order(2, PlanOrder(plan=None))
    wire.send_orders()
    wire.settle_down()
    assert [order.serial for order in wire.reader.orders()] == [2, 1]
    _lose_link_db(wire)
    wire.settle_down()
    assert [order.serial for order in wire.reader.orders()] == [2]


def test_a_lost_plan_comes_again_though_a_later_order_came_first(wire: Wire) -> None:
    wire.order(1)
    wire.send_orders()
    wire.settle_down()
    _lose_link_db(wire)
    later = wire.order(2, ReadReceipt(reports=(), reader=CLAIRE, reader_id="claire", read_ms=NOW_MS))
    wire.broker.fate = lambda topic, _payload: "lose" if topic.endswith("/down") else "deliver"
    wire.settle_down()
    wire.broker.fate = lambda _topic, _payload: "deliver"
    wire.broker.carry(words.topic(CLINIC, BOX, "down"), later, retain=False)
    wire.settle_down()
    assert [order.serial for order in wire.reader.orders()] == [2]
    wire.pass_ms(16 * 60_000)
    assert [order.serial for order in wire.reader.orders()] == [2, 1]
