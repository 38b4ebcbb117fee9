"""One transaction, one writer, readers of other users, identities that are never used twice."""

import contextlib
import grp
import os
import pwd
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from mqtt_bridge import outbox, seal
from mqtt_bridge.database import is_full, open_reader, open_writer
from mqtt_bridge.outbox import Outbox
from tests.support.wire import enrolled, listening
from tests.support.words_of_care import ManualClock

KILLED_WRITER = """
import os, sys
from pathlib import Path
from kiosk.journey.effects import Write
from kiosk.shell.results import ResultsKept
from kiosk.shell.store import BedsideStore
from mqtt_bridge import enrolment
from tests.support.wire import listening
from tests.support.words_of_care import ManualClock
from mqtt_bridge.contract.care import PlanReference

folder = Path(sys.argv[1])
store = BedsideStore(folder / "bedside.db", enrolment.load(folder / "enrolment"))
at = ManualClock()()
plan = PlanReference(patient="martin", plan="plan", version=1)
store.write(Write(at, (listening("whole", at),), plan, None))
class Dies(ResultsKept):
    def note(self, *words):
        os.kill(os.getpid(), 9)  # between the outbox row and the result
store._results.__class__ = Dies
store.write(Write(at, (listening("half", at),), plan, None))
"""


def test_a_kill_between_the_result_and_its_report_leaves_neither(tmp_path: Path) -> None:
    enrolled(tmp_path / "enrolment", seal.make_keys())
    done = subprocess.run(
        [sys.executable, "-c", KILLED_WRITER, str(tmp_path)], check=False, capture_output=True, text=True
    )
    assert done.returncode == -9, done.stderr
    database = open_writer(tmp_path / "bedside.db")
    assert [row[0] for row in database.execute("SELECT session FROM result")] == ["whole"]
    assert database.execute("SELECT COUNT(*) FROM outbox").fetchone() == (1,)
    database.close()


def test_each_start_is_a_new_epoch_without_a_gap(tmp_path: Path) -> None:
    enrolment, clock = enrolled(tmp_path / "enrolment", seal.make_keys()), ManualClock()
    database = open_writer(tmp_path / "bedside.db")
    epochs = []
    for _ in range(3):
        box = Outbox(database, "kiosk", enrolment)
        numbers = []
        for _ in range(3):
            with database.atomic():
                numbers.append(box.add(listening("s", clock()), clock()).seq)
        assert numbers == [1, 2, 3]
        epochs.append(box.epoch)
    assert len(set(epochs)) == 3
    database.close()


def test_a_transaction_rolled_back_leaves_no_gap(tmp_path: Path) -> None:
    enrolment, clock = enrolled(tmp_path / "enrolment", seal.make_keys()), ManualClock()
    database = open_writer(tmp_path / "bedside.db")
    box = Outbox(database, "kiosk", enrolment)

    def fails() -> None:
        with database.atomic():
            box.add(listening("s", clock()), clock())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fails()
    with database.atomic():
        assert box.add(listening("s", clock()), clock()).seq == 1
    database.close()


def test_nothing_of_the_answers_is_clear_in_the_outbox(tmp_path: Path) -> None:
    enrolment, clock = enrolled(tmp_path / "enrolment", seal.make_keys()), ManualClock()
    database = open_writer(tmp_path / "bedside.db")
    box = Outbox(database, "kiosk", enrolment)
    with database.atomic():
        box.add(listening("a-session-of-madame-martin", clock()), clock())
    (row,) = outbox.rows(database.conn, box.epoch, 0, 1)
    assert b"madame" not in row.letter
    assert b"heard_whole" not in row.letter
    database.close()


READER = """
import os, sqlite3, sys
uid, gid, path = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
os.setgroups([gid]); os.setgid(gid); os.setuid(uid)
connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
print(connection.execute("SELECT COUNT(*) FROM note").fetchone()[0])
try:
    connection.execute("INSERT INTO note VALUES (2)")
except sqlite3.OperationalError as error:
    print(error)
"""

WRITER = """
import os, sys
gid, path, end = int(sys.argv[1]), sys.argv[2], sys.argv[3]
from pathlib import Path
from mqtt_bridge.database import open_writer  # imported as root: the interpreter may lie in root's own folder
from sqlite_utils.plugins import ensure_plugins_loaded
ensure_plugins_loaded()
os.setgroups([gid]); os.setgid(gid); os.setuid(1); os.umask(0o007)
database = open_writer(Path(path))
database.execute("CREATE TABLE IF NOT EXISTS note (id)")
database.execute("INSERT INTO note VALUES (1)")
if end == "kill":
    os.kill(os.getpid(), 9)
database.close()
"""


@pytest.fixture
def shared_folder() -> Iterator[Path]:
    """A folder that other users can reach: pytest's own are closed to them."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o711)
        folder = Path(name) / "data"
        folder.mkdir()
        yield folder


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to be two other users")
@pytest.mark.parametrize("end", ["close", "kill"])
def test_another_user_of_the_group_reads_and_the_writer_still_writes(shared_folder: Path, end: str) -> None:
    """The kiosk and the link are two users of one group, on a folder of mode 2770."""
    gid, reader = grp.getgrnam("daemon").gr_gid, pwd.getpwnam("nobody").pw_uid
    folder = shared_folder
    os.chown(folder, 0, gid)
    folder.chmod(0o2770)
    for expected in (1, 2, 3):
        _run(WRITER, str(gid), str(folder / "x.db"), end, code=-9 if end == "kill" else 0)
        told = _run(READER, str(reader), str(gid), str(folder / "x.db"))
        assert told.splitlines() == [str(expected), "attempt to write a readonly database"]


def _run(script: str, *words: str, code: int = 0) -> str:
    done = subprocess.run([sys.executable, "-c", script, *words], capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    import sqlite3

    database = open_writer(tmp_path / "x.db")
    database.execute("CREATE TABLE note (id)")
    reader = open_reader(tmp_path / "x.db")
    assert reader is not None
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.execute("INSERT INTO note VALUES (1)")
    reader.close()
    database.close()
    assert open_reader(tmp_path / "none.db") is None


def test_a_file_without_room_is_told_from_every_other_refusal(tmp_path: Path) -> None:
    with contextlib.closing(sqlite3.connect(tmp_path / "x.db")) as database:
        database.execute("CREATE TABLE kept (what BLOB)")
        database.execute("PRAGMA max_page_count = 3")
        with pytest.raises(sqlite3.OperationalError) as full:
            database.execute("INSERT INTO kept VALUES (zeroblob(100000))")
        with pytest.raises(sqlite3.OperationalError) as unknown:
            database.execute("INSERT INTO lost VALUES (1)")
    assert is_full(full.value)
    assert not is_full(unknown.value)
