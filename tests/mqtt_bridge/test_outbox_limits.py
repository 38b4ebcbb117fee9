"""Numbers are never given twice, a letter that nobody would read is not written, a busy file unsays nothing."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from mqtt_bridge import seal
from mqtt_bridge.contract.codec import BYTES_MAX
from mqtt_bridge.contract.report import Content, OrderReceived
from mqtt_bridge.database import open_writer
from mqtt_bridge.link.reading import LinkReader
from mqtt_bridge.outbox import LetterTooLargeError, Outbox
from tests.support.wire import Wire, enrolled, listening
from tests.support.words_of_care import ManualClock


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    database = open_writer(tmp_path / "bedside.db")
    yield Outbox(database, "kiosk", enrolled(tmp_path / "enrolment", seal.make_keys()))
    database.close()


def add(outbox: Outbox, content: Content | None = None) -> int:
    at = ManualClock()()
    with outbox._database.atomic():
        return outbox.add(content or listening("s1", at), at).seq


def test_a_number_is_never_given_twice_even_when_its_row_is_gone(outbox: Outbox) -> None:
    assert [add(outbox) for _ in range(3)] == [1, 2, 3]
    outbox._database.execute("DELETE FROM outbox WHERE seq >= 2")
    assert add(outbox) == 4


def test_a_transaction_rolled_back_leaves_no_gap(outbox: Outbox) -> None:
    add(outbox)
    with pytest.raises(ZeroDivisionError):
        add_and_fail(outbox)
    assert add(outbox) == 2


def add_and_fail(outbox: Outbox) -> None:
    with outbox._database.atomic():
        outbox.add(listening("s2", ManualClock()()), ManualClock()())
        raise ZeroDivisionError


def test_a_letter_that_the_clinic_would_not_read_is_not_written(outbox: Outbox) -> None:
    add(outbox)
    with pytest.raises(LetterTooLargeError, match=str(BYTES_MAX)):
        add(outbox, OrderReceived(order="o", accepted=False, reason="x" * BYTES_MAX))
    assert add(outbox) == 2
    assert outbox._database.execute("SELECT COUNT(*) FROM outbox").fetchone() == (2,)


def test_a_busy_link_db_unsays_nothing(tmp_path: Path) -> None:
    wire = Wire(tmp_path)
    wire.order(1)
    wire.settle_down()
    key = wire.report()
    wire.settle_down()
    reader = LinkReader(tmp_path / "link.db", busy_ms=20)
    orders = reader.orders()
    assert (len(orders), reader.truth(*key)) == (1, "in_record")
    wire.close()
    holder = sqlite3.connect(tmp_path / "link.db", isolation_level=None)
    holder.execute("PRAGMA locking_mode=EXCLUSIVE")
    holder.execute("BEGIN EXCLUSIVE")
    assert reader.truth(*key) == "in_record"
    assert reader.orders() == orders
    assert reader.newest("plan") is None  # not asked before: nothing is known of it
    holder.rollback()
    holder.close()
    assert reader.newest("plan") == orders[0]
    (tmp_path / "link.db").write_bytes(b"damaged" * 1000)
    assert reader.orders() == []  # damage is not a lock: what it said is not repeated
