"""One box and its clinic: from the order to write to the clinic's row, the bytes of a session, a day of the link.

The bytes are counted in both forms of letters, in one house: beside an ingest of before form 2, then beside today’s.
"""

import contextlib
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from tests.bench import record
from tests.bench.care import furnished
from tests.bench.figures import Spread
from tests.bench.plan import SIZE
from tests.bench.watch import clock_of
from tests.bench.wire.counting import Counting, counting
from tests.bench.wire.plan import REPORTS_OF_A_SESSION
from tests.support.house import House
from tests.support.process import Process

SESSIONS_A_DAY = 3
HELLOS_A_DAY = HEARTBEATS_A_DAY = 96
"""One each in a quarter of an hour. An idle sample holds one of them or none."""
IDLE_S = 60.0
QUIET_S = 3.0
DAY_S = 86_400
Say = Callable[[str], None]


class SessionBytes(msgspec.Struct, frozen=True):
    """Of three reports and what they are answered, every MQTT packet of them, both ways. in_json: in form 1."""

    with_tls: int
    without: int
    in_json: int


class OneBox(msgspec.Struct, frozen=True):
    """to_row_ms: until link.db has the acknowledgement, which leaves after the row's commit: an upper bound."""

    to_row_ms: Spread
    bytes: "SessionBytes"
    idle_share: float
    report_cpu_ms: float

    @property
    def link_day_s(self) -> float:
        """Processor seconds of the link in a day of three sessions.

        A hello or a heartbeat is reckoned as dear as a report: one letter signed and sent, and its answer.
        """
        letters = REPORTS_OF_A_SESSION * SESSIONS_A_DAY + HELLOS_A_DAY + HEARTBEATS_A_DAY
        return self.idle_share * DAY_S + letters * self.report_cpu_ms / 1000


@contextlib.contextmanager
def counted_house(folder: Path) -> Iterator[tuple[House, Counting]]:
    """Its box comes to the broker through a proxy that counts. The broker runs, nothing else yet."""
    house = furnished(folder, "", 4.0, SIZE)
    place = house.box / "enrolment" / "enrolment.json"
    told = json.loads(place.read_bytes())
    with counting(told["broker_host"], told["broker_port"]) as counted:
        place.write_text(json.dumps({**told, "broker_host": "127.0.0.1", "broker_port": counted.port}))
        house.start("broker")
        try:
            yield house, counted
        finally:
            house.stop()


def measure(folder: Path, reports: int, idle_s: float, say: Say) -> OneBox:
    with counted_house(folder) as (house, counted):
        told = _bytes(house, counted, say)
        return _measure(house, told, reports, idle_s, say)


def session_bytes(folder: Path, say: Say) -> SessionBytes:
    with counted_house(folder) as (house, counted):
        return _bytes(house, counted, say)


def _bytes(house: House, counted: Counting, say: Say) -> SessionBytes:
    """Leaves the house with today's ingest and a link that knows it."""
    old = Process("ingest", [sys.executable, "-m", "tests.bench.wire.ingest_of_before", str(house.clinic_home)],
                  "ingest: ready", house.folder / "log" / "ingest-of-before.log", {})  # fmt: skip
    old.start()
    try:
        house.start("link")
        house.wait_for_orders(1)
        _, in_json = _a_session(house, counted, say)
    finally:
        old.stop()
    house.stop("link")
    house.start("ingest", "link")  # it asks when it connects, and hears of form 2
    with_tls, without = _a_session(house, counted, say)
    say(f"a session: {without} bytes, {in_json} in JSON")
    return SessionBytes(with_tls, without, in_json)


def _a_session(house: House, counted: Counting, say: Say) -> tuple[int, int]:
    """(with TLS, without)."""
    time.sleep(QUIET_S)
    record.reports(house, 2, say)  # the first ones find a link that has just come
    time.sleep(QUIET_S)
    before = counted.totals
    record.reports(house, REPORTS_OF_A_SESSION, say)
    time.sleep(QUIET_S)
    with_tls, without = (now - was for now, was in zip(counted.totals, before, strict=True))
    return with_tls, without


def _measure(house: House, told: SessionBytes, reports: int, idle_s: float, say: Say) -> OneBox:
    link = house.processes["link"].pid
    time.sleep(QUIET_S)
    before_ns = clock_of(link)
    time.sleep(idle_s)
    idle = (clock_of(link) - before_ns) / 1e9 / idle_s
    say(f"link idle: {idle:.4%} of a core")
    before_ns, began_s = clock_of(link), time.monotonic()
    found = record.reports(house, reports, say)
    spent_s = (clock_of(link) - before_ns) / 1e9 - idle * (time.monotonic() - began_s)
    stages = ("kiosk_commits", "to_the_clinic", "clinic_keeps_and_answers")
    spread = Spread.of([sum(one[stage] for stage in stages) for one in found])
    return OneBox(spread, told, idle, max(0.0, spent_s) / reports * 1000)
