"""What a full disk does to a process that opens a database: an error, or by the size of its blocks its death."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.campaign.small_disk import BLOCK_BYTES, FILLER, SmallDisk

COUNT = "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute('SELECT count(*) FROM t').fetchone()[0])"
LEAVE = (
    "import os, sqlite3, sys; one = sqlite3.connect(sys.argv[1], isolation_level=None); "
    "one.execute('INSERT INTO t VALUES (2)'); os._exit(0)"
)
"""Its -wal stays, as after a power cut."""
STEP_BYTES, STEPS = 4096, 24


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[[int], SmallDisk]]:
    made: list[SmallDisk] = []

    def make(block_bytes: int) -> SmallDisk:
        disk = SmallDisk(tmp_path / "disk", 32, block_bytes)
        made.append(disk)
        if disk.kind != "ext4":
            pytest.skip("no loop device can be mounted here")
        return disk

    yield make
    for one in made:
        one.close()


def _database(folder: Path) -> Path:
    path = folder / "a.db"
    with sqlite3.connect(path) as one:
        one.execute("PRAGMA journal_mode=WAL")
        one.execute("CREATE TABLE t (x)")
    one.close()
    subprocess.run([sys.executable, "-c", LEAVE, str(path)], check=True)
    path.with_name("a.db-shm").unlink()
    return path


def _fill(filler: Path) -> None:
    """To the last block: what file systems keep back from fallocate(2), writes are given."""
    size = 1 << 16
    with filler.open("ab", buffering=0) as file:
        while size:
            try:
                file.write(b"x" * size)
                os.fsync(file.fileno())
            except OSError:
                size //= 2


def _ends(path: Path, filler: Path) -> list[int]:
    """How a reader's process ends, with ever more room, until it succeeds."""
    ends: list[int] = []
    for _ in range(STEPS):
        ends.append(
            subprocess.run([sys.executable, "-c", COUNT, str(path)], capture_output=True, check=False).returncode
        )
        if ends[-1] == 0:
            break
        path.with_name("a.db-shm").unlink(missing_ok=True)
        os.truncate(filler, filler.stat().st_size - STEP_BYTES)
        subprocess.run(["sync", "-f", str(filler)], check=True)
    return ends


@pytest.mark.parametrize(("block_bytes", "killed"), [(BLOCK_BYTES, False), (1024, True)])
def test_a_full_disk_is_an_error_and_no_signal(
    disk: Callable[[int], SmallDisk], block_bytes: int, *, killed: bool
) -> None:
    made = disk(block_bytes)
    path = _database(made.folder)
    made.fill()
    _fill(made.folder / FILLER)
    ends = _ends(path, made.folder / FILLER)
    assert ends[-1] == 0
    assert 1 in ends  # « disk I/O error »
    assert (-signal.SIGBUS in ends) is killed
