"""One ingest process and two on one PostgreSQL: reports a second, and whose processor time they take.

The same reports wait in the queue of each process at one mosquitto; all start together. On a machine of few cores the
broker and the database need them too, so that the rate alone says little of what more cores would give: what each
process spends on a report, all reports together, does.
"""

import contextlib
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, LiteralString

import msgspec
import psycopg

from clinic.ingest.place import Place
from mqtt_bridge import seal
from mqtt_bridge.mqtt.paho import take_over
from tests.bench.watch import clock_of
from tests.bench.wire import contenders, parts
from tests.bench.wire.plan import WireAmount
from tests.bench.wire.rig import LOOK_S, Letter, Rig, cares, publish, rig
from tests.clinic.box import CLINIC, Box
from tests.support import postgresql

KEEP_S_MAX = 120.0
PROCESSES = (1, 2)
RECEIVERS = ("bench-receiver", "bench-bare-receiver")


class Kept(msgspec.Struct, frozen=True):
    """What so many processes did. Processor time in microseconds for each report that was kept, all cores together."""

    processes: int
    reports: int
    rate: float
    ingest_us: tuple[float, ...]
    postgresql_us: float
    broker_us: float

    @property
    def total_us(self) -> float:
        return sum(self.ingest_us) + self.postgresql_us + self.broker_us


class Several(msgspec.Struct, frozen=True):
    """The run with the median rate of each; how far the rates of all lie apart; what one process does, part by part.

    batch: reports in a transaction of one process, on the average.
    """

    one: Kept
    two: Kept
    one_rates: tuple[float, ...]
    two_rates: tuple[float, ...]
    batch: float
    parts: parts.Parts
    copied_us: float


def measure(folder: Path, amount: WireAmount, say: contenders.Say) -> Several:
    """In turns, so that what else the machine does is the same for both."""
    found: dict[int, list[Kept]] = {processes: [] for processes in PROCESSES}
    with record(folder) as (url, data), rig("--database", url) as one, psycopg.connect(url, autocommit=True) as eye:
        runs = Runs(one, url, data, amount, eye)
        for _ in range(amount.rounds):
            for processes in PROCESSES:
                kept = runs.run(processes)
                found[processes].append(kept)
                say(f"{processes} on PostgreSQL: {kept.rate:.0f}/s")
        batch, each = runs.parts()
        copied_us = parts.copy_postgresql_us(url, round(batch))
    ones, twos = (found[processes] for processes in PROCESSES)
    one_rates, two_rates = (tuple(kept.rate for kept in every) for every in (ones, twos))
    return Several(_median(ones), _median(twos), one_rates, two_rates, batch, each, copied_us)


@contextlib.contextmanager
def record(folder: Path) -> Iterator[tuple[str, Path]]:
    """(URL of an empty database, its server's files): every commit is synced, as at a clinic."""
    with postgresql.running(folder / "postgresql") as url:
        subprocess.run(["psql", "-q", url.format(name="postgres"), "-c", "CREATE DATABASE bench"], check=True)
        yield url.format(name="bench"), folder / "postgresql"


