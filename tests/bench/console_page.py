"""docs/bench-console.md, from what was measured: docs/bench-console.json and docs/bench-staff.json."""

from pathlib import Path

import msgspec

from tests.bench import machine
from tests.bench.staff import Staff, Walked

PAGE_MS, TYPED_MS, QUERIES, PATIENT_KIB = 150.0, 100.0, 12, 60.0


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
    """On one database."""

    day: str
    quick: bool
    samples: int
    """Of each page."""
    noise_cores: float
    """What others used of the machine's cores before and after."""
    machine: machine.Machine
    pages: tuple[Told, ...]
    broken: tuple[str, ...]
    only_post: tuple[str, ...]
    not_measured: tuple[str, ...]
    rows: dict[str, int]
    database: str
    size_mib: float


def write(out: Path) -> Path:
    """The page beside its figures."""
    runs = msgspec.json.decode((out / "bench-console.json").read_bytes(), type=tuple[Run, ...])
    staff = out / "bench-staff.json"
    walked = msgspec.json.decode(staff.read_bytes(), type=Staff) if staff.exists() else None
    (out / "bench-console.md").write_text("\n".join([*_pages(runs), *(told_of_staff(walked) if walked else ())]))
    return out / "bench-console.md"


def _pages(runs: tuple[Run, ...]) -> list[str]:
    first = runs[0]
    names = sorted(
        {one.name for run in runs for one in run.pages},
        key=lambda name: -max(one.cpu_ms_p95 for run in runs for one in run.pages if one.name == name),
    )
    told = {(run.database, one.name): one for run in runs for one in run.pages}
    lost = [name for name in names if any((one := told.get((run.database, name))) and one.missed for run in runs)]
    rows = ", ".join(f"{number:,} {name.lower()}" for name, number in first.rows.items())
    sizes = " and ".join(f"{run.database} ({run.size_mib:,.0f} MiB)" for run in runs)
    noise = max(run.noise_cores for run in runs)
    days = " and ".join(sorted({run.day for run in runs}))
    lines = [
        "# The console's speed",
        "",
        (
            f"**{len(names) - len(lost)} pages keep every limit, {len(lost)} miss one.** Written by "
            f"`python -m tests.bench console`, {days}."
        ),
        "",
        (
            f"An invented clinic (`chevet-clinic demo`), the same rows on each database: {rows}; {sizes}. One core of "
            f"{first.machine.cores}, one process, through Django's own client: what a page costs its server, without "
            f"network and browser. Others used {noise:.1f} of the machine's cores, so that the limit of {PAGE_MS:.0f} "
            "ms is held against processor time: of this process, and of PostgreSQL's two that work for it. The wall "
            "stands beside it."
        ),
        "",
        (
            f"At most {QUERIES} queries a page, the trail's and a transaction's own statements counted, on a page that "
            f"was looked at before; a search as one types at most {TYPED_MS:.0f} ms; a patient's page at most "
            f"{PATIENT_KIB:.0f} KiB before charts; of a file to be saved its queries alone. The ledger's rows "
            "have no sealed bytes here."
        ),
        "",
    ]
    heads = [f"{run.database.split(' ')[0]} p50 | p95 | wall p95 | queries" for run in runs]
    lines += [f"| Page | {' | '.join(heads)} | KiB | missed |", "|---|" + "---:|" * (4 * len(runs) + 1) + "---|"]
    lines += [_row(name, [told.get((run.database, name)) for run in runs]) for name in names]
    lines += [""]
    for run in runs:
        if run.broken:
            lines += [f"Not made at all on {run.database}: {', '.join(run.broken)}.", ""]
    missing = [name for name in first.not_measured if name not in names]
    if missing:
        lines += [f"Not measured (nobody who is signed in gets it, or another program draws it): {', '.join(missing)}."]
    lines += [f"They only take a POST: {', '.join(first.only_post)}.", ""]
    return lines


def _row(name: str, on_each: list[Told | None]) -> str:
    cells = [_cells(one) if one else "– | – | – | –" for one in on_each]
    kib = max(one.kib for one in on_each if one)
    missed = "; ".join(dict.fromkeys(words for one in on_each if one for words in one.missed))
    return f"| {name} | {' | '.join(cells)} | {kib:.1f} | {missed} |"


def _cells(one: Told) -> str:
    return f"{one.cpu_ms_p50:.0f} ms | {one.cpu_ms_p95:.0f} ms | {one.wall_ms_p95:.0f} ms | {one.queries}"


def told_of_staff(staff: Staff) -> list[str]:
    wrong, lost = sum(one.errors for one in staff.walked), sum(one.lost for one in staff.walked)
    fast = staff.walked[0]
    return [
        "## Fifty staff at once",
        "",
        (f"**{wrong} errors, {lost} of {sum(one.reports for one in staff.walked):,} reports lost.** Written by "
         f"`python -m tests.bench staff`, {staff.day}."),
        "",
        (f"The console as it starts by itself (`chevet-clinic console`: {staff.processes} processes of {staff.threads} "
         "threads) on the SQLite clinic above, a real broker and ingest running, ten boxes that send the three reports "
         f"of a session every ten seconds each. Locust {staff.locust} signs in as each of the staff (two a second, as "
         "at a change of shifts: argon2 takes its time), reads and writes, searches as it types, and waits between two "
         "pages; what comes back must be the page. All of it, locust too, is on one machine of "
         f"{staff.cores} cores. These times are the wall's, beginning with the signing in of the others; a page that "
         f"takes {PAGE_MS:.0f} ms of processor time at most (above) waits here for those of others."),
        "",
        "| people | s between two pages | pages | a second | p50 | p95 | under 150 ms | load at the end |",
        "|---:|---:|---:|---:|---:|---:|---|---:|",
        *map(_pace, staff.walked),
        "",
        (f"The console's processes used {_each(fast):.0f} ms of processor time for each request of the first row, "
         "signing in among them."),
        "",
        f"Page by page, {fast.pace.staff} people, {fast.pace.think_s[0]} to {fast.pace.think_s[1]} s:",
        "",
        "| Page | requests | p50 | p95 | errors |",
        "|---|---:|---:|---:|---:|",
        *(f"| {one.name} | {one.number} | {one.p50_ms:.0f} ms | {one.p95_ms:.0f} ms | {one.errors} |"
          for one in fast.requests),
        "",
    ]  # fmt: skip


def _pace(one: Walked) -> str:
    pages, (least, most) = one.requests[-1], one.pace.think_s
    held = "yes" if pages.p95_ms <= PAGE_MS else "no"
    return (
        f"| {one.pace.staff} | {least} to {most} | {pages.number} | {pages.number / one.pace.seconds:.1f} | "
        f"{pages.p50_ms:.0f} ms | {pages.p95_ms:.0f} ms | {held} | {one.load:.1f} |"
    )


def _each(one: Walked) -> float:
    """Milliseconds of processor time."""
    return 1000 * one.console_cpu_s / max(1, sum(row.number for row in one.requests[:-1]))
