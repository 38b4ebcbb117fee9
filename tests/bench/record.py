"""From the kiosk's order to write to its view that says "in the record", many times on an idle house."""

import json
import subprocess
import sys
from collections.abc import Callable

from tests.bench.figures import Figure, Peer, Spread
from tests.bench.plan import RECORD_P99_MS_MAX
from tests.support.house import TOP, House
from tests.support.process import ProcessError

STAGES = {
    "kiosk_commits": "the kiosk seals the report and commits it",
    "to_the_clinic": "the link wakes, reads and publishes; the broker; ingest has it (its clock ticks in ms)",
    "clinic_keeps_and_answers": "ingest commits and signs; the broker; the link verifies and commits link.db",
    "kiosk_reads": "the kiosk is rung, reads link.db and shows it",
}
Say = Callable[[str], None]


def measure(house: House, count: int, say: Say) -> list[Figure]:
    """The kiosk is stopped first: one writer for each database."""
    house.stop("kiosk")
    told = reports(house, count, say)
    whole = Spread.of([one["whole"] for one in told])
    stages = {name: Spread.of([one[name] for one in told]) for name in STAGES}
    sync = Spread.of([one["sync"] for one in told])
    return [_whole(whole, sync), *(_stage(name, spread) for name, spread in stages.items())]


def measure_without_the_disk(house: House, count: int, say: Say) -> Figure:
    """The same in a house whose folder is in memory: what is left is ours and the broker's."""
    house.stop("kiosk")
    whole = Spread.of([one["whole"] for one in reports(house, count, say)])
    return Figure(
        name="report_to_record_in_memory",
        title="The same with every database in memory (p99)",
        value=whole.p99,
        unit="ms",
        spread=whole,
        how="the same in a second house on a tmpfs: an fsync costs nothing there, so other work on the disk does not "
        "count",
        note=f"median {whole.median:.1f} ms, p95 {whole.p95:.1f}, slowest {whole.most:.1f}",
    )


def reports(house: House, count: int, say: Say) -> list[dict[str, float]]:
    command = [sys.executable, "-m", "tests.bench.reporter", str(house.box / "kiosk.toml"), str(count)]
    told: list[dict[str, float]] = []
    with subprocess.Popen(command, cwd=TOP, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            told.append(json.loads(line))
            if len(told) % 40 == 0:
                say(f"{len(told)} reports")
    if process.returncode != 0 or len(told) != count:
        raise ProcessError(f"the reporter ended with {process.returncode} after {len(told)} of {count} reports")
    return told


def _whole(spread: Spread, sync: Spread) -> Figure:
    return Figure(
        name="report_to_record",
        title="Report written to « in the record » (p99)",
        value=spread.p99,
        unit="ms",
        limit=RECORD_P99_MS_MAX,
        under=True,
        peers=(Peer("one small fsync, between the reports", sync.p99),),
        spread=spread,
        how="a process in the kiosk's place (its store, its shell's loop, its bell; no screen) writes one evaluation "
        "at a time: from the order to write to the view that says so; real link, broker with TLS, ingest, SQLite",
        note=(
            f"median {spread.median:.1f} ms, p95 {spread.p95:.1f}, slowest {spread.most:.1f}; an fsync between the "
            f"reports: median {sync.median:.1f} ms, slowest {sync.most:.0f}"
        ),
    )


def _stage(name: str, spread: Spread) -> Figure:
    return Figure(
        name=f"record_{name}",
        title=f"of it: {STAGES[name]} (median)",
        value=spread.median,
        unit="ms",
        spread=spread,
        how="moments noted in the same process; ingest's own time is in the acknowledgement",
        note=f"p99 {spread.p99:.1f} ms",
    )
