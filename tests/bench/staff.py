"""Fifty staff at once: the console as in production, ingest running, boxes sending, and locust at the keyboards.

On the invented clinic of `python -m tests.bench console`, SQLite. Locust walks as each of fifty people of that clinic
(tests/bench/staff_walk.py): once as fast as nobody works for long, two to six seconds between two pages, once as people
who read what they opened; and half as many people at the fast pace. Ten boxes send a session's three reports every ten
seconds each, through a real broker. No error is allowed.
"""

import contextlib
import datetime as dt
import json
import os
import re
import socket
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import msgspec

from clinic.commands.serve import PROCESSES_MAX, THREADS
from clinic.home import Home
from mqtt_bridge import enrolment
from mqtt_bridge.mqtt.port import Address
from tests.bench.watch import clock_of
from tests.bench.wire.rig import cares, count, publish
from tests.clinic.box import Box
from tests.clinic.parts import Commands, running
from tests.support.house import TOP

RAMP_PER_S = 2
BOXES, EVERY_S = 10, 10.0
NAMED = ("camille", "noe", "ines", "awa", "lea", "samir", "rose")
"""Of the invented clinic; its other nurses make up the fifty, in a small one several sign in as one."""
LOCUST = TOP / "var" / "peers" / "locust" / "bin" / "locust"
LEDGER = "SELECT count(*) FROM results_ledgerrow"
WALK = TOP / "tests" / "bench" / "staff_walk.py"
Say = Callable[[str], None]


class Requests(msgspec.Struct, frozen=True):
    """Of one page, by locust: how many, how many of them went wrong, and how long they took on the wire."""

    name: str
    number: int
    errors: int
    p50_ms: float
    p95_ms: float


class Pace(msgspec.Struct, frozen=True):
    """How many people, for how long, and how many seconds each thinks between two pages."""

    staff: int
    seconds: int
    think_s: tuple[int, int]


WHOLE = (Pace(50, 180, (2, 6)), Pace(50, 180, (10, 30)), Pace(25, 120, (2, 6)))
QUICK = (Pace(50, 30, (2, 6)),)


class Walked(msgspec.Struct, frozen=True):
    """What came of one pace."""

    pace: Pace
    console_cpu_s: float
    """Processor time of the console's processes, signing in and starting to read included."""
    reports: int
    """That boxes sent meanwhile, each of which is in the record at the end."""
    lost: int
    load: float
    """Of the machine when it ended, by its one-minute average: its cores are not ours alone."""
    requests: tuple[Requests, ...]
    """The last row is all of them but the signing in."""

    @property
    def errors(self) -> int:
        return sum(one.errors for one in self.requests[:-1])


class Staff(msgspec.Struct, frozen=True):
    day: str
    processes: int
    """Of the console."""
    threads: int
    cores: int
    locust: str
    walked: tuple[Walked, ...]


