"""A box whose certificate ends makes itself another: its link, the registrar and the broker as real processes."""

import datetime as dt
import json
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mqtt_bridge import authority
from mqtt_bridge.enrolment import load
from mqtt_bridge.link.renewal import TRIES_MAX, Credentials, Renewal
from tests.clinic.parts import LINE_S_MAX, Commands, furnished, running
from tests.support.process import Process
from tests.support.words_of_care import ManualClock


@pytest.fixture
def commands(clean_environment: dict[str, str]) -> Iterator[Commands]:
    with furnished(clean_environment) as made:
        yield made


def worn(commands: Commands) -> Path:
    """The box's folder, its certificate with a quarter of its life left."""
    box = commands.home.parent / "box"
    long_ago = dt.datetime.now(dt.UTC) - dt.timedelta(days=300)
    authority.issue(commands.home / "authority", "box-12", box / "box", now=long_ago)
    return box


def enrolled_long_ago(commands: Commands, box: Path) -> None:
    file = box / "enrolment.json"
    told = json.loads(file.read_bytes())
    del told["registrar_host"], told["registrar_port"]
    file.write_text(json.dumps(told))
    with closing(sqlite3.connect(commands.home / "clinic.db")) as record, record:
        record.execute("UPDATE fleet_device SET addresses = ''")


def link(commands: Commands, clock: str) -> Process:
    folder = commands.home.parent
    (folder / "data").mkdir(exist_ok=True)
    command = [
        str(Path(sys.executable).with_name("chevet-link")), "run", "--data", str(folder / "data"),
        "--run", str(folder / "run"), "--enrolment", str(folder / "box"), "--clock", clock,
    ]  # fmt: skip
    return Process("link", command, "link: ready", folder / "link.log", commands.environment)


def until(done: Path, process: Process) -> None:
    end = time.monotonic() + LINE_S_MAX
    while not done.exists():
        assert time.monotonic() < end, process.log()
        time.sleep(0.05)  # another process's file: there is no event to wait for


@pytest.mark.parametrize("clock", ["always", "never"])
def test_a_box_renews_its_certificate_and_lives_on_with_it(commands: Commands, clock: str) -> None:
    """By its own clock where that is trusted, else by the clinic's time in its answer.

    The second one was enrolled before there was a registrar: that tells it where it is, by an order.
    """
    box = worn(commands)
    if clock == "never":
        enrolled_long_ago(commands, box)
    old = authority.facts((box / "box.crt").read_bytes())
    with running(commands, "broker"), running(commands, "ingest") as ingest, running(commands, "registrar") as desk:
        ingest.line()
        desk.line()
        process = link(commands, clock)
        process.start()
        until(box / "box.pem", process)
        process.kill()
        new = authority.check_issued((box / "box.pem").read_bytes(), box / "box.pem", (box / "ca.pem").read_bytes())
        assert new.not_after_ms > old.not_after_ms
        assert new.key != old.key, "a new key, too"
        process.start()
        assert "connected to the clinic's broker" in _settled(process)
        process.stop()
    assert sorted(path.name for path in box.iterdir()) == [
        "box.pem", "box.secret", "ca.pem", "clinic.public", "enrolment.json",
    ]  # fmt: skip


def _settled(process: Process) -> str:
    """Its log once it has said, after its last start, whether the broker takes it."""
    end = time.monotonic() + LINE_S_MAX
    while True:
        said = process.log().rpartition("link: ready")[2]
        if "broker" in said or time.monotonic() > end:
            return said
        time.sleep(0.05)  # another process's log


def test_a_pair_that_no_broker_takes_locks_nobody_out(commands: Commands) -> None:
    """The old one is used in turns with it, and after a while alone again."""
    box = commands.home.parent / "box"
    enrolled, clock = load(box), ManualClock()
    credentials, renewal = Credentials(enrolled), Renewal(enrolled, clock)
    assert [credentials().certificate.name for _ in range(2)] == ["box.crt", "box.crt"]
    enrolled.next.write_bytes(b"a pair")
    assert [credentials().certificate.name for _ in range(4)] == ["next.pem", "box.crt"] * 2
    for _ in range(TRIES_MAX):
        assert enrolled.next.exists()
        renewal.accepted(box / "box.crt")
    assert not enrolled.next.exists()
    assert credentials().certificate.name == "box.crt"
    enrolled.next.write_bytes(b"another pair")
    renewal.accepted(enrolled.next)
    assert {path.name for path in box.iterdir()} & {"next.pem", "box.crt", "box.key"} == set()
    assert enrolled.pair() == (box / "box.pem", box / "box.pem")
