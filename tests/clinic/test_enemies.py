"""A real ingest and a real link on a broker that means them ill."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clinic.home import Home
from mqtt_bridge import enrolment
from mqtt_bridge.bell import ring
from mqtt_bridge.database import open_writer
from mqtt_bridge.link.reading import LinkReader
from mqtt_bridge.outbox import Outbox
from tests.bench.watch import memory_of
from tests.campaign.writer import content_of
from tests.clinic.parts import Commands, Process, furnished, running
from tests.support.lying_broker import PUBLISH, LyingBroker, length_of, packet, text

WAIT_S_MAX, POLL_S = 120.0, 0.05
MIB = 1024 * 1024
GROWTH_MIB_MAX = 48.0
BOX = "box-12"


class Link:
    """`chevet-link run` of the furnished box, and its kiosk's outbox in our hands."""

    def __init__(self, folder: Path) -> None:
        self.data, self.run = folder / "data", folder / "run"
        for place in (self.data, self.run):
            place.mkdir()
        self.enrolled = enrolment.load(folder / "box")
        self.bedside = open_writer(self.data / "bedside.db")
        self.outbox = Outbox(self.bedside, "kiosk", self.enrolled)
        self.reader = LinkReader(self.data / "link.db")
        words = ["run", "--data", self.data, "--run", self.run, "--enrolment", folder / "box", "--clock", "always"]
        command = [
            sys.executable,
            "-c",
            "import sys; from mqtt_bridge.cli import main; sys.exit(main())",
            *map(str, words),
        ]
        self.popen = subprocess.Popen(command, stderr=subprocess.DEVNULL)

    def confirm(self, number: int) -> None:
        from mqtt_bridge.clock import system_clock
        from tests.campaign.writer import PLAN

        now = system_clock("always")()
        with self.bedside.atomic():
            self.outbox.add(content_of(f"enemy-{number}", now), now, PLAN)
        ring(self.run / "link.bell")

    def landed(self) -> int:
        ack = self.reader.ack(self.outbox.epoch)
        return ack.through if ack else 0

    def close(self) -> None:
        self.popen.kill()
        self.popen.wait()
        self.bedside.close()


class Ground:
    """The clinic, its box, and the broker between them."""

    def __init__(self, commands: Commands, ingest: Process, broker: LyingBroker, link: Link) -> None:
        self.commands, self.ingest, self.broker, self.link = commands, ingest, broker, link

    def wait(self, done: Callable[[], bool], what: str) -> None:
        """Other processes' files: there is nothing to wait for."""
        until_s = time.monotonic() + WAIT_S_MAX
        while not done():
            assert time.monotonic() < until_s, what
            time.sleep(POLL_S)


@pytest.fixture
def ground(clean_environment: dict[str, str]) -> Iterator[Ground]:
    with furnished(clean_environment) as commands:
        home = Home(commands.home)
        broker = LyingBroker(home.broker, home.configuration().broker.port)
        with running(commands, "ingest") as ingest:
            ingest.line()
            link = Link(commands.home.parent)
            yield Ground(commands, ingest, broker, link)
            link.close()
        broker.close()


@pytest.mark.slow
def test_a_gigabyte_from_the_broker_is_gathered_by_neither_end(ground: Ground) -> None:
    ground.link.confirm(1)
    ground.wait(lambda: ground.link.landed() == 1, "the first report")
    pids = {"ingest": ground.ingest.popen.pid, "link": ground.link.popen.pid}
    before = {name: memory_of(pid).peak for name, pid in pids.items()}
    for name in ("ingest", BOX):
        for _ in range(4):
            ground.broker.say_raw(name, b"\x32" + length_of(256 * MIB - 1) + text("chevet") + b"\0\1")
            for _ in range(16):
                ground.broker.say_raw(name, b"x" * 16 * MIB)
            ground.broker.say_raw(name, packet(PUBLISH, text("chevet") + b"\0\1" + b"[" * MIB, flags=2))
    ground.link.confirm(2)
    ground.wait(lambda: ground.link.landed() == 2, "the second report")
    grown = {name: memory_of(pid).peak - before[name] for name, pid in pids.items()}
    assert all(mib < GROWTH_MIB_MAX for mib in grown.values()), grown
