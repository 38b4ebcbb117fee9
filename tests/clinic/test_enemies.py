"""A real ingest and a real link on a broker that lies: all is in the table once, nothing false is believed."""

import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from clinic.home import Home
from mqtt_bridge import enrolment, seal
from mqtt_bridge.bell import ring
from mqtt_bridge.clinic_letters import write_order
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.codec import encode
from mqtt_bridge.contract.order import Order, PlanOrder
from mqtt_bridge.database import open_writer
from mqtt_bridge.link.reading import LinkReader
from mqtt_bridge.outbox import Outbox
from tests.bench.watch import memory_of
from tests.campaign.writer import content_of
from tests.clinic.parts import Commands, Process, furnished, running
from tests.support.lying_broker import PUBLISH, LyingBroker, Message, honest, length_of, packet, text
from tests.support.words_of_care import plan

REPORTS, ROUNDS, WAIT_S_MAX, POLL_S = 40, 4, 120.0, 0.05
MIB = 1024 * 1024
GROWTH_MIB_MAX = 48.0
CLINIC, BOX = "maison", "box-12"


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

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.commands.home / "clinic.db", timeout=30)) as record:
            return record.execute(query).fetchall()

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


class Liar:
    """Loses, repeats, alters, holds back and makes up, by a seed; always with « Success »."""

    def __init__(self, ground: Ground) -> None:
        self._chance = random.Random(20261129)  # noqa: S311  # not a secret
        self._ground, self._held, self._enemy = ground, [], seal.make_keys()  # type: ignore[var-annotated]
        self.lies = 0

    def __call__(self, topic: str, payload: bytes) -> Iterable[Message]:
        lie = self._chance.choice(["none", "none", "lose", "twice", "alter", "hold", "old", "make up"])
        self.lies += lie != "none"
        match lie:
            case "lose":
                return []
            case "twice":
                return [(topic, payload)] * 2
            case "alter":
                return [(topic, self._altered(payload)), (topic, payload)]
            case "hold":
                self._held.append((topic, payload))
                return []
            case "old":
                return [self._chance.choice(self._ground.broker.seen), *self._held, (topic, payload)]
            case "make up":
                return [*self._made_up(), (topic, payload)]
        return [(topic, payload)]

    def _altered(self, payload: bytes) -> bytes:
        raw = bytearray(payload)
        raw[self._chance.randrange(len(raw))] ^= 1 << self._chance.randrange(8)
        return bytes(raw)

    def _made_up(self) -> list[Message]:
        """« All that you sent is in the record », and an order: by another clinic, once under our name."""
        enrolled, now_ms = self._ground.link.enrolled, time.time_ns() // 1_000_000
        ack = wire.Ack(
            ledger="false", serial=2**50, stream="kiosk", epoch=self._ground.link.outbox.epoch, through=2**40,
            server_ms=now_ms,
        )  # fmt: skip
        letter = wire.Letter(kind="ack", clinic=CLINIC, box=BOX, signer=enrolled.clinic.verify_id, body=encode(ack))
        order = Order(
            id="false", box=BOX, serial=now_ms, issued_ms=now_ms, expires_ms=now_ms + 10**9,
            content=PlanOrder(plan=plan()),
        )  # fmt: skip
        down = write_order(CLINIC, encode(order), BOX, enrolled.keys.public, self._enemy)
        return [
            (wire.topic(CLINIC, BOX, "ack"), seal.sign(letter, self._enemy)),
            (wire.topic(CLINIC, BOX, "down"), down),
        ]


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_broker_that_lies_loses_nothing_and_makes_nobody_believe_it(ground: Ground) -> None:
    ground.broker.fate = liar = Liar(ground)
    for number in range(1, REPORTS + 1):
        seen = len(ground.broker.seen)
        ground.link.confirm(number)
        ground.wait(lambda seen=seen: len(ground.broker.seen) > seen, f"report {number} did not leave")  # type: ignore[misc]
        if number % (REPORTS // ROUNDS) == 0:
            ground.broker.drop(BOX)  # it comes back, and asks
        said = ground.link.landed()
        there = ground.rows("SELECT COUNT(*) FROM results_ledgerrow WHERE stream = 'kiosk'")[0][0]
        assert isinstance(there, int)
        assert said <= there  # « in the record » is said of what is there
    ground.broker.fate = honest
    ground.broker.drop(BOX)
    ground.wait(lambda: ground.link.landed() == REPORTS, f"not all of {REPORTS} came after {liar.lies} lies")
    assert liar.lies > REPORTS // 2
    rows = ground.rows("SELECT seq FROM results_ledgerrow WHERE stream = 'kiosk' ORDER BY seq")
    assert rows == [(number,) for number in range(1, REPORTS + 1)]
    assert ground.rows("SELECT COUNT(*) FROM results_ledgerrow WHERE state = 'held'") == [(0,)]
    assert ground.rows("SELECT COUNT(*) FROM results_quarantine WHERE kind = 'conflict'") == [(0,)]
    assert ground.rows("SELECT COUNT(*) FROM results_quarantine") > [(0,)]  # what was altered is kept
    assert [order for order in ground.link.reader.orders() if order.kind == "plan"] == []
    assert ground.link.reader.ledger() != "false"


@pytest.mark.slow
@pytest.mark.timeout(400)
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
