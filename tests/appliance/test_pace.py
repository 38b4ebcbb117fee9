"""The stream's time beside the box's clock: what was seen passes, a silence that nobody counted does not."""

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from clinic.results.models import Listening, Session
from tests.appliance import pace, starved

SEEN = pace.Pace(12.121, 12.0, (0.006, 0.006, 0.009), 3)
"""Of the emulator's session of 30 November 2026."""
SHORTER = pace.Pace(11.956, 12.0, (0.018, 0.018), 2)
"""Of another, in which seven of the card's buffers were thrown away."""


def test_what_was_seen_fits_and_a_silence_or_a_loss_that_was_not_counted_does_not() -> None:
    assert pace.amiss(SEEN) == ""
    assert pace.amiss(SHORTER, 15_055 / 48_000) == ""
    assert "too short" in pace.amiss(replace(SEEN, clock_s=11.0))
    assert "neither" in pace.amiss(replace(SEEN, clock_s=17.2))
    assert pace.amiss(replace(SEEN, clock_s=17.2, gaps_s=(5.1,))) == ""


def test_on_a_machine_whose_turns_are_slow_the_clock_may_be_as_late_as_two_of_them() -> None:
    late = replace(SEEN, clock_s=12.0 + 7.0)
    assert "at most 5.0" in pace.amiss(late)
    assert "at most 6.0" in pace.amiss(late, turn_s=3.0)
    assert pace.amiss(late, turn_s=3.6) == ""
    assert [pace.late_s_max(turn_s) for turn_s in (0.0, 2.5, 4.0, 60.0)] == [5.0, 5.0, 8.0, pace.LATE_S_MOST]
    assert "at most 10.0" in pace.amiss(replace(SEEN, clock_s=12.0 + 10.5), turn_s=60.0), "on no machine more"


def test_a_silence_that_the_clock_alone_would_not_have_told_proves_nothing() -> None:
    stopped = pace.Pace(20.0, 12.0, (7.0,), 1)
    assert starved.unseen(stopped) == ""
    assert "the clock would not have told" in starved.unseen(stopped, turn_s=4.5)
    assert starved.unseen(pace.Pace(25.0, 12.0, (11.6,), 1), turn_s=60.0) == ""
    assert "longest gap of 1" in starved.unseen(pace.Pace(20.0, 12.0, (5.4,), 1))
    assert pace.LATE_S_MOST < starved.STOPPED_S


def test_an_injected_silence_must_be_counted_and_the_clock_must_need_it() -> None:
    seen = pace.Pace(22.3, 12.0, (0.01, 10.1), 2)
    assert starved.unseen(seen) == ""
    assert "longest gap of 1" in starved.unseen(replace(seen, gaps_s=(0.01,), gaps_total=1))
    assert "longest gap of 0" in starved.unseen(pace.Pace(12.1, 12.0))
    assert "too short" in starved.unseen(pace.Pace(13.5, 12.0, (7.2,), 1)), "a silence that the clock knows nothing of"
    assert "neither" in starved.unseen(replace(seen, clock_s=30.0))
    assert "neither" in pace.amiss(replace(seen, gaps_s=(0.01,))), "the clock alone shows it too"


@pytest.fixture
def clinic_db(tmp_path: Path) -> Path:
    """The clinic's two tables, of the columns that are read, under the names that they have."""
    path = tmp_path / "clinic.db"
    database = sqlite3.connect(path)
    wanted = ("id", "session_id", "boot", "monotonic_ms", "ended_boot", "ended_monotonic_ms", "rate_hz")
    columns = (*wanted, "frames_played", "gaps", "gaps_total")
    assert set(columns) <= {field.column for field in Listening._meta.get_fields() if hasattr(field, "column")}
    assert "device_id" in {field.column for field in Session._meta.get_fields() if hasattr(field, "column")}
    database.execute(f"CREATE TABLE {Session._meta.db_table} (id, device_id)")
    database.execute(f"CREATE TABLE {Listening._meta.db_table} ({', '.join(columns)})")
    database.executemany("INSERT INTO results_session VALUES (?, ?)", [(1, "chevet-1"), (2, "chevet-2")])
    database.commit()
    database.close()
    return path


def heard(clinic_db: Path, number: int, session: int, ended_boot: str = "b", rate_hz: int = 48_000) -> None:
    gaps = json.dumps([{"at_frame": 48_320, "duration_ms": 6.5}])
    row = (number, session, "b", 1000, ended_boot, 13_100, rate_hz, 576_000, gaps, 1)
    database = sqlite3.connect(clinic_db)
    with database:
        database.execute("INSERT INTO results_listening VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    database.close()


def test_the_last_care_of_a_box_is_read_from_the_clinics_table(clinic_db: Path) -> None:
    assert pace.last(clinic_db, "chevet-2") is None
    heard(clinic_db, 1, session=1, rate_hz=44_100)
    assert pace.last(clinic_db, "chevet-2") is None, "another box's"
    heard(clinic_db, 2, session=2)
    assert pace.last(clinic_db, "chevet-2") == pace.Pace(12.1, 12.0, (0.0065,), 1)
    heard(clinic_db, 3, session=2, ended_boot="another")
    assert pace.last(clinic_db, "chevet-2") is None, "two starts have two clocks"
