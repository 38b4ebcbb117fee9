"""One box and its clinic: from the order to write to the clinic's row, the bytes of a session, a day of the link."""

import json
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from tests.bench import record
from tests.bench.care import furnished
from tests.bench.figures import Spread
from tests.bench.plan import SIZE
from tests.bench.watch import clock_of
from tests.bench.wire.counting import Counting, counting
from tests.support.house import House

REPORTS_OF_A_SESSION, SESSIONS_A_DAY = 3, 3
IDLE_S = 60.0
QUIET_S = 3.0
DAY_S = 86_400
Say = Callable[[str], None]


class OneBox(msgspec.Struct, frozen=True):
    """to_row_ms: until link.db has the acknowledgement, which leaves after the row's commit: an upper bound."""

    to_row_ms: Spread
    session_bytes_tls: int
    session_bytes: int
    idle_share: float
    report_cpu_ms: float

    @property
    def link_day_s(self) -> float:
        """Processor seconds of the link in a day of three sessions."""
        reports = REPORTS_OF_A_SESSION * SESSIONS_A_DAY
        return self.idle_share * DAY_S + reports * self.report_cpu_ms / 1000


def measure(folder: Path, reports: int, idle_s: float, say: Say) -> OneBox:
    house = furnished(folder, "", 4.0, SIZE)
    place = house.box / "enrolment" / "enrolment.json"
    told = json.loads(place.read_bytes())
    with counting(told["broker_host"], told["broker_port"]) as counted:
        place.write_text(json.dumps({**told, "broker_host": "127.0.0.1", "broker_port": counted.port}))
        house.start("broker", "ingest", "link")
        try:
            return _measure(house, counted, reports, idle_s, say)
        finally:
            house.stop()


def _measure(house: House, counted: Counting, reports: int, idle_s: float, say: Say) -> OneBox:
    house.wait_for_orders(1)
    link = house.processes["link"].pid
    time.sleep(QUIET_S)
    before_ns = clock_of(link)
    time.sleep(idle_s)
    idle = (clock_of(link) - before_ns) / 1e9 / idle_s
    say(f"link idle: {idle:.4%} of a core")
    record.reports(house, 2, say)  # the first ones find a link that has just come
    time.sleep(QUIET_S)
    before = counted.totals
    record.reports(house, REPORTS_OF_A_SESSION, say)
    time.sleep(QUIET_S)
    with_tls, without = (now - was for now, was in zip(counted.totals, before, strict=True))
    before_ns, began_s = clock_of(link), time.monotonic()
    found = record.reports(house, reports, say)
    spent_s = (clock_of(link) - before_ns) / 1e9 - idle * (time.monotonic() - began_s)
    stages = ("kiosk_commits", "to_the_clinic", "clinic_keeps_and_answers")
    spread = Spread.of([sum(one[stage] for stage in stages) for one in found])
    return OneBox(spread, with_tls, without, idle, max(0.0, spent_s) / reports * 1000)
