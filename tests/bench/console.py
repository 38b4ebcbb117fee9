"""The console on a large invented clinic: each page's time, queries and size, against the limits of the issue.

850 people in follow-up, 10,000 records, 1,000,000 sessions (`chevet-clinic demo`), on one core, in one process: what a
page costs its server. The invented référent follows all 850. Then the same rows on PostgreSQL.
"""

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import psycopg

from tests.bench import console_page, machine, staff
from tests.bench.console_page import PAGE_MS, PATIENT_KIB, QUERIES, TYPED_MS, Run, Told
from tests.bench.console_pages import Page, Pages
from tests.bench.figures import percentile
from tests.support import postgresql

SAMPLES, QUICK_SAMPLES = 40, 6
LARGE = ("--patients", "850", "--records", "10000", "--sessions", "1000000")
SMALL = ("--patients", "12", "--records", "15", "--sessions", "1500")
UNSAFE_AND_QUICK = ("fsync=off", "full_page_writes=off", "max_wal_size=6GB", "shared_buffers=512MB")
Say = Callable[[str], None]


def main(home: Path | None, docs: Path, say: Say, *, samples: int | None, quick: bool) -> int:
    folder, number = home_of(home, docs, quick=quick), samples or (QUICK_SAMPLES if quick else SAMPLES)
    fill(folder, say, quick=quick)
    runs = [_run(folder, {}, number, quick=quick)]
    if postgresql.programs() is None:
        say("no PostgreSQL server here: SQLite alone (apt-get install postgresql)")
    else:
        runs.append(_on_postgresql(folder, number, say, quick=quick))
    out = _out(docs, quick=quick)
    (out / "bench-console.json").write_bytes(msgspec.json.format(msgspec.json.encode(runs), indent=2) + b"\n")
    written = console_page.write(out)
    lost = [f"{run.database}, {one.name}: {words}" for run in runs for one in run.pages for words in one.missed]
    lost += [f"{run.database}, {name}: broken" for run in runs for name in run.broken]
    for words in lost:
        say(f"MISSED {words}")
    say(f"{len(runs[0].pages)} pages, {len(lost)} limits missed; {written}")
    return 1 if lost else 0


def main_staff(home: Path | None, docs: Path, say: Say, *, quick: bool) -> int:
    """Fifty staff at once, on the same clinic. It ends with 1 when anything went wrong: how long pages took is told."""
    folder, out = home_of(home, docs, quick=quick), _out(docs, quick=quick)
    fill(folder, say, quick=quick)
    found = staff.measure(folder, say, quick=quick)
    (out / "bench-staff.json").write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
    for one in found.walked:
        pages = one.requests[-1]
        words = f"{pages.number} pages, p50 {pages.p50_ms:.0f} ms, p95 {pages.p95_ms:.0f} ms"
        say(f"{one.pace.staff} staff: {words}, {one.errors} errors, {one.lost} reports lost")
    if (out / "bench-console.json").exists():
        say(str(console_page.write(out)))
    return 1 if any(one.errors or one.lost for one in found.walked) else 0


def home_of(home: Path | None, docs: Path, *, quick: bool) -> Path:
    """Where the clinic of the bench is kept from one run to the next: filling it takes a quarter of an hour."""
    return home or docs.parent / "var" / "bench" / ("console-quick" if quick else "console")


def fill(folder: Path, say: Say, *, quick: bool) -> None:
    command = [sys.executable, "-m", "clinic.cli"]
    if (folder / "demonstration.json").exists():
        say(f"the clinic at {folder} is filled")
        subprocess.run([*command, "migrate", "--home", str(folder)], check=True, stdout=subprocess.DEVNULL)
        return
    say(f"filling a clinic at {folder}")
    subprocess.run([*command, "demo", "--home", str(folder), *(SMALL if quick else LARGE)], check=True)


def _out(docs: Path, *, quick: bool) -> Path:
    return docs.parent / "var" / "bench" if quick else docs


def _on_postgresql(folder: Path, samples: int, say: Say, *, quick: bool) -> Run:
    data = folder.with_name(f"{folder.name}-postgresql")
    with postgresql.running(data, *UNSAFE_AND_QUICK) as url:
        names = {"CHEVET_DATABASE_URL": "record", "CHEVET_AUDIT_DATABASE_URL": "trail"}
        urls = {variable: url.format(name=name) for variable, name in names.items()}
        with psycopg.connect(url.format(name="postgres"), autocommit=True) as there:
            known = {name for (name,) in there.execute("SELECT datname FROM pg_database")}
            if "filled" not in known:
                say(f"the same rows into PostgreSQL, at {data}")
                for name in ("record", "trail", "scratch"):
                    there.execute(f"DROP DATABASE IF EXISTS {name}")
                    there.execute(f"CREATE DATABASE {name}")
                command = [sys.executable, "-m", "tests.bench.console_copy", urls["CHEVET_DATABASE_URL"]]
                scratch = url.format(name="scratch")
                subprocess.run([*command, scratch], env=_environment(folder, {}), check=True)
                there.execute("ALTER DATABASE scratch RENAME TO filled")  # a mark that it came to its end
        migrate = [sys.executable, "-m", "clinic.cli", "migrate"]
        subprocess.run(migrate, env=_environment(folder, urls), check=True, stdout=subprocess.DEVNULL)
        return _run(folder, urls, samples, quick=quick)


def _environment(folder: Path, more: dict[str, str]) -> dict[str, str]:
    return {**os.environ, "CHEVET_CLINIC_HOME": str(folder), **more}


def _run(folder: Path, urls: dict[str, str], samples: int, *, quick: bool) -> Run:
    before = machine.listen_to_the_noise("before").busy_cores
    command = [sys.executable, "-m", "tests.bench.console_pages", "--samples", str(samples)]
    ran = subprocess.run(command, env=_environment(folder, urls), stdout=subprocess.PIPE, check=True)
    found = msgspec.convert(json.loads(ran.stdout), Pages)
    noise = max(before, machine.listen_to_the_noise("after").busy_cores)
    told = tuple(sorted(map(tell, found.pages), key=lambda one: -one.cpu_ms_p95))
    day = dt.datetime.now(dt.UTC).date().isoformat()
    return Run(
        day, quick, samples, round(noise, 2), machine.describe(), told, found.broken, found.only_post,
        found.not_measured, found.rows, found.database, found.size_mib,
    )  # fmt: skip


def tell(page: Page) -> Told:
    """Which limits are missed, in words. A picture has none of its size, a file to be saved that of queries alone."""
    cpu, wall, kib = percentile(page.cpu_ms, 95), percentile(page.wall_ms, 95), page.size / 1024
    most, missed = TYPED_MS if page.typed else PAGE_MS, []
    if cpu > most and not page.file:
        missed.append(f"p95 {cpu:.0f} ms of processor time, at most {most:.0f}")
    if page.queries > QUERIES:
        missed.append(f"{page.queries} queries, at most {QUERIES}")
    if page.of_a_patient and not page.picture and not page.file and kib > PATIENT_KIB:
        missed.append(f"{kib:.0f} KiB, at most {PATIENT_KIB:.0f}")
    return Told(
        page.name, page.reader, round(percentile(page.cpu_ms, 50), 1), round(cpu, 1),
        round(percentile(page.wall_ms, 50), 1), round(wall, 1), page.queries, round(kib, 1), tuple(missed),
    )  # fmt: skip
