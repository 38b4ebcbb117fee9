"""That the count of what is there twice can be other than 0, by the clinic's own tables and columns."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from django.db.models import Model

from clinic.results.models import Answer, Evaluation, Listening, Session
from tests.appliance.counted import counted
from tests.appliance.cuts import more, told_at

BOX = "chevet-2"
TABLES: dict[type[Model], Sequence[str]] = {
    Session: ("id", "session", "device_id"),
    Evaluation: ("id", "session_id", "moment", "status"),
    Answer: ("id", "evaluation_id", "position", "item", "score", "words"),
    Listening: ("id", "session_id", "outcome", "gain_db", "gaps_total", "cause"),
}


@pytest.fixture
def clinic_db(tmp_path: Path) -> Path:
    """One session of this box and one of another, each told whole; without the clinic's constraints."""
    path = tmp_path / "clinic.db"
    with closing(sqlite3.connect(path)) as database, database:
        for model, columns in TABLES.items():
            known = {field.column for field in model._meta.get_fields() if hasattr(field, "column")}
            assert set(columns) <= known, "the clinic's table has other columns"
            database.execute(f"CREATE TABLE {model._meta.db_table} ({', '.join(columns)})")
        database.execute("INSERT INTO results_session VALUES (1, 'a.1', 'chevet-2'), (2, 'a.1', 'chevet-1')")
    for number, session in ((1, 1), (2, 2)):
        evaluation(path, number, session)
        listening(path, number, session)
    return path


def evaluation(path: Path, number: int, session: int) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("INSERT INTO results_evaluation VALUES (?, ?, 'before', 'completed')", (number, session))
        database.execute("INSERT INTO results_answer VALUES (?, ?, 0, 'douleur', 5, '')", (number, number))


def listening(path: Path, number: int, session: int) -> None:
    row = (number, session, "heard_whole", -30.0, 2, "")
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("INSERT INTO results_listening VALUES (?, ?, ?, ?, ?, ?)", row)


def test_what_is_there_once_is_not_there_twice(clinic_db: Path) -> None:
    found = counted(clinic_db, BOX)
    assert found.twice == ()
    assert (found.gain_db, found.gaps_total, found.cause) == (-30.0, 2, "")
    assert more(told_at(found), [told_at(found)]) == 0


def test_the_same_report_twice_is_counted_and_another_boxs_is_not(clinic_db: Path) -> None:
    evaluation(clinic_db, 3, session=1)
    assert counted(clinic_db, BOX).twice == ("evaluation a.1 before",)
    listening(clinic_db, 3, session=1)
    assert counted(clinic_db, BOX).twice == ("evaluation a.1 before", "listening a.1")
    assert counted(clinic_db, "chevet-1").twice == ()


def test_why_a_care_was_not_heard_whole_is_kept_beside_a_later_one(clinic_db: Path) -> None:
    with closing(sqlite3.connect(clinic_db)) as database, database:
        database.execute("INSERT INTO results_session VALUES (3, 'b.1', 'chevet-2')")
        row = (3, 3, "failed", -30.0, 0, "device-missing")
        database.execute("INSERT INTO results_listening VALUES (?, ?, ?, ?, ?, ?)", row)
    assert counted(clinic_db, BOX).causes == {"device-missing"}
    listening(clinic_db, 4, session=1)
    found = counted(clinic_db, BOX)
    assert found.causes == {"device-missing"}
    assert found.cause == ""
    assert counted(clinic_db, "chevet-1").causes == frozenset()


def test_a_session_that_nobody_had_is_more_than_may_be(clinic_db: Path) -> None:
    """As a box would tell it that took another identity for what it had told already."""
    wanted = told_at(counted(clinic_db, BOX))
    with closing(sqlite3.connect(clinic_db)) as database, database:
        database.execute("INSERT INTO results_session VALUES (3, 'b.1', 'chevet-2')")
    evaluation(clinic_db, 3, session=3)
    assert more(told_at(counted(clinic_db, BOX)), [wanted]) == 1
