"""docs/bench.json for machines, docs/bench.md for people (bench-how.md: how each was measured): the same figures."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec

from tests.bench.figures import Figure, missed
from tests.bench.machine import Machine, Quiet
from tests.bench.soak import Soak

BENCH_FILE, SOAK_FILE = "bench.json", "soak.json"


class Run(msgspec.Struct, frozen=True):
    """Everything that one run found."""

    day: str
    amount: str
    priority: str
    minutes: float
    machine: Machine
    noise: tuple[Quiet, ...]
    figures: tuple[Figure, ...]
    not_measured: tuple[str, ...]


def as_json(run: Run) -> bytes:
    told = msgspec.to_builtins(run)
    told["figures"] = [_figure(figure) for figure in run.figures]
    told["missed"] = [figure.name for figure in missed(run.figures)]
    return msgspec.json.format(msgspec.json.encode(_rounded(told)), indent=2) + b"\n"


SECTIONS = (
    ("The sound", ("player_", "button_", "playing_cpu", "other_", "gaps_", "long_", "render_")),
    ("Hours of it", ("soak_",)),
    ("The screen", ("kiosk_start", "touch_", "page_")),
    ("Waiting costs nothing", ("idle_", "playing_")),
    ("A day of use", ("day_",)),
    ("Memory after a day's journeys", ("memory_",)),
    ("From the confirmed answer to the record", ("thanks_", "report_", "record_")),
)
"""Titles, and how the names of their figures begin; the first that fits has it. What fits none comes last."""
OTHERS = "And"


def as_page(run: Run, soak: Soak | None = None) -> str:
    """The results, for people."""
    figures = (*run.figures, *(soak.figures() if soak else ()))
    lost = missed(figures)
    kept = sum(figure.verdict == "pass" for figure in figures)
    sentence = f"{kept} limits kept, {len(lost)} missed" + (f": {', '.join(f.title for f in lost)}." if lost else ".")
    lines = ["# Speed and memory", "", f"**{sentence}**", "", _origin(run), *_soaked(soak), ""]
    for title, found in _sections(figures):
        lines += [f"## {title}", "", *_table(found), ""]
    return "\n".join(lines)


def as_methods(run: Run, soak: Soak | None = None) -> str:
    """How each was measured, how far the samples lie apart, and on what machine."""
    figures = (*run.figures, *(soak.figures() if soak else ()))
    title = ["# How the figures of bench.md were measured", ""]
    return "\n".join([*title, *_hows(figures), "", "## The machine, and its noise", "", *_machine(run), ""])


WIRE_SECTIONS = (
    ("Ingest beside its parts and its peers", ("ingest_",)),
    ("On PostgreSQL, one process and two", ("postgresql_",)),
    ("One box", ("to_row", "session_", "link_")),
    ("Many boxes", ("back_",)),
)


def as_wire_page(run: Run) -> str:
    """The part « wire », which is a run of its own: results, methods and machine on one page."""
    lost = missed(run.figures)
    kept = sum(figure.verdict == "pass" for figure in run.figures)
    told = f"{kept} limits kept, {len(lost)} missed" + (f": {'; '.join(f.title for f in lost)}." if lost else ".")
    origin = (
        f"Written by `python -m tests.bench wire`, and by `make bench` ({run.amount} run of {run.minutes:.0f} minutes, "
        f"{run.day}). For machines: `bench-wire.json`."
    )
    lines = ["# The wire: speed, and what is lost", "", f"**{told}**", "", origin, ""]
    for title, found in _sections(run.figures, WIRE_SECTIONS):
        lines += [f"## {title}", "", *_table(found), ""]
    return "\n".join(
        [*lines, "## How", "", *_hows(run.figures), "", "## The machine, and its noise", "", *_machine(run), ""]
    )


def _sections(
    figures: Sequence[Figure], sections: Sequence[tuple[str, tuple[str, ...]]] = SECTIONS
) -> list[tuple[str, list[Figure]]]:
    found: dict[str, list[Figure]] = {title: [] for title in (*dict(sections), OTHERS)}
    for figure in figures:
        titles = (title for title, starts in sections if figure.name.startswith(starts))
        found[next(titles, OTHERS)].append(figure)
    return [(title, inside) for title, inside in found.items() if inside]


def _soaked(soak: Soak | None) -> list[str]:
    if soak is None:
        return []
    return [f"The soak is a run of its own: {soak.hours:.0f} hours of sound in {soak.minutes:.0f} minutes, {soak.day}."]


def number(value: float) -> str:
    """Three digits that mean something."""
    if value == 0:
        return "0"
    size = abs(value)
    return (
        f"{value:.0f}"
        if size >= 100
        else f"{value:.1f}"
        if size >= 10
        else f"{value:.2f}"
        if size >= 0.1
        else f"{value:.3f}"
    )


def _table(figures: Sequence[Figure]) -> list[str]:
    return ["| What | Ours | Limit | | Beside |", "|---|---:|---:|---|---|", *[_row(figure) for figure in figures]]


def _row(figure: Figure) -> str:
    word = "under" if figure.under else "at most"
    limit = "" if figure.limit is None else f"{word} {number(figure.limit)}"
    beside = ", ".join(f"{peer.name} {number(peer.value)}" for peer in figure.peers)
    ours = f"{number(figure.value)} {figure.unit}".rstrip()
    return f"| {figure.title} | {ours} | {limit} | {figure.verdict} | {beside} |"


def _hows(figures: Sequence[Figure]) -> list[str]:
    """Each way of measuring once; what was seen of each figure under it."""
    lines: list[str] = []
    for how, same in groupby(figures, key=lambda figure: figure.how):
        lines += [f"- {how[0].upper()}{how[1:]}.", *[f"  - **{f.title}**: {_remark(f)}" for f in same]]
    return lines


def _remark(figure: Figure) -> str:
    """The note, and what was seen of the noise."""
    parts = [figure.note] if figure.note else []
    if figure.spread is not None:
        spread = figure.spread
        parts.append(
            f"{spread.count} samples from {number(spread.least)} to {number(spread.most)}, medians of the two halves "
            f"{number(spread.halves[0])} and {number(spread.halves[1])}"
        )
    return "; ".join(parts or [f"{number(figure.value)} {figure.unit}"]) + "."


def _origin(run: Run) -> str:
    return (
        f"Written by `make bench` ({run.amount} run of {run.minutes:.0f} minutes, {run.day}). What stands beside was "
        "measured in this run, on this machine. `told`: without a limit. How: [bench-how.md](bench-how.md); for "
        "machines: `bench.json`, `soak.json`."
    )


def _described(machine: Machine) -> str:
    beside = (
        f" numpy {machine.numpy} is installed beside, which our requirements do not bring: sqlite_utils loads it, and "
        "kiosk and link are slower to start and larger for it."
        if machine.numpy
        else ""
    )
    return (
        f"{machine.cores} cores ({machine.architecture}), {machine.memory_gib:.0f} GiB, Linux {machine.kernel}, Python "
        f"{machine.python}, pygame {machine.pygame} with SDL {machine.sdl}, SQLite {machine.sqlite}, mosquitto "
        f"{machine.mosquitto}. No sound card: the paced ALSA device. The screen is Xvfb at 1280x800.{beside}"
    )


def _machine(run: Run) -> list[str]:
    return [
        _described(run.machine),
        f"Scheduling: {run.priority}.",
        "",
        "| Just before | Others used | A sleeper of 5 ms woke late by (median) | p99 |",
        "|---|---:|---:|---:|",
        *[
            f"| {quiet.when} | {quiet.busy_cores:.0%} of a core | {quiet.late_us_median:.0f} us "
            f"| {quiet.late_us_p99:.0f} us |"
            for quiet in run.noise
        ],
        "",
        *([f"Not measured here: {'; '.join(run.not_measured)}."] if run.not_measured else []),
    ]


def _figure(figure: Figure) -> dict[str, Any]:
    told: dict[str, Any] = msgspec.to_builtins(figure)
    for peer, ratio in zip(told["peers"], figure.ratios, strict=True):
        peer["ratio"] = ratio
    return {**told, "verdict": figure.verdict, "passed": figure.verdict != "FAIL"}


def _rounded(told: Any) -> Any:
    """Six digits are more than any of this means."""
    if isinstance(told, float):
        return float(f"{told:.6g}")
    if isinstance(told, dict):
        return {key: _rounded(value) for key, value in told.items()}
    if isinstance(told, list | tuple):
        return [_rounded(value) for value in told]
    return told


def write_soak(found: Soak, folder: Path) -> None:
    """Keep the soak beside the last bench, and write the page anew."""
    (folder / SOAK_FILE).write_bytes(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
    bench = folder / BENCH_FILE
    if bench.exists():
        write(msgspec.json.decode(bench.read_bytes(), type=Run), folder)


def write_wire(run: Run, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "bench-wire.json").write_bytes(as_json(run))
    (folder / "bench-wire.md").write_text(as_wire_page(run), encoding="utf-8")


def put_into_wire(found: Sequence[Figure], folder: Path) -> None:
    """In the places of the former ones of these names; a new one comes last."""
    former = msgspec.json.decode((folder / "bench-wire.json").read_bytes(), type=Run)
    figures = {one.name: one for one in (*former.figures, *found)}
    write_wire(msgspec.structs.replace(former, figures=tuple(figures.values())), folder)


def write(run: Run, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / BENCH_FILE).write_bytes(as_json(run))
    kept = folder / SOAK_FILE
    soak = msgspec.json.decode(kept.read_bytes(), type=Soak) if kept.exists() else None
    (folder / "bench.md").write_text(as_page(run, soak), encoding="utf-8")
    (folder / "bench-how.md").write_text(as_methods(run, soak), encoding="utf-8")
