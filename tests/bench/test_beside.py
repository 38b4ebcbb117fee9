"""That the wire's bench ends: a peer that cannot be measured is left out with its own word; so is who has gone."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.bench.wire.beside import Beside
from tests.bench.wire.contenders import Contender
from tests.bench.wire.several import cpu_s_if_there
from tests.support.process import ProcessError

WAITING = 3
FIRST_S = 0.2
READY = "print('ready', flush=True)"
KEEP = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('CREATE TABLE kept AS VALUES (1), (2), (3)')"
SLEEP = "import time; time.sleep(600)"


def contender(folder: Path, name: str, *does: str) -> Contender:
    database = folder / f"{name}.db"
    command = [sys.executable, "-c", "; ".join(does), str(database)]
    return Contender(name, command, ready="ready", database=database, query="SELECT COUNT(*) FROM kept")


def seen(one: Contender) -> int:
    one.start()
    try:
        return one.first(0, 30 if one.name == "ours" else FIRST_S)
    finally:
        one.kill()


def test_a_peer_that_keeps_nothing_or_cannot_start_is_left_out_and_said(tmp_path: Path) -> None:
    ours = contender(tmp_path, "ours", KEEP, READY, SLEEP)
    deaf = contender(tmp_path, "deaf", "print('cannot decode byte 0xa8')", READY, SLEEP)
    dead = contender(tmp_path, "dead", "raise SystemExit('no such broker')")
    said: list[str] = []
    beside = Beside(ours, [deaf, dead], said.append)
    assert beside.each(seen) == {"ours": WAITING}
    assert beside.left_out == ["deaf kept nothing of what waited for it in 0 s", "dead did not start"]
    assert ["cannot decode byte 0xa8" in said[0], "no such broker" in said[1]] == [True, True]
    assert not deaf.lives()
    assert beside.each(lambda one: one.name) == {"ours": "ours"}, "who failed is not asked again"


STEADY = """
import sqlite3, sys, time
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("CREATE TABLE kept (word)")
print("ready", flush=True)
began_s = time.monotonic()
for some in range(40):
    time.sleep(0.02)
    database.execute("BEGIN")
    database.executemany("INSERT INTO kept VALUES (?)", [(some,)] * 25)
    database.execute("COMMIT")
print("own", 975 / (time.monotonic() - began_s), flush=True)
time.sleep(600)
"""


def test_a_rate_is_what_the_contender_itself_tells_of_it(tmp_path: Path) -> None:
    """By its own clock: a look every 50 ms took a thousand messages of a quick one for none."""
    steady = contender(tmp_path, "steady", STEADY)
    steady.start()
    try:
        seen = steady.rate(0, 1000, 30)
        log, until_s = steady.database.with_suffix(".log"), time.monotonic() + 30
        while not (told := re.search(r"^own (.*)\n", log.read_text(), re.MULTILINE)) and time.monotonic() < until_s:
            time.sleep(0.01)
        assert told
    finally:
        steady.kill()
    assert 0.7 < seen / float(told[1]) < 1.4


def test_without_ours_there_is_no_figure(tmp_path: Path) -> None:
    ours = contender(tmp_path, "ours", "raise SystemExit('no such broker')")
    with pytest.raises(ProcessError, match="no such broker"):
        Beside(ours, [], print).each(seen)


def test_processor_time_of_who_has_ended_is_none_and_no_error() -> None:
    """Each look at PostgreSQL's rows is a process of its own, which may end while the clocks of all are read."""
    with subprocess.Popen([sys.executable, "-c", "pass"]) as gone:
        pass
    assert gone.wait() == 0
    assert cpu_s_if_there(gone.pid) == 0
    assert cpu_s_if_there(os.getpid()) > 0
