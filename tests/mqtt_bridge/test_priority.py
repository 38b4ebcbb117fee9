"""A call for help goes before everything that the box has kept, whatever its number and however much waits.

Then alerts: answers that tell strong pain.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from msgspec import structs

from mqtt_bridge import outbox
from mqtt_bridge.contract.codec import decode
from mqtt_bridge.contract.forms import ORDINAL, Coding, Extension, Reference, ResponseItem, answered
from mqtt_bridge.contract.report import (
    ALERT,
    CALL,
    CARE,
    Content,
    DeathTold,
    Evaluation,
    FormAnswered,
    HelpAsked,
    OrderReceived,
    Report,
    priority_of,
)
from mqtt_bridge.database import open_writer
from mqtt_bridge.link.end import ALERTS_MAX, UNANSWERED_MAX, URGENT_MAX, WINDOW_MAX, LinkEnd
from mqtt_bridge.link.store import Key
from mqtt_bridge.seal import open_body, read_letter
from tests.clinic.box import evaluation, response, stamp
from tests.mqtt_bridge.test_sending import rows, write
from tests.support.wire import Wire

BACKLOG = 5_000
CALM, PAIN = (8, 8, 6, 8, 0), (0, 0, 7, 0, 10)
"""Of the five cones the third is pain."""


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    wire = Wire(tmp_path)
    wire.settle_down()
    yield wire
    wire.close()


@pytest.fixture
def end(wire: Wire) -> LinkEnd:
    return LinkEnd(wire.enrolment, wire.link_store)


def add(wire: Wire, content: Content) -> Key:
    with wire.bedside.atomic():
        identity = wire.outbox.add(content, wire.clock())
    return identity.epoch, identity.seq


def call(wire: Wire, name: str = "h1") -> Key:
    return add(wire, HelpAsked(help=name, asked=wire.clock()))


def in_pain(wire: Wire, session: str = "s-pain") -> Key:
    return add(wire, evaluation("after", PAIN, session=session))


def form_answered(*items: ResponseItem, whose: str = "Patient/martin") -> FormAnswered:
    given = structs.replace(response(CALM), item=items, subject=Reference(reference=whose))
    return FormAnswered(occasion="o-1", request="semaine", response=given, asked=stamp())


def unanswered(wire: Wire, end: LinkEnd) -> None:
    """Both windows are full, and the clinic says nothing."""
    write(wire, UNANSWERED_MAX + 2 * WINDOW_MAX)
    under_way = rows(end.connected(wire.clock()))
    while under_way:
        under_way += rows(end.published(under_way.pop(0), accepted=True, now=wire.clock()))
    assert rows(end.rung(wire.clock())) == []


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
    unanswered(wire, end)
    keys = [call(wire, f"h{n}") for n in range(URGENT_MAX + 3)]
    assert rows(end.rung(wire.clock())) == keys[:URGENT_MAX]  # they have a limit too
    assert rows(end.published(keys[0], accepted=True, now=wire.clock())) == []
    end.disconnected()
    assert rows(end.connected(wire.clock()))[:URGENT_MAX] == keys[:URGENT_MAX]


def test_strong_pain_goes_before_a_month_of_reports_and_after_a_call(wire: Wire, end: LinkEnd) -> None:
    write(wire, 10 * WINDOW_MAX)
    add(wire, evaluation("after", CALM))
    wire.restart_kiosk()
    alert = in_pain(wire)
    write(wire, 5)
    key = call(wire)
    assert rows(end.connected(wire.clock()))[:2] == [key, alert]


def test_strong_pain_passes_a_backlog_that_is_under_way_and_a_clinic_that_never_answers(
    wire: Wire, end: LinkEnd
) -> None:
    unanswered(wire, end)
    alerts = [in_pain(wire, f"s-{n}") for n in range(ALERTS_MAX + 3)]
    assert rows(end.rung(wire.clock())) == alerts[:ALERTS_MAX]
    keys = [call(wire, f"h{n}") for n in range(URGENT_MAX)]
    assert rows(end.rung(wire.clock())) == keys[: URGENT_MAX - ALERTS_MAX]  # a month of pain leaves them their room
    assert rows(end.published(alerts[0], accepted=True, now=wire.clock())) == []


SCALE = Coding(system="urn:s", code="8", extension=(Extension(url=ORDINAL, value_decimal=8.0),))


@pytest.mark.parametrize(
    ("content", "priority"),
    [
        (evaluation("before", PAIN), ALERT),
        (evaluation("before", CALM), CARE),
        (evaluation("after", (0, 0, "declined", 0, 0), "Douleur : 10"), CARE),
        (structs.replace(evaluation("before", PAIN), given_in="s-0"), CARE),  # they left with that session already
        (form_answered(answered("pain", 7)), ALERT),
        (form_answered(answered("nausee", 10), answered("douleur", SCALE)), ALERT),
        (form_answered(answered("nausee", 10)), CARE),
        (form_answered(answered("douleur", 9), whose="RelatedPerson/of-martin"), CARE),
        (HelpAsked(help="h", asked=stamp()), CALL),
        (DeathTold(told=stamp()), CALL),
    ],
)
def test_what_an_alert_is(content: Content, priority: int) -> None:
    assert priority_of(content) == priority


def test_an_alert_that_overtakes_its_own_session_arrives_whole(wire: Wire) -> None:
    wire.link_client.stop()
    before = add(wire, evaluation("before", CALM, session="s-1"))
    write(wire, 3)
    after = in_pain(wire, "s-1")
    wire.restart_link()
    wire.pass_ms(1_000)
    first, *_ = wire.store.contents.reports.values()
    assert isinstance(first.report and first.report.content, Evaluation)
    assert (first.identity.epoch, first.identity.seq) == after
    assert {wire.truth(key) for key in (before, after)} == {"in_record"}


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
    assert outbox.priorities(database.conn) == (CALL, CARE)
    assert [row.seq for row in outbox.rows(database.conn, "e", 0, 9, CARE)] == [1]
    (row,) = outbox.rows(database.conn, box.epoch, 0, 9)
    told = decode(open_body(read_letter(row.letter), wire.clinic_keys), Report)
    assert isinstance(told.content, HelpAsked)
    database.close()
