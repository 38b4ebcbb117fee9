"""The simulated disk itself: if it lost nothing, the simulation would prove nothing."""

import sqlite3
from pathlib import Path

import pytest

from mqtt_bridge.database import open_writer
from tests.simulation.chance import Chance
from tests.simulation.disk import Disk

LETTER = b"x" * 700


def rows_after_a_power_cut(disk: Disk, folder: Path, seed: int) -> int:
    database = open_writer(disk.reborn(folder, Chance(seed)).folder / "some.db")
    (count,) = database.execute("SELECT COUNT(*) FROM letter").fetchone()
    assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    database.close()
    return int(count)


def written(disk: Disk, count: int, synchronous: str) -> sqlite3.Connection:
    database = open_writer(disk.folder / "some.db").conn
    database.execute("CREATE TABLE letter (body BLOB)")
    database.execute(f"PRAGMA synchronous={synchronous}")
    for _ in range(count):
        database.execute("INSERT INTO letter VALUES (?)", (LETTER,))
    return database


def test_what_was_synced_survives_every_power_cut(tmp_path: Path) -> None:
    for seed in range(20):
        disk = Disk(tmp_path / f"before-{seed}")
        database = written(disk, 20, "FULL")
        assert rows_after_a_power_cut(disk, tmp_path / f"after-{seed}", seed) == 20
        database.close()


def test_what_was_not_synced_may_be_lost_in_part(tmp_path: Path) -> None:
    left = set()
    for seed in range(20):
        disk = Disk(tmp_path / f"before-{seed}")
        database = written(disk, 20, "OFF")
        left.add(rows_after_a_power_cut(disk, tmp_path / f"after-{seed}", seed))
        database.close()
    assert {0, 20} < left  # nothing, all, and torn logs in between
    assert max(left) == 20


def test_a_kill_loses_nothing_that_was_written(tmp_path: Path) -> None:
    disk = Disk(tmp_path / "before")
    database = written(disk, 20, "OFF")
    after = disk.reborn(tmp_path / "after", None)
    assert sqlite3.connect(after.folder / "some.db").execute("SELECT COUNT(*) FROM letter").fetchone() == (20,)
    database.close()


@pytest.mark.parametrize(("later", "left"), [(False, {0, 20}), (True, {20})])
def test_what_a_kill_left_unsynced_goes_with_the_power_until_the_kernel_has_written_it(
    tmp_path: Path, *, later: bool, left: set[int]
) -> None:
    found = set()
    for seed in range(20):
        killed = Disk(tmp_path / f"before-{seed}")
        database = written(killed, 20, "OFF")
        disk = killed.reborn(tmp_path / f"killed-{seed}", None)
        if later:
            disk.written_back({path: list(changes) for path, changes in disk.unsynced.items()})
        found.add(rows_after_a_power_cut(disk, tmp_path / f"after-{seed}", seed))
        database.close()
    assert left <= found if not later else left == found


@pytest.mark.parametrize("operations", range(6))
def test_death_in_a_transaction_leaves_all_of_it_or_nothing(tmp_path: Path, operations: int) -> None:
    disk = Disk(tmp_path / "before")
    database = written(disk, 3, "FULL")
    disk.dies_in = operations
    try:
        database.execute("INSERT INTO letter VALUES (?)", (LETTER,))
        survived = True
    except sqlite3.Error:
        survived = False
    left = rows_after_a_power_cut(disk, tmp_path / "after", 1)
    database.close()
    assert left in ({4} if survived else {3, 4})


def test_a_full_disk_refuses_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    disk = Disk(tmp_path / "box")
    database = written(disk, 1, "FULL")
    disk.full = True
    with pytest.raises(sqlite3.OperationalError, match="full"):
        database.execute("INSERT INTO letter VALUES (?)", (LETTER,))
    disk.full = False
    database.execute("INSERT INTO letter VALUES (?)", (LETTER,))
    assert database.execute("SELECT COUNT(*) FROM letter").fetchone() == (2,)
    database.close()


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    database = open_writer(tmp_path / "some.db")
    database.execute("CREATE TABLE letter (body BLOB)")
    database.close()
