"""mosquitto with TLS, the ingest process and the console, each as it runs at a clinic."""

import contextlib
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mqtt_bridge import enrolment
from mqtt_bridge.contract import wire
from mqtt_bridge.mqtt.paho import PahoClient
from mqtt_bridge.mqtt.port import Connected, Delivered, Event, Mailbox, Sent
from tests.clinic.box import EPOCH, Box, evaluation
from tests.clinic.conftest import PASSWORD
from tests.clinic.test_cli import PLAN, Commands

LINE_S_MAX = 30.0
REPORTS = 60


class Process:
    def __init__(self, commands: Commands, *words: str) -> None:
        command = [sys.executable, "-m", "clinic.cli", *words]
        self.popen = subprocess.Popen(
            command, env=commands.environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def line(self) -> str:
        """The ready line."""
        assert self.popen.stdout is not None
        readable, _, _ = select.select([self.popen.stdout], [], [], LINE_S_MAX)
        assert readable, "no ready line"
        return self.popen.stdout.readline()

    def stop(self, number: int = signal.SIGTERM) -> int:
        if self.popen.poll() is None:
            self.popen.send_signal(number)
        self.popen.communicate(timeout=20)
        return self.popen.returncode


@pytest.fixture
def commands(clean_environment: dict[str, str]) -> Iterator[Commands]:
    with furnished(clean_environment) as made:
        yield made


@contextlib.contextmanager
def furnished(environment: dict[str, str], *init: str) -> Iterator[Commands]:
    """A clinic with Claire, Madame Martin and her box, in a folder of its own."""
    if shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin") is None:
        pytest.skip("no mosquitto here: apt-get install mosquitto")
    folder = Path(tempfile.mkdtemp(prefix="chevet-"))  # short: a Unix socket's path has 108 bytes at most
    made = Commands(folder / "home", environment)
    made.run("init", "--clinic", "maison", "--broker-port", "0", *init)
    claire = ("--given", "Claire", "--family", "Moreau", "--role", "nurse", "--shown-as", "infirmière")
    made.run("add-practitioner", "claire", *claire, "--password-file", "-", said=PASSWORD)
    martin = ("--given", "Jeanne", "--family", "Martin", "--address-as", "Madame Martin", "--team", "claire")
    made.run("add-patient", "martin", *martin)
    made.run("enrol", "box-12", "--patient", "martin", "--out", str(folder / "box"))
    (folder / "plan.toml").write_text(PLAN)
    (folder / "manifest.toml").write_text("title = 'rivière'")
    try:
        yield made
    finally:
        shutil.rmtree(folder)


@contextlib.contextmanager
def running(commands: Commands, *words: str) -> Iterator[Process]:
    process = Process(commands, *words)
    try:
        yield process
    finally:
        process.stop(signal.SIGKILL)


class Link:
    """The box's end on the real broker: sends, and reads what the clinic's database has."""

    def __init__(self, folder: Path) -> None:
        self.enrolled = enrolment.load(folder)
        self.box = Box(self.enrolled.clinic, "box-12", self.enrolled.keys)
        self.mailbox = Mailbox()
        self.client = PahoClient(self.enrolled.address(), self.mailbox)
        self.in_record = 0
        self.serials: set[int] = set()
        self.orders: set[str] = set()

    def start(self) -> None:
        names = tuple(wire.topic("maison", "box-12", channel) for channel in ("down", "ack"))
        self.client.start(names, None)
        self.until(lambda event: isinstance(event, Connected))

    def until(self, seen: Callable[[Event], bool], *, s_max: float = LINE_S_MAX) -> None:
        """Take events until `seen(event)`."""
        end = time.monotonic() + s_max
        while time.monotonic() < end:
            select.select([self.mailbox], [], [], 1.0)
            for event in self.mailbox.take():
                self._take(event)
                if seen(event):
                    return
        pytest.fail("the clinic did not answer in time")

    def _take(self, event: Event) -> None:
        if isinstance(event, Delivered):
            self.client.settle(event.token)
            if event.topic.endswith("/ack"):
                ack = self.box.ack(event.payload)
                self.serials.add(ack.serial)
                self.in_record = max(self.in_record, ack.through if ack.epoch == EPOCH else 0)
            else:
                self.orders.add(self.box.order(event.payload).id)

    def hello(self) -> None:
        self.client.publish(self.box.up, self.box.hello((wire.Held(stream="kiosk", epoch=EPOCH, last=REPORTS),)))


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


def two_ingests_beside_each_other(commands: Commands) -> None:
    """Both get every message; the ledger keeps each once. The next one takes the place that came free."""
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
            link.until(lambda _: link.in_record == REPORTS and len(link.serials) == 2 * REPORTS)
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


def test_the_console_says_where_it_listens(commands: Commands) -> None:
    file = commands.home / "address"
    with running(commands, "console", "--port", "0", "--print-address", str(file)) as console:
        address = console.line().removeprefix("console: ready ").strip()
        assert file.read_text().strip() == address
        with urllib.request.urlopen(address, timeout=20) as page:  # our own address
            assert "Chevet" in page.read().decode()
            assert page.headers["Content-Security-Policy"]
        for name in ("console/tokens.css", "console/console.css", "fonts/AtkinsonHyperlegibleNext-Bold.woff2"):
            with urllib.request.urlopen(f"{address}static/{name}", timeout=20) as part:
                assert b"http:" not in part.read()
        assert console.stop() == 0