def measure(home: Path, say: Say, *, quick: bool) -> Staff:
    """`home`: a demonstration that is filled. Raises FileNotFoundError: locust is not there (`setup bench`)."""
    if not LOCUST.exists():
        raise FileNotFoundError(f"{LOCUST}: `firmware_config/workstation/setup bench` brings it")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("CHEVET_", "DJANGO_"))}
    commands = Commands(home, kept)
    _broker_on_a_free_port(Home(home))
    boxes = _enrolled(commands, say)
    with running(commands, "broker") as broker, running(commands, "ingest") as ingest:
        assert ingest.line().startswith("ingest: ready")
        walked = [_walked(commands, boxes, pace, say) for pace in (QUICK if quick else WHOLE)]
        assert broker.popen.poll() is None, "the broker ended"
    version = subprocess.run([str(LOCUST), "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    cores = os.cpu_count() or 1
    return Staff(
        dt.datetime.now(dt.UTC).date().isoformat(), min(cores, PROCESSES_MAX), THREADS, cores, version, tuple(walked)
    )


def _walked(commands: Commands, boxes: list[tuple[Box, Address]], pace: Pace, say: Say) -> Walked:
    """At this pace, with a console of its own, as it starts by itself."""
    say(f"{pace.staff} staff for {pace.seconds} s, {pace.think_s[0]} to {pace.think_s[1]} s between two pages")
    before = count(commands.home / "clinic.db", LEDGER)
    with running(commands, "console", "--port", "0") as console, tempfile.TemporaryFile("w+") as told_to:
        url = re.search(r"http://\S+", console.line())
        assert url is not None
        used_s = _used_s(console.popen.pid)
        with _walking(url.group(), commands.home, pace, told_to) as locust:
            sent = _send_while(locust, boxes)
        used_s = _used_s(console.popen.pid) - used_s
        load = round(os.getloadavg()[0], 1)
        told_to.seek(0)
        told = told_to.read()
    lost = sent - _arrived(commands.home, before, sent)
    return Walked(pace, round(used_s, 1), sent, lost, load, _requests(json.loads(told[told.index("[") :])))


def _used_s(console: int) -> float:
    """Processor time of the processes that make the pages."""
    workers = Path(f"/proc/{console}/task/{console}/children").read_text().split()
    return sum(clock_of(int(pid)) for pid in workers) / 1e9


def _broker_on_a_free_port(home: Home) -> None:
    with contextlib.closing(socket.socket()) as tried:
        tried.bind(("127.0.0.1", 0))
        port = tried.getsockname()[1]
    told = home.configuration_file.read_text()
    home.configuration_file.write_text(re.sub(r"(\[broker\][^[]*?port = )\d+", rf"\g<1>{port}", told))


def _enrolled(commands: Commands, say: Say) -> list[tuple[Box, Address]]:
    """Boxes of the first patients that can speak: those that the clinic was filled with have no keys."""
    say("enrolling boxes")
    found, run = [], f"{time.time():.0f}"
    for number in range(1, BOXES + 1):
        name, out = f"staff-{run}-{number}", commands.home / "boxes" / run / str(number)
        commands.run("enrol", name, "--patient", f"p-{number:05}", "--out", str(out))
        one = enrolment.load(out)
        found.append((Box(one.clinic, name, one.keys, clinic_id=one.place.clinic), one.address()))
    return found


@contextlib.contextmanager
def _walking(url: str, home: Path, pace: Pace, told_to: IO[str]) -> Iterator[subprocess.Popen[str]]:
    """What it has counted goes to a file: it is more than a pipe holds, and nobody reads while boxes send."""
    password = json.loads((home / "demonstration.json").read_text())["password"]
    with contextlib.closing(sqlite3.connect(f"file:{home / 'clinic.db'}?mode=ro", uri=True)) as reader:
        found = reader.execute("SELECT username FROM people_practitioner WHERE username LIKE 'soin-%' ORDER BY id")
        people = [*NAMED, *(name for (name,) in found)][: pace.staff]
    told = {"CHEVET_STAFF": [[who, password] for who in people], "CHEVET_THINK_S": pace.think_s}
    environment = {**os.environ, **{name: json.dumps(words) for name, words in told.items()}}
    command = [
        str(LOCUST), "--locustfile", str(WALK), "--headless", "--users", str(pace.staff),
        "--spawn-rate", str(RAMP_PER_S), "--run-time", f"{pace.seconds}s", "--host", url.rstrip("/"),
        "--json", "--only-summary", "--loglevel", "ERROR", "--exit-code-on-error", "0",
    ]  # fmt: skip
    with subprocess.Popen(command, env=environment, stdout=told_to, text=True) as locust:
        try:
            yield locust
        finally:
            locust.kill()


def _send_while(locust: subprocess.Popen[str], boxes: list[tuple[Box, Address]]) -> int:
    """Each box a session now and then, until locust is done; how many reports that were."""
    sent = turn = 0
    while locust.poll() is None:
        box, address = boxes[turn % len(boxes)]
        letters = cares(box, 1, f"t{turn}", patient=f"p-{turn % len(boxes) + 1:05}")
        publish(address, letters)
        sent, turn = sent + len(letters), turn + 1
        with contextlib.suppress(subprocess.TimeoutExpired):
            locust.wait(EVERY_S / len(boxes))
    return sent


def _arrived(home: Path, before: int, sent: int, s_max: float = 60) -> int:
    until_s, now = time.monotonic() + s_max, 0
    while now < sent and time.monotonic() < until_s:
        time.sleep(0.2)
        now = count(home / "clinic.db", LEDGER) - before
    return now


def _requests(told: list[dict[str, object]]) -> tuple[Requests, ...]:
    every: dict[int, int] = {}
    found, errors = [], 0
    for one in told:
        times = {int(ms): int(n) for ms, n in msgspec.convert(one["response_times"], dict[str, int]).items()}
        found.append(_of(str(one["name"]), times, msgspec.convert(one["num_failures"], int)))
        if found[-1].name.startswith("sign in"):
            continue
        errors += found[-1].errors
        for ms, n in times.items():
            every[ms] = every.get(ms, 0) + n
    found.sort(key=lambda one: -one.p95_ms)
    return (*found, _of("all but signing in", every, errors))


def _of(name: str, times: dict[int, int], errors: int) -> Requests:
    return Requests(name, sum(times.values()), errors, _percentile(times, 50), _percentile(times, 95))


def _percentile(times: dict[int, int], percent: float) -> float:
    """Of times that locust has counted, rounded as it does."""
    left = sum(times.values()) * percent / 100
    for ms in sorted(times):
        left -= times[ms]
        if left <= 0:
            return float(ms)
    return 0.0


__all__ = ["Pace", "Requests", "Staff", "Walked", "measure"]
