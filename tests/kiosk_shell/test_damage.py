"""Damaged files, a failing disk, a second kiosk, a player of another version: told, never a crash loop."""

import sqlite3
from pathlib import Path

import pytest

from kiosk.shell.store import BedsideStore, StorageError
from mqtt_bridge.contract.order import PlanOrder
from mqtt_bridge.database import OnlyWriterError, open_sound
from mqtt_bridge.link.store import LinkStore
from mqtt_bridge.seal import make_keys
from tests.support.shell import Bedside
from tests.support.wire import enrolled


def scribble(path: Path, table: str) -> None:
    """Write over the first page of a table."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)


@pytest.mark.parametrize("table", ["acknowledged", "orders"])
def test_a_damaged_link_db_does_not_end_the_kiosk(bedside: Bedside, table: str) -> None:
    bedside.to_playing()
    bedside.wire.link_store.close()
    scribble(bedside.folder / "link.db", table)
    bedside.clock.pass_ms(31_000)
    bedside.turn()
    assert bedside.screen == "PlayingView"


def test_a_damaged_link_db_is_put_aside_and_filled_again(bedside: Bedside) -> None:
    bedside.to_playing()
    bedside.player.play_whole()
    bedside.turn()
    bedside.decline_all()
    bedside.clinic_hears()
    bedside.wire.link_client.stop()
    bedside.wire.link_store.close()
    (bedside.folder / "link.db").write_bytes(b"rubbish" * 4000)
    bedside.wire._start_link()
    bedside.wire.store.contents.received.clear()
    bedside.wire.settle_down()
    bedside.clinic_hears()
    bedside.clinic_hears()
    assert list(bedside.folder.glob("link.db.damaged-*"))
    assert bedside.view.in_record
    bedside.touch("done")
    assert [tile.title for tile in bedside.view.tiles] == ["La rivière"]


@pytest.mark.parametrize("table", ["draft", "result", "outbox"])
def test_a_damaged_bedside_db_is_a_storage_error_and_nothing_else(bedside: Bedside, table: str) -> None:
    bedside.touch("care:riviere")
    bedside.stop()
    scribble(bedside.folder / "bedside.db", table)
    try:
        bedside.start()
        bedside.clock.pass_ms(31_000)
        bedside.turn()
        bedside.touch("decline")
    except StorageError:
        return  # the process shows its honest screen
    assert bedside.screen in ("HomeView", "ConeView", "NoticeView")


class FailingStore(BedsideStore):
    """The card went bad: nothing more is taken."""

    def _write(self, order: object) -> None:
        raise sqlite3.DatabaseError("disk I/O error")


def test_what_the_disk_refuses_is_kept_in_memory_and_nothing_new_begins(bedside: Bedside) -> None:
    bedside.touch("care:riviere")
    bedside.decline_all()
    while bedside.view.page < bedside.view.pages:
        bedside.touch("continue")
    bedside.store.__class__ = FailingStore
    bedside.touch("continue")
    assert bedside.view.title == "La boîte ne peut plus rien garder."
    bedside.push()
    assert "Start" not in [type(command).__name__ for command in bedside.player.commands]
    bedside.store.__class__ = BedsideStore
    bedside.clock.pass_ms(6_000)
    bedside.turn()
    assert bedside.screen == "ReadyView"
    bedside.push()
    assert bedside.screen == "PlayingView"


def test_a_second_kiosk_and_a_second_link_are_refused(bedside: Bedside) -> None:
    with pytest.raises(StorageError, match="another process"):
        BedsideStore(bedside.folder / "bedside.db", bedside.wire.enrolment)
    with pytest.raises(OnlyWriterError):
        LinkStore(bedside.folder / "link.db", bedside.folder / "bedside.db", bedside.wire.enrolment)


def test_an_old_plan_under_a_new_number_does_not_play(bedside: Bedside) -> None:
    old = bedside.wire.reader.orders()[0].letter
    bedside.wire.order(2, PlanOrder(plan=None))
    bedside.wire.send_orders()
    bedside.wire.settle_down()
    bedside.clinic_hears()
    bedside.wire.link_store._database.execute("INSERT INTO orders VALUES (99, 'x', 'plan', ?, 0)", (old,))
    bedside.clock.pass_ms(31_000)
    bedside.turn()
    assert bedside.view.tiles == ()


def test_answers_forgotten_after_thirty_days_are_still_in_the_record(bedside: Bedside) -> None:
    bedside.to_playing()
    bedside.player.play_whole()
    bedside.turn()
    bedside.decline_all()
    bedside.clinic_hears()
    bedside.store._database.execute("DELETE FROM outbox")
    bedside.wire.link_store.adopt_ledger("another")
    bedside.clinic_hears()
    assert bedside.view.in_record


def test_a_row_that_vanished_before_it_landed_is_not_told_as_in_the_record(bedside: Bedside) -> None:
    bedside.to_playing()
    bedside.player.play_whole()
    bedside.turn()
    bedside.decline_all()
    bedside.store._database.execute("DELETE FROM outbox WHERE seq = 3")
    bedside.clinic_hears()
    assert not bedside.view.in_record


def test_a_database_of_an_earlier_version_is_brought_up_to_date(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / "bedside.db")
    old.execute(
        "CREATE TABLE result (id INTEGER PRIMARY KEY, session TEXT, kind TEXT, outcome TEXT, epoch TEXT, seq INTEGER)"
    )
    old.execute("INSERT INTO result VALUES (1, 's', 'listening', 'stopped', 'e', 1)")
    old.commit()
    old.close()
    store = BedsideStore(tmp_path / "bedside.db", enrolled(tmp_path / "enrolment", make_keys()))
    assert store.reports_of("s") == [("e", 1)]
    store.close()


def test_a_locked_link_db_is_not_taken_for_a_damaged_one(tmp_path: Path) -> None:
    locker = sqlite3.connect(tmp_path / "x.db", isolation_level=None)
    locker.execute("CREATE TABLE note (id)")
    locker.execute("BEGIN EXCLUSIVE")
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        open_sound(tmp_path / "x.db")
    locker.close()
    assert not list(tmp_path.glob("x.db.damaged*"))
