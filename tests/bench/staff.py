"""Fifty staff at once: the console as in production, ingest running, boxes sending, and locust at the keyboards.

On the invented clinic of `python -m tests.bench console`, SQLite. Locust walks as each of fifty people of that clinic
(tests/bench/staff_walk.py) and thinks two to six seconds between two pages; ten boxes send a session's three reports
every ten seconds each, through a real broker. No error is allowed.
"""

import contextlib
import datetime as dt
import json
import os
import re
import socket
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from clinic.home import Home
from mqtt_bridge import enrolment
from mqtt_bridge.mqtt.port import Address
from tests.bench.wire.rig import cares, count, publish
from tests.clinic.box import Box
from tests.clinic.parts import Commands, running
from tests.support.house import TOP

STAFF, RAMP_PER_S, SECONDS, QUICK_SECONDS = 50, 2, 180, 30
BOXES, EVERY_S = 10, 10.0
THREADS = 4
NAMED = ("camille", "noe", "ines", "awa", "lea", "samir", "rose")
"""Of the invented clinic; its other nurses make up the fifty, in a small one several sign in as one."""
LOCUST = TOP / "var" / "peers" / "locust" / "bin" / "locust"
WALK = TOP / "tests" / "bench" / "staff_walk.py"
Say = Callable[[str], None]


class Requests(msgspec.Struct, frozen=True):
    """Of one page, by locust: how many, how many of them went wrong, and how long they took on the wire."""

    name: str
    number: int
    errors: int
    p50_ms: float
    p95_ms: float


class Fifty(msgspec.Struct, frozen=True):
    day: str
    staff: int
    seconds: int
    threads: int
    reports: int
    """That boxes sent meanwhile, each of which is in the record at the end."""
    lost: int
    load: float
    """Of the machine when it ended, by its one-minute average: its cores are not ours alone."""
    cores: int
    locust: str
    requests: tuple[Requests, ...]
    """The last row is all of them."""

    @property
    def errors(self) -> int:
        return self.requests[-1].errors


def measure(home: Path, say: Say, *, quick: bool) -> Fifty:
    """`home`: a demonstration that is filled. Raises FileNotFoundError: locust is not there (`setup bench`)."""
    if not LOCUST.exists():
        raise FileNotFoundError(f"{LOCUST}: `firmware_config/workstation/setup bench` brings it")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("CHEVET_", "DJANGO_"))}
    commands, seconds = Commands(home, kept), QUICK_SECONDS if quick else SECONDS
    _broker_on_a_free_port(Home(home))
    boxes = _enrolled(commands, say)
    before = count(home / "clinic.db", "SELECT count(*) FROM results_ledgerrow")
    with running(commands, "broker") as broker, running(commands, "ingest") as ingest:
        assert ingest.line().startswith("ingest: ready")
        words = ("console", "--port", "0", "--threads", str(THREADS))
        with running(commands, *words) as console:
            url = re.search(r"http://\S+", console.line())
            assert url is not None
            say(f"{STAFF} staff for {seconds} s, {len(boxes)} boxes")
            with _walking(url.group(), home, seconds) as locust:
                sent = _send_while(locust, boxes)
                told = locust.communicate()[0]
        lost = sent - _arrived(home, before, sent)
        assert broker.popen.poll() is None, "the broker ended"
    found = _requests(json.loads(told[told.index("[") :]))
    version = subprocess.run([str(LOCUST), "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    day, load = dt.datetime.now(dt.UTC).date().isoformat(), round(os.getloadavg()[0], 1)
    cores = len(os.sched_getaffinity(0))
    return Fifty(day, STAFF, seconds, THREADS, sent, lost, load, cores, version, found)


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
def _walking(url: str, home: Path, seconds: int) -> Iterator[subprocess.Popen[str]]:
    password = json.loads((home / "demonstration.json").read_text())["password"]
    with contextlib.closing(sqlite3.connect(f"file:{home / 'clinic.db'}?mode=ro", uri=True)) as reader:
        found = reader.execute("SELECT username FROM people_practitioner WHERE username LIKE 'soin-%' ORDER BY id")
        people = [*NAMED, *(name for (name,) in found)][:STAFF]
    environment = {**os.environ, "CHEVET_STAFF": json.dumps([[who, password] for who in people])}
    command = [
        str(LOCUST), "--locustfile", str(WALK), "--headless", "--users", str(STAFF), "--spawn-rate", str(RAMP_PER_S),
        "--run-time", f"{seconds}s", "--host", url.rstrip("/"), "--json", "--only-summary", "--loglevel", "ERROR",
        "--exit-code-on-error", "0",
    ]  # fmt: skip
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as locust:
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
        now = count(home / "clinic.db", "SELECT count(*) FROM results_ledgerrow") - before
    return now


def _requests(told: list[dict[str, object]]) -> tuple[Requests, ...]:
    every: dict[int, int] = {}
    found = []
    for one in told:
        times = {int(ms): int(n) for ms, n in msgspec.convert(one["response_times"], dict[str, int]).items()}
        for ms, n in times.items():
            every[ms] = every.get(ms, 0) + n
        found.append(_of(str(one["name"]), times, msgspec.convert(one["num_failures"], int)))
    found.sort(key=lambda one: -one.p95_ms)
    return (*found, _of("all", every, sum(one.errors for one in found)))


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


__all__ = ["Fifty", "Requests", "measure"]
