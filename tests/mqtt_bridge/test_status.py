"""What the link tells a technician and the kiosk: what waits, by priority; when the clinic last answered; orders."""

import datetime as dt
import json
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mqtt_bridge import authority, cli
from mqtt_bridge.contract.order import PlanOrder
from mqtt_bridge.contract.report import HelpAsked
from mqtt_bridge.contract.wire import Ack, Range
from mqtt_bridge.database import open_writer
from mqtt_bridge.link.end import LinkEnd
from mqtt_bridge.link.folders import Folders
from mqtt_bridge.link.loop import Link
from mqtt_bridge.link.presence import FILE, LinkNow, Presence
from mqtt_bridge.link.presence import read as read_presence
from mqtt_bridge.link.reading import LinkReader
from mqtt_bridge.link.status import Beside, Status, read_status
from mqtt_bridge.link.status_words import ENGLISH, FRENCH, LANGUAGES, Said, in_words
from mqtt_bridge.mqtt.fake import FakeClient
from mqtt_bridge.mqtt.port import Mailbox
from mqtt_bridge.outbox import Told
from tests.clinic.box import evaluation
from tests.mqtt_bridge.test_sending import receipt, write
from tests.support.wire import Wire
from tests.support.words_of_care import ManualClock

HOUR_MS = 3600_000
PAGE_BYTES = 4096
"""Of SQLite, where nobody says otherwise."""


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    wire = Wire(tmp_path)
    yield wire
    wire.close()


def away(wire: Wire) -> None:
    wire.broker.fate = lambda _topic, _payload: "lose"


def test_nothing_is_known_before_the_first_answer(tmp_path: Path) -> None:
    assert LinkReader(tmp_path / "link.db").answered() is None
    status = read_status(tmp_path / "bedside.db", tmp_path / "link.db")
    assert (status.pending, status.levels, status.answered) == (0, (), None)


def test_an_answer_is_noted_once_a_minute_at_most(wire: Wire) -> None:
    wire.settle_down()
    first = wire.reader.answered()
    assert first == wire.clock()
    wire.clock.pass_ms(30_000)
    wire._do(wire.end.connected(wire.clock()))
    wire.settle_down()
    assert wire.reader.answered() == first
    wire.clock.pass_ms(40_000)
    wire._do(wire.end.connected(wire.clock()))
    wire.settle_down()
    assert wire.reader.answered() == wire.clock()
    wire.clock.boot, wire.clock.monotonic_ms = "boot-2", 1_000  # another boot: its time begins anew
    wire._do(wire.end.connected(wire.clock()))
    wire.settle_down()
    assert wire.reader.answered() == wire.clock()


def test_what_nobody_answers_is_no_contact(wire: Wire) -> None:
    wire.settle_down()
    seen = wire.reader.answered()
    away(wire)
    wire.pass_ms(2 * 3600_000)
    assert wire.reader.answered() == seen


