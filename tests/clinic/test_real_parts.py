"""mosquitto with TLS, the ingest process and the console, each as it runs at a clinic."""

import json
import os
import signal
import sqlite3
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mqtt_bridge.mqtt.port import Event, Sent
from tests.clinic.box import evaluation
from tests.clinic.parts import REPORTS, Commands, Link, furnished, running


@pytest.fixture
def commands(clean_environment: dict[str, str]) -> Iterator[Commands]:
    with furnished(clean_environment) as made:
        yield made


@pytest.mark.slow
def test_nothing_is_lost_nor_twice_when_ingest_is_killed(commands: Commands) -> None:
    folder = commands.home.parent
    with running(commands, "broker"):
        with running(commands, "ingest") as ingest:
            assert ingest.line().startswith("ingest: ready, clinic maison")
            link = Link(folder / "box")
            link.start()
            words = ("--patient", "martin", "--by", "claire", "--box", "box-12")
            commands.run("prescribe", str(folder / "plan.toml"), *words)
            link.until(lambda _: bool(link.orders))
            letters = [link.box.report(evaluation("before", (1, 2, 3, 4, 5), session=f"s-{n}")) for n in range(REPORTS)]
            for letter in letters[: REPORTS // 2]:
                link.client.publish(link.box.up, letter)
            link.until(lambda _: link.in_record > 3)
        for letter in letters[REPORTS // 2 :]:  # ingest was killed: the broker takes these
            link.client.publish(link.box.up, letter)
        link.until(lambda event: isinstance(event, Sent))
        with running(commands, "ingest") as ingest:
            ingest.line()
            link.hello()
            for letter in letters:  # the box sends again what it has no word of
                link.client.publish(link.box.up, letter)
            link.until(lambda _: link.in_record == REPORTS)
            assert ingest.stop() == 0
        link.client.stop()
    told = json.loads(commands.run("sessions", "--json"))
    assert sorted(s["session"] for s in told) == sorted(f"s-{n}" for n in range(REPORTS))
    assert json.loads(commands.run("quarantine", "--json")) == []


@pytest.mark.slow
def test_a_writer_that_holds_the_lock_costs_its_own_time_alone(commands: Commands) -> None:
    """SQLite has one lock. What comes meanwhile waits at ingest and at the broker; it is read ahead, and kept once."""
    count, taken = 300, 0  # some transactions' worth

    def all_at_the_broker(event: Event) -> bool:
        nonlocal taken
        taken += isinstance(event, Sent) and event.accepted
        return taken == count

    with running(commands, "broker"), running(commands, "ingest") as ingest:
        ingest.line()
        link = Link(commands.home.parent / "box")
        link.start()
        letters = [link.box.report(evaluation("before", (1, 2, 3, 4, 5), session=f"s-{n}")) for n in range(count)]
        record = commands.home / "clinic.db"
        with closing(sqlite3.connect(record, isolation_level=None, timeout=60)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            for letter in letters:
                link.client.publish(link.box.up, letter)
            link.until(all_at_the_broker)
            with closing(sqlite3.connect(record, timeout=2)) as other, pytest.raises(sqlite3.OperationalError):
                other.execute("BEGIN IMMEDIATE")  # two seconds, in which ingest waits as this one does
            assert link.in_record == 0
            writer.execute("ROLLBACK")
        link.until(lambda _: link.in_record == count)
        assert ingest.stop() == 0
        link.client.stop()
    told = json.loads(commands.run("sessions", "--json"))
    assert sorted(s["session"] for s in told) == sorted(f"s-{n}" for n in range(count))
    assert json.loads(commands.run("quarantine", "--json")) == []


def two_ingests_beside_each_other(commands: Commands, answers: int = 2) -> None:
    """Both get every message; the ledger keeps each once. The next one takes the place that came free.

    answers: to one hello; 1 where they share the boxes.
    """
    folder = commands.home.parent
    with running(commands, "broker"), running(commands, "ingest") as first:
        first.line()
        with running(commands, "ingest") as second:
            second.line()
            assert len(list(commands.home.glob("ingest.*.bell"))) == 2
            link = Link(folder / "box")
            link.start()
            for n in range(REPORTS):
                told = evaluation("before", (1, 2, 3, 4, 5), session=f"s-{n}")
                link.client.publish(link.box.up, link.box.report(told))
            link.hello()
            link.until(lambda _: link.in_record == REPORTS and link.answers >= answers)  # with all before it
            assert (first.popen.poll(), second.popen.poll()) == (None, None)
            words = ("--patient", "martin", "--by", "claire", "--box", "box-12")
            commands.run("prescribe", str(folder / "plan.toml"), *words)
            link.until(lambda _: bool(link.orders))
            assert (first.stop(), second.stop()) == (0, 0)
        with running(commands, "ingest") as third:
            third.line()
            assert [path.name for path in commands.home.glob("ingest.*.bell")] == ["ingest.1.bell"]
            assert third.stop() == 0
        link.client.stop()
    kept = json.loads(commands.run("sessions", "--json"))
    assert sorted(s["session"] for s in kept) == sorted(f"s-{n}" for n in range(REPORTS))
    assert json.loads(commands.run("quarantine", "--json")) == []


@pytest.mark.slow
def test_two_ingest_processes_keep_everything_once(commands: Commands) -> None:
    two_ingests_beside_each_other(commands)


def test_the_console_says_where_it_listens_and_outlives_one_of_its_processes(commands: Commands) -> None:
    file = commands.home / "address"
    words = ("--port", "0", "--processes", "2", "--print-address", str(file))
    with running(commands, "console", *words) as console:
        address = console.line().removeprefix("console: ready ").strip()
        assert file.read_text().strip() == address
        begun = _until_there_are(2, console.popen.pid)
        os.kill(min(begun), signal.SIGKILL)
        with urllib.request.urlopen(address, timeout=60) as page:  # our own address
            assert "Chevet" in page.read().decode()
            assert page.headers["Content-Security-Policy"]
        assert max(begun) in _until_there_are(2, console.popen.pid, but=min(begun))
        for name in ("console/tokens.css", "console/console.css", "fonts/AtkinsonHyperlegibleNext-Bold.woff2"):
            with urllib.request.urlopen(f"{address}static/{name}", timeout=20) as part:
                assert b"http:" not in part.read()
        assert console.stop() == 0


def _until_there_are(n: int, parent: int, but: int = 0, s_max: float = 60) -> set[int]:
    """The processes that this one has forked off, once there are so many."""
    until_s, found = time.monotonic() + s_max, set[int]()
    while len(found) != n and time.monotonic() < until_s:
        time.sleep(0.02)  # they are not our children: nobody tells us
        told = Path(f"/proc/{parent}/task/{parent}/children").read_text()
        found = set(map(int, told.split())) - {but}
    assert len(found) == n
    return found
