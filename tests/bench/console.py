"""The console on a large invented clinic: each page's time, queries and size, against the limits of the issue.

850 people in follow-up, 10,000 records, 1,000,000 sessions (`chevet-clinic demo`), on one core, in one process: what a
page costs its server. The invented référent follows all 850.
"""

import datetime as dt
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from tests.bench import machine
from tests.bench.console_pages import Page, Pages
from tests.bench.figures import percentile

PAGE_MS, QUERIES, PATIENT_KIB = 150.0, 12, 60.0
SAMPLES, QUICK_SAMPLES = 40, 6
LARGE = ("--patients", "850", "--records", "10000", "--sessions", "1000000")
SMALL = ("--patients", "12", "--records", "15", "--sessions", "1500")
Say = Callable[[str], None]


class Told(msgspec.Struct, frozen=True):
    """Of one page. cpu: what the page itself needs; wall: with what else ran on the machine meanwhile."""

    name: str
    reader: str
    cpu_ms_p50: float
    cpu_ms_p95: float
    wall_ms_p50: float
    wall_ms_p95: float
    queries: int
    kib: float
    missed: tuple[str, ...]


class Run(msgspec.Struct, frozen=True):
    day: str
    quick: bool
    samples: int
    """Of each page."""
    noise_cores: float
    """What others used of the machine's cores before and after."""
    machine: machine.Machine
    pages: tuple[Told, ...]
    broken: tuple[str, ...]
    not_measured: tuple[str, ...]
    rows: dict[str, int]
    database: str
    size_mib: float
    filled_s: float
    """0: it was filled before."""


def main(home: Path | None, docs: Path, say: Say, *, samples: int | None, quick: bool) -> int:
    folder = home or docs.parent / "var" / "bench" / ("console-quick" if quick else "console")
    filled_s = _fill(folder, SMALL if quick else LARGE, say)
    before = machine.listen_to_the_noise("before").busy_cores
    number = samples or (QUICK_SAMPLES if quick else SAMPLES)
    found = _measure(folder, number)
    noise = max(before, machine.listen_to_the_noise("after").busy_cores)
    told = tuple(sorted(map(tell, found.pages), key=lambda one: -one.cpu_ms_p95))
    day = dt.datetime.now(dt.UTC).date().isoformat()
    run = Run(
        day, quick, number, round(noise, 2), machine.describe(), told, found.broken, found.not_measured, found.rows,
        found.database, found.size_mib, filled_s,
    )  # fmt: skip
    out = docs.parent / "var" / "bench" if quick else docs
    (out / "bench-console.json").write_bytes(msgspec.json.format(msgspec.json.encode(run), indent=2) + b"\n")
    (out / "bench-console.md").write_text(as_page(run))
    lost = [f"{one.name}: {words}" for one in told for words in one.missed] + [f"{name}: broken" for name in run.broken]
    for words in lost:
        say(f"MISSED {words}")
    say(f"{len(told)} pages, {len(lost)} limits missed; {out / 'bench-console.md'}")
    return 1 if lost else 0


def tell(page: Page) -> Told:
    """A limit that is missed is told in words. A picture has no limit of its size."""
    cpu, wall, kib = percentile(page.cpu_ms, 95), percentile(page.wall_ms, 95), page.size / 1024
    missed = []
    if cpu > PAGE_MS:
        missed.append(f"p95 {cpu:.0f} ms of processor time, at most {PAGE_MS:.0f}")
    if page.queries > QUERIES:
        missed.append(f"{page.queries} queries, at most {QUERIES}")
    if page.of_a_patient and not page.picture and kib > PATIENT_KIB:
        missed.append(f"{kib:.0f} KiB, at most {PATIENT_KIB:.0f}")
    return Told(
        page.name, page.reader, round(percentile(page.cpu_ms, 50), 1), round(cpu, 1),
        round(percentile(page.wall_ms, 50), 1), round(wall, 1), page.queries, round(kib, 1), tuple(missed),
    )  # fmt: skip


def as_page(run: Run) -> str:
    lost = [one for one in run.pages if one.missed]
    rows = ", ".join(f"{number:,} {name.lower()}" for name, number in run.rows.items())
    kept = f"**{len(run.pages) - len(lost)} pages keep every limit, {len(lost)} miss one.**"
    how = (
        f"An invented clinic (`chevet-clinic demo`): {rows}; {run.database}, {run.size_mib:,.0f} MiB. One core of "
        f"{run.machine.cores}, one process, through Django's own client: what a page costs its server, without network "
        f"and browser. Others used {run.noise_cores:.1f} of the machine's cores, so that the limit of {PAGE_MS:.0f} ms "
        "is held against the processor time of this process; the wall stands beside it."
    )
    limits = (
        f"At most {QUERIES} queries a page, the trail's and a transaction's own statements counted, on a page that was "
        f"looked at before; a patient's page at most {PATIENT_KIB:.0f} KiB before charts. The ledger's rows have no "
        "sealed bytes here."
    )
    written = f"Written by `python -m tests.bench console`, {run.day}."
    lines = ["# The console's speed", "", f"{kept} {written}", ""]
    lines += [how, "", limits, ""]
    heads = "| Page | p50 | p95 | wall p50 | wall p95 | queries | KiB | missed |"
    lines += [heads, "|---|---:|---:|---:|---:|---:|---:|---|"]
    lines += [*map(_row, run.pages), ""]
    if run.broken:
        lines += [f"Not made at all: {', '.join(run.broken)}.", ""]
    if run.filled_s:
        lines += [f"Filling it took {run.filled_s / 60:.0f} minutes.", ""]
    lines += [f"Not measured (they only take a POST, or nothing is there for them): {', '.join(run.not_measured)}.", ""]
    return "\n".join(lines)


def _row(one: Told) -> str:
    times = f"{one.cpu_ms_p50:.0f} ms | {one.cpu_ms_p95:.0f} ms | {one.wall_ms_p50:.0f} ms | {one.wall_ms_p95:.0f} ms"
    return f"| {one.name} | {times} | {one.queries} | {one.kib:.1f} | {'; '.join(one.missed)} |"


def _fill(folder: Path, size: tuple[str, ...], say: Say) -> float:
    if (folder / "demonstration.json").exists():
        say(f"the clinic at {folder} is filled")
        return 0.0
    say(f"filling a clinic at {folder}")
    began_s = time.monotonic()
    subprocess.run([sys.executable, "-m", "clinic.cli", "demo", "--home", str(folder), *size], check=True)
    return round(time.monotonic() - began_s, 1)


def _measure(folder: Path, samples: int) -> Pages:
    environment = {**os.environ, "CHEVET_CLINIC_HOME": str(folder)}
    command = [sys.executable, "-m", "tests.bench.console_pages", "--samples", str(samples)]
    ran = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    return msgspec.convert(json.loads(ran.stdout), Pages)
