"""A call for help goes before everything that the box has kept, whatever its number and however much waits."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mqtt_bridge import outbox
from mqtt_bridge.contract.codec import decode
from mqtt_bridge.contract.report import CARE, DeathTold, HelpAsked, OrderReceived, Report
from mqtt_bridge.database import open_writer
from mqtt_bridge.link.end import UNANSWERED_MAX, URGENT_MAX, WINDOW_MAX, LinkEnd
from mqtt_bridge.link.store import Key
from mqtt_bridge.seal import open_body, read_letter
from tests.mqtt_bridge.test_sending import rows, write
from tests.support.wire import Wire

BACKLOG = 5_000


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    wire = Wire(tmp_path)
    wire.settle_down()
    yield wire
    wire.close()


@pytest.fixture
def end(wire: Wire) -> LinkEnd:
    return LinkEnd(wire.enrolment, wire.link_store)


def call(wire: Wire, name: str = "h1") -> Key:
    at = wire.clock()
    with wire.bedside.atomic():
        identity = wire.outbox.add(HelpAsked(help=name, asked=at), at)
    return identity.epoch, identity.seq


def test_after_a_month_without_a_network_the_call_goes_first(wire: Wire, end: LinkEnd) -> None:
    write(wire, BACKLOG)
    wire.restart_kiosk()  # its number is the first of a new epoch, beyond all of the former one
    key = call(wire)
    assert rows(end.connected(wire.clock()))[0] == key


def test_no_more_than_the_window_leaves_before_a_call_in_the_midst_of_a_backlog(wire: Wire, end: LinkEnd) -> None:
    write(wire, BACKLOG)
    given = rows(end.connected(wire.clock()))
    for row in given[:5]:
        given += rows(end.published(row, accepted=True, now=wire.clock()))
    under_way = len(given) - 5
    key = call(wire)
    assert rows(end.rung(wire.clock())) == [key]
    assert under_way <= WINDOW_MAX


def test_a_clinic_that_never_answers_does_not_keep_a_call_on_the_box(wire: Wire, end: LinkEnd) -> None:
    write(wire, UNANSWERED_MAX + 2 * WINDOW_MAX)
    under_way = rows(end.connected(wire.clock()))
    while under_way:
        under_way += rows(end.published(under_way.pop(0), accepted=True, now=wire.clock()))
    assert rows(end.rung(wire.clock())) == []
    keys = [call(wire, f"h{n}") for n in range(URGENT_MAX + 3)]
    assert rows(end.rung(wire.clock())) == keys[:URGENT_MAX]  # they have a limit too
    assert rows(end.published(keys[0], accepted=True, now=wire.clock())) == []
    end.disconnected()
    assert rows(end.connected(wire.clock()))[:URGENT_MAX] == keys[:URGENT_MAX]


def test_what_concerns_the_person_goes_before_the_boxs_own_health(wire: Wire, end: LinkEnd) -> None:
    at = wire.clock()
    with wire.bedside.atomic():
        wire.outbox.add(OrderReceived(order="o", accepted=True), at)
    write(wire, 1)
    with wire.bedside.atomic():
        wire.outbox.add(DeathTold(told=at), at)
    assert [seq for _, seq in rows(end.connected(at))] == [3, 2, 1]


def test_a_call_arrives_and_is_acknowledged_like_all_else(wire: Wire) -> None:
    write(wire, 50)
    key = call(wire)
    wire.pass_ms(1_000)
    assert wire.truth(key) == "in_record"
    first = next(iter(wire.store.contents.reports.values()))
    assert isinstance(first.report and first.report.content, HelpAsked)


# A file of before there were priorities


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "old.db"
    database = open_writer(path)
    database.execute(outbox._TABLE)
    database.execute("INSERT INTO outbox VALUES ('kiosk', 'e', 1, x'00', NULL)")
    database.close()
    return path


def test_an_old_file_gets_the_column_and_keeps_its_rows(old: Path, wire: Wire) -> None:
    with closing(sqlite3.connect(old)) as reader:
        assert [(row.seq, row.priority) for row in outbox.rows(reader, "e", 0, 9, CARE)] == [(1, CARE)]
        assert outbox.priorities(reader) == (CARE,)
        assert outbox.priorities(reader, through=0) == ()
    database = open_writer(old)
    box = outbox.Outbox(database, "kiosk", wire.enrolment)
    with database.atomic():
        box.add(HelpAsked(help="h", asked=wire.clock()), wire.clock())
    assert outbox.priorities(database.conn) == (0, CARE)
    assert [row.seq for row in outbox.rows(database.conn, "e", 0, 9, CARE)] == [1]
    (row,) = outbox.rows(database.conn, box.epoch, 0, 9)
    told = decode(open_body(read_letter(row.letter), wire.clinic_keys), Report)
    assert isinstance(told.content, HelpAsked)
    database.close()