class Runs:
    """`eye` looks on: one connection that stands, or every look would cost the server a process."""

    def __init__(self, one: Rig, url: str, data: Path, amount: WireAmount, eye: "psycopg.Connection[Any]") -> None:
        self._rig, self._url, self._data, self._sessions, self._turn = one, url, data, amount.sessions_shared, 0
        self._eye = eye
        self._clinic = seal.load_secret(one.home.clinic_keys)
        enrolled = one.enrol(1, amount.boxes_shared)
        self._boxes = [
            (Box(self._clinic.public, each.place.box, each.keys, form=2), each.address()) for each in enrolled
        ]

    def run(self, processes: int) -> Kept:
        self._queues(processes)
        before, waiting = self._rows(), len(self._fill())
        with self._started(processes) as pids:
            began_s, began, spent = time.monotonic(), self._rows(), self._spent(pids)
            until_s = began_s + KEEP_S_MAX
            while (now := self._rows()) < before + waiting and time.monotonic() < until_s:
                time.sleep(LOOK_S)
            took_s, each = time.monotonic() - began_s, zip(spent, self._spent(pids), strict=True)
        kept = max(1, now - began)
        *ingest_us, postgresql_us, broker_us = [(after - first) / kept * 1e6 for first, after in each]
        return Kept(processes, kept, kept / took_s, tuple(ingest_us), postgresql_us, broker_us)

    def parts(self) -> tuple[float, parts.Parts]:
        """(reports in a transaction, each part of keeping one): of one more filling, kept by one process."""
        receiver, bare_receiver = map(self._rig.address, RECEIVERS)
        self._queues(1)
        parts.subscribe(receiver)
        parts.subscribe(bare_receiver)
        letters, acks = self._fill(), self._acks()
        with self._started(1):
            until_s, wanted = time.monotonic() + KEEP_S_MAX, self._rows() + len(letters)
            while self._rows() < wanted and time.monotonic() < until_s:
                time.sleep(LOOK_S)
        batch = len(letters) / max(1, self._acks() - acks - len(self._boxes))
        keys = {box.up: box.keys.public for box, _ in self._boxes}
        receive = parts.receive_us(receiver, len(letters))
        bare = parts.bare_receive_us(bare_receiver, len(letters))
        for one in (receiver, bare_receiver):
            take_over(one)  # nobody fills its queue any more
        read, decoded = parts.read_us(letters, keys, self._clinic)
        insert = parts.insert_postgresql_us(self._url, max(1, round(batch)))
        return batch, parts.Parts(receive, read, decoded, insert, parts.acknowledge_us(self._clinic) / batch, bare)

    def _queues(self, processes: int) -> None:
        """At the broker, one for each, and for nobody else."""
        for number in PROCESSES:
            take_over(self._rig.address(Place(number, -1).client_id(CLINIC)))
        with self._started(processes):
            pass

    def _fill(self) -> list[Letter]:
        """What waits now in each queue."""
        self._turn += 1
        letters = [(cares(box, self._sessions, f"turn-{self._turn}"), address) for box, address in self._boxes]
        for own, address in letters:
            publish(address, own)
        return [letter for own, _ in letters for letter in own]

    @contextlib.contextmanager
    def _started(self, processes: int) -> Iterator[list[int]]:
        """Until each is ready; killed afterwards, so that its queue stays at the broker."""
        every = [contenders.ours(self._rig, f"ingest {number}") for number in range(processes)]
        for number, one in enumerate(every):
            one.database = self._rig.folder / f"ingest-{number}"  # only its log is beside it
        try:
            for one, seen in [(one, one.launch()) for one in every]:
                one.wait_ready(seen)
            yield [one.process.pid for one in every if one.process]
        finally:
            for one in every:
                one.kill()

    def _rows(self) -> int:
        return self._number("SELECT COUNT(*) FROM results_ledgerrow")

    def _acks(self) -> int:
        """Acknowledgements given so far."""
        return self._number("SELECT serial FROM results_ledgerhead")

    def _number(self, question: LiteralString) -> int:
        found = self._eye.execute(question).fetchone()
        return int(found[0]) if found else 0

    def _spent(self, pids: Sequence[int]) -> list[float]:
        """Processor time so far, in seconds: of each ingest process, of all of PostgreSQL, of the broker."""
        broker = int((self._rig.home.broker / "mosquitto.pid").read_text())
        server = int((self._data / "postmaster.pid").read_text().split()[0])
        return [*map(_cpu_s, pids), _family_s(server), _cpu_s(broker)]


def _median(runs: Sequence[Kept]) -> Kept:
    return sorted(runs, key=lambda kept: kept.rate)[len(runs) // 2]


def _cpu_s(pid: int) -> float:
    return clock_of(pid) / 1e9


def _family_s(pid: int) -> float:
    """Of a process and its children. One that ends meanwhile is left out."""
    return _cpu_s(pid) + sum(map(cpu_s_if_there, _children(pid)))


def cpu_s_if_there(pid: int) -> float:
    """0 of a process that has ended."""
    try:
        return _cpu_s(pid)
    except OSError:
        return 0.0


def _children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(stat.read_text().rpartition(")")[2].split()[1]) == pid:
                found.append(int(stat.parent.name))
    return found
