"""docs/bench-console.md, from what was measured: docs/bench-console.json and docs/bench-staff.json."""

from pathlib import Path

import msgspec

from tests.bench import machine
from tests.bench.staff import Fifty

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
    fifty = msgspec.json.decode(staff.read_bytes(), type=Fifty) if staff.exists() else None
    (out / "bench-console.md").write_text("\n".join([*_pages(runs), *(_staff(fifty) if fifty else ())]))
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


def _staff(fifty: Fifty) -> list[str]:
    whole = fifty.requests[-1]
    verdict = "No error" if not whole.errors and not fifty.lost else f"{whole.errors} errors, {fifty.lost} lost"
    return [
        "## Fifty staff at once",
        "",
        (f"**{verdict} in {whole.number:,} requests of {fifty.staff} staff over {fifty.seconds} s.** Written by "
        f"`python -m tests.bench staff`, {fifty.day}."),
        "",
        (f"The console as in production (gunicorn, one process of {fifty.threads} threads, `chevet-clinic console`) on "
        "the SQLite clinic above, a real broker and ingest running, and boxes that sent "
        f"{fifty.reports} reports meanwhile, of which {fifty.lost} were not in the record at the end. Locust "
        f"{fifty.locust} signs in as each of the staff (all within the first half minute: argon2 takes its time), "
        "thinks two to six seconds between two pages, searches as it types, reads and writes; what comes back must be "
        f"the page. These times are the wall's, all on one machine of {fifty.cores} cores with everything else that "
        f"runs there: its load was {fifty.load:.1f} when it ended."),
        "",
        "| Page | requests | p50 | p95 | errors |",
        "|---|---:|---:|---:|---:|",
        *(f"| {one.name} | {one.number} | {one.p50_ms:.0f} ms | {one.p95_ms:.0f} ms | {one.errors} |"
          for one in fifty.requests),
        "",
    ]  # fmt: skip