def test_the_status_counts_by_priority(wire: Wire, capsys: pytest.CaptureFixture[str]) -> None:
    wire.settle_down()
    wire.order(1)
    wire.send_orders()
    write(wire, 2)
    wire.pass_ms(1_000)
    away(wire)
    write(wire, 3)
    with wire.bedside.atomic():
        wire.outbox.add(HelpAsked(help="h", asked=wire.clock()), wire.clock())
        wire.outbox.add(evaluation("after", (0, 0, 7, 0, 0)), wire.clock())
    assert cli.main(["status", "--data", str(wire.folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(one["priority"], one.get("pending", 0), one.get("in_record", 0)) for one in told["levels"]] == [
        (-1, 1, 0), (0, 1, 0), (1, 3, 2), (2, 0, 1),
    ]  # fmt: skip
    assert (told["pending"], told["in_record"]) == (5, 3)
    landed = [(one.get("in_record_first_ms"), one.get("in_record_last_ms")) for one in told["levels"]]
    assert landed[:2] == [(None, None)] * 2  # nothing of help or alert is there
    assert all(first is not None and first <= last <= wire.clock().wall_ms for first, last in landed[2:])
    assert cli.main(["status", "--data", str(wire.folder)]) == 0
    words = capsys.readouterr().out
    assert "3 in the record, kept here for thirty days (the first by 2027-01-15T" in words
    assert (
        "5 report(s) not yet in the clinic's record: 1 of help, 1 of alert, 3 of care\n" in words
    )  # of another boot: no age
    assert "it last answered on 2027-01-15T" in words


def test_orders_of_one_kind_and_what_is_new_of_them(wire: Wire) -> None:
    wire.settle_down()
    wire.order(1, PlanOrder(plan=None))
    wire.send_orders()
    wire.settle_down()
    for serial in (5, 3, 4):
        wire.link_store.keep_order(receipt(serial), f"letter {serial}".encode(), wire.clock())
    reader = wire.reader
    assert [order.serial for order in reader.orders()] == [5, 4, 3, 1]
    assert [order.serial for order in reader.orders("read")] == reader.serials("read") == [5, 4, 3]
    assert [order.serial for order in reader.orders("read", after=3)] == [5, 4]
    kept = reader.order(4)
    assert kept is not None
    assert (kept.kind, kept.letter) == ("read", b"letter 4")
    assert reader.order(9) is None


def status(wire: Wire, **beside: Any) -> Status:
    told = Beside(machine=wire.clock, run=wire.folder, **beside)
    return read_status(wire.folder / "bedside.db", wire.folder / "link.db", told)


def test_since_when_the_oldest_waits_by_priority(wire: Wire) -> None:
    wire.settle_down()
    away(wire)
    with wire.bedside.atomic():
        wire.outbox.add(HelpAsked(help="h", asked=wire.clock()), wire.clock())
    wire.clock.pass_ms(3 * HOUR_MS)
    write(wire, 2)
    wire.clock.pass_ms(2 * HOUR_MS)
    assert [(one.priority, one.oldest_s) for one in status(wire).levels] == [(-1, 5 * 3600), (1, 2 * 3600)]
    assert "1 of help (the oldest for 5 h), 2 of care (the oldest for 2 h)" in in_words(status(wire))
    assert "1 d’aide (le plus ancien depuis 5 h), 2 de soin (le plus ancien depuis 2 h)" in in_words(status(wire), "fr")
    wire.clock.boot, wire.clock.monotonic_ms, wire.clock.trusted = "boot-2", 1_000, False
    assert [one.oldest_s for one in status(wire).levels] == [None, None]  # nobody can tell


def test_since_when_the_oldest_is_held(wire: Wire) -> None:
    """The clinic has it and cannot read it: nobody rings for what is a minute old."""
    wire.settle_down()
    write(wire, 2)
    wire.pass_ms(1_000)
    wire.clock.pass_ms(50 * HOUR_MS)
    epoch = wire.outbox.epoch
    known = wire.link_store.acknowledged(epoch)
    assert known is not None
    assert "0 arrived and not yet readable\n" in in_words(status(wire))
    ack = Ack(ledger=known.ledger, serial=known.serial + 1, stream="kiosk", epoch=epoch, through=2,
              server_ms=known.server_ms + 1, held=(Range(first=2, last=2),))  # fmt: skip
    assert wire.link_store.remember(ack, anyway=True)
    assert "1 arrived and not yet readable (the oldest for 2 day(s))" in in_words(status(wire))
    assert "1 arrivés, pas encore lisibles (le plus ancien depuis 2 jour(s))" in in_words(status(wire), "fr")
    assert [one.held_oldest_s for one in status(wire).levels if one.held] == [50 * 3600 + 1]


def test_by_when_what_is_in_the_record_was_there(wire: Wire) -> None:
    """The kiosk's note, where it has looked since; else the clinic's last word. A database put back begins anew."""
    wire.settle_down()
    write(wire, 1)
    wire.pass_ms(1_000)
    noted = told_of(wire)
    wire.outbox.landed(noted)
    wire.clock.pass_ms(50 * HOUR_MS)
    write(wire, 1)
    wire.pass_ms(1_000)
    last = told_of(wire)
    assert landed(wire) == [(noted.server_ms, last.server_ms)]
    assert last.server_ms >= noted.server_ms + 50 * HOUR_MS
    assert "2 in the record, kept here for thirty days (the first by 2027-01-1" in in_words(status(wire))
    assert "(le premier au plus tard le 2027-01-1" in in_words(status(wire), "fr")
    wire.pass_ms(HOUR_MS)  # asked again meanwhile: without the kiosk's note a later word is all there is
    assert landed(wire) == [(noted.server_ms, told_of(wire).server_ms)]
    wire.store.contents.reports.clear()  # put back as it was: what was noted before counts no more
    wire.pass_ms(HOUR_MS)
    again = told_of(wire)
    assert again.since_ms > last.server_ms
    assert landed(wire) == [(again.server_ms, again.server_ms)]


def told_of(wire: Wire) -> Told:
    told = wire.link_store.acknowledged(wire.outbox.epoch)
    assert told is not None
    return told


def landed(wire: Wire) -> list[tuple[int | None, int | None]]:
    return [(one.in_record_first_ms, one.in_record_last_ms) for one in status(wire).levels if one.in_record]


def test_a_row_of_before_the_time_was_noted_has_no_age(tmp_path: Path) -> None:
    old = open_writer(tmp_path / "bedside.db")
    old.execute(
        "CREATE TABLE outbox (stream TEXT, epoch TEXT, seq INTEGER, letter BLOB, landed_ms INTEGER, priority INTEGER)"
    )
    old.execute("INSERT INTO outbox VALUES ('kiosk', 'e', 1, x'00', NULL, 1)")
    old.close()
    (level,) = read_status(tmp_path / "bedside.db", tmp_path / "link.db", Beside(machine=ManualClock())).levels
    assert (level.pending, level.oldest, level.oldest_s) == (1, None, None)


class Loop:
    """The link's own loop on a broker in memory."""

    def __init__(self, wire: Wire) -> None:
        self.wire, self.mailbox = wire, Mailbox()
        self.client = FakeClient(wire.broker, self.mailbox)
        folders = Folders(wire.folder, wire.folder, wire.enrolment.folder)
        self.link = Link(LinkEnd(wire.enrolment, wire.link_store), self.client, self.mailbox, folders, wire.clock)
        self.wake = os.eventfd(0, os.EFD_NONBLOCK)
        self.link.start(wire.enrolment.place)

    def turn(self) -> None:
        for _ in range(3):
            os.eventfd_write(self.wake, 1)
            self.wire.clock.pass_ms(1_001)
            self.link.step(self.wake)
            os.eventfd_read(self.wake)


@pytest.fixture
def loop(wire: Wire) -> Iterator[Loop]:
    wire.link_client.stop()
    wire.broker.fate = lambda topic, _payload: "lose" if topic.endswith("/ack") else "deliver"
    loop = Loop(wire)
    yield loop
    loop.link.stop()
    os.close(loop.wake)


def test_the_connection_and_what_is_on_its_way(wire: Wire, loop: Loop) -> None:
    write(wire, 3)
    loop.turn()
    told = status(wire)
    assert told.link is not None
    assert (told.runs, told.link.connected, told.link.given + told.link.confirmed) == (True, True, 3)
    assert "the link runs, connected to the broker for" in in_words(told)
    assert "de ces" not in in_words(told, "fr")
    assert "dont 0 en route vers le serveur, 3 autres chez lui" in in_words(told, "fr")
    loop.client.cut("the cable")
    wire.clock.pass_ms(1_001)
    loop.turn()
    wire.clock.pass_ms(10 * 60_000)
    assert "sans serveur depuis 10 min\N{NO-BREAK SPACE}: the cable" in in_words(status(wire), "fr")


def test_a_link_that_was_killed_is_not_said_to_be_connected(wire: Wire) -> None:
    """Its last word is in the run folder, and the kernel has taken its lock back."""
    presence = Presence(wire.folder, wire.clock())
    presence.connection(wire.clock(), connected=True)
    presence.tell(wire.clock(), 2, 0)
    assert status(wire).runs
    wire.link_store.close()
    told = status(wire)
    assert not told.runs
    assert "the link was killed" in in_words(told)
    assert "on the way" not in in_words(told)
    (wire.folder / FILE).unlink()
    assert "the link does not run" in in_words(status(wire))
    wire.restart_link()


def test_it_is_told_once_a_second_at_most_and_a_connection_at_once(wire: Wire) -> None:
    presence = Presence(wire.folder, wire.clock())
    presence.tell(wire.clock(), 0, 0)
    wire.clock.pass_ms(10)
    presence.tell(wire.clock(), 5, 0)
    assert known(wire).given == 0
    presence.connection(wire.clock(), connected=True)
    presence.tell(wire.clock(), 5, 0)
    assert (known(wire).given, known(wire).connected) == (5, True)
    (wire.folder / FILE).write_bytes(b"half a wor")
    assert read_presence(wire.folder) is None


def known(wire: Wire) -> LinkNow:
    told = read_presence(wire.folder)
    assert told is not None
    return told


def test_the_clock_and_its_offset(wire: Wire) -> None:
    wire.settle_down()
    assert "the clock is sure: 2027-01-15T" in in_words(status(wire))
    wire.clock.wall_ms -= 3 * HOUR_MS
    told = status(wire)
    assert told.clock is not None
    assert told.clock.machine_off_ms == -3 * HOUR_MS
    assert "the machine's own is 3 h behind" in in_words(told)
    assert "l’horloge de la machine retarde de 3 h" in in_words(told, "fr")
    wire.clock.boot, wire.clock.trusted, wire.clock.wall_ms = "boot-2", False, 0
    assert "the clock is not sure: it says 1970-01-01T00:00:00+00:00; it is 2027-01-15T" in in_words(status(wire))


@pytest.mark.parametrize(("days", "word"), [(300, ""), (20, "soon"), (-1, "enrol the box again")])
def test_the_end_of_the_certificate(wire: Wire, days: int, word: str) -> None:
    wire.settle_down()
    authority.make_authority(wire.folder, "maison")
    made = dt.datetime.fromtimestamp(wire.clock().wall_ms / 1000, dt.UTC) + dt.timedelta(days - authority.LEAF_DAYS)
    authority.issue(wire.folder, "box-1", wire.folder / "box", now=made)
    lines = in_words(status(wire, certificate=wire.folder / "box.crt")).splitlines()
    (line,) = [one for one in lines if one.startswith("the certificate ends on")]
    assert word in line
    assert (word == "") == (", " not in line)


def test_before_there_is_anything_it_answers_in_both_languages(tmp_path: Path) -> None:
    for language in LANGUAGES:
        command = ["status", "--data", str(tmp_path / "no"), "--run", str(tmp_path), "--enrolment", str(tmp_path)]
        assert cli.main([*command, "--language", language]) == 0
    told = read_status(tmp_path / "bedside.db", tmp_path / "link.db", Beside(tmp_path, tmp_path / "c", ManualClock()))
    assert (told.pending, told.runs, told.link, told.certificate_ms) == (0, False, None, None)


@pytest.mark.parametrize(
    ("name", "english", "french"),
    [
        ("bedside.db", "what waits in it is not known", "ce qui y attend n’est pas connu"),
        ("link.db", "what the clinic has is not known", "ce que la clinique a n’est pas connu"),
    ],
)
def test_a_file_that_cannot_be_read_is_not_told_as_empty(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, english: str, french: str
) -> None:
    wire = Wire(tmp_path)
    wire.settle_down()
    write(wire, 40)
    wire.pass_ms(1_000)
    wire.close()
    for database in ("bedside.db", "link.db"):
        with closing(sqlite3.connect(tmp_path / database)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")  # all of it in the one file
    damaged = tmp_path / name
    raw = damaged.read_bytes()
    damaged.write_bytes(
        raw[: PAGE_BYTES * 2] + bytes(len(raw) - PAGE_BYTES * 2)
    )  # its head is whole, its rows are gone
    command = ["status", "--data", str(tmp_path)]
    assert cli.main([*command, "--json"]) == 1
    assert list(json.loads(capsys.readouterr().out)["unreadable"]) == [name]
    for language, words in (("en", english), ("fr", french)):
        assert cli.main([*command, "--language", language]) == 1
        first = capsys.readouterr().out.splitlines()[0]
        assert first.startswith(name)
        assert words in first
        assert "malformed" in first


def test_a_folder_that_is_not_there_is_asked_about(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["status", "--data", str(tmp_path / "no")]) == 0
    assert "is --data right?" in capsys.readouterr().err
    assert cli.main(["status", "--data", str(tmp_path)]) == 0
    assert capsys.readouterr().err == ""


def test_every_sentence_is_in_both_languages() -> None:
    french, english = (structs_of(one) for one in (FRENCH, ENGLISH))
    assert french.keys() == english.keys()
    for name in french:
        assert french[name] != english[name] or name == "units", name
        assert sorted(re.findall(r"{(\w+)}", str(french[name]))) == sorted(re.findall(r"{(\w+)}", str(english[name])))


def structs_of(said: Said) -> dict[str, object]:
    return {name: value for name, value in vars(said).items() if name not in ("stages", "levels")}
