"""Draws each montage as it is: the tempo and the density of its score, the loudness of its real render.

python -m audio.montage.pictures measure PACKAGES docs/montages   # listens to the rendered packages
python -m audio.montage.pictures draw docs/montages               # draws again from what was measured
"""

import argparse
import math
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec

from audio.loudness import Meter
from audio.montage.build import recipe_of, work_of
from audio.montage.compose import compose, phase_beats
from audio.montage.grid import Clock
from audio.montage.level import CHANNELS, RATE_HZ, blocks
from audio.montage.sessions import SESSIONS, Session
from audio.package import check
from audio.package.manifest import Manifest

MEASURED = "measured.json"
WINDOW_S = 10
WINDOWS_IN_REACH, REACH_S = 3, 15.0  # the tempo and the density are means over half a minute
SILENCE_LUFS, SHALLOW_LUFS = -70.0, -44.0
WIDTH, LEFT, RIGHT, TOP, PANEL, GAP = 760, 64, 16, 44, 96, 26
LABEL = 480  # above the trough of a U
INK, FAINT, GRID = "#222222", "#5c5c5c", "#dddddd"
Across = Callable[[float], float]
COLOURS = ("#9a4a00", "#1f5f8b", "#3f6f2f")


class Heard(msgspec.Struct, frozen=True):
    """What was measured of one render: LUFS of each 10 s, and of the whole."""

    recipe: str
    duration_s: float
    loudness_lufs: float
    true_peak_dbtp: float
    windows_lufs: tuple[float, ...]


class _Panel(msgspec.Struct, frozen=True):
    title: str
    unit: str
    values: tuple[float, ...]
    low: float
    high: float
    marks: tuple[int, ...]


def measure(packages: Path) -> dict[str, Heard]:
    """Listen to the packages of all montages. Raises PackageError, MontageError."""
    return {name: _heard(packages / name) for name in SESSIONS}


def _heard(folder: Path) -> Heard:
    package = check(folder)
    manifest = package.manifest
    windows: list[float] = []
    meter = Meter(RATE_HZ, CHANNELS)
    for index, block in enumerate(blocks(package.part_paths()[0], manifest.frames)):
        if index and index % WINDOW_S == 0:
            windows.append(max(SILENCE_LUFS, round(meter.close().integrated_lufs, 1)))
            meter = Meter(RATE_HZ, CHANNELS)
        meter.add(block)
    windows.append(max(SILENCE_LUFS, round(meter.close().integrated_lufs, 1)))
    return Heard(
        _recipe(manifest), manifest.duration_s, manifest.loudness_lufs, manifest.true_peak_dbtp, tuple(windows)
    )


def _recipe(manifest: Manifest) -> str:
    return manifest.source.rsplit(" ", 1)[1]


def current_recipe(session: Session) -> str:
    """Return the recipe that a render would have now. Raises MontageError without a soundfont."""
    return recipe_of(work_of(session), None)


def draw(session: Session, heard: Heard) -> str:
    """Return the picture of a session as SVG: tempo, loudness and density over time, with its phases."""
    score = compose(session)
    clock = Clock(score.tempi)
    starts = [clock.seconds(note.start_beat) for note in score.notes]
    count = len(heard.windows_lufs)
    density = [60 / WINDOW_S * sum(int(start // WINDOW_S) == i for start in starts) for i in range(count)]
    beats = [clock.seconds(beat) for beat, _ in score.tempi]
    tempo = [_mean([bpm for at, (_, bpm) in zip(beats, score.tempi, strict=True) if abs(at - middle) < REACH_S])
             for middle in (WINDOW_S * (i + 0.5) for i in range(count))]  # fmt: skip
    most = 100 * math.ceil(1.2 * max(_smooth(density)) / 100)
    panels = (
        _Panel("Tempo", "battements/min", tuple(tempo), 36, 100, (40, 60, 80, 100)),
        _Panel("Niveau mesuré", "LUFS, par 10 s", heard.windows_lufs, *_reach(heard)),
        _Panel("Densité", "notes/min", tuple(_smooth(density)), 0, most, (0, most // 2, most)),
    )
    phases = [(name, clock.seconds(first), clock.seconds(last)) for name, first, last in phase_beats(session)]
    return _svg(session, heard, panels, phases)


def _reach(heard: Heard) -> tuple[float, float, tuple[int, ...]]:
    """A montage that leaves into silence needs a deeper panel."""
    deep = min(heard.windows_lufs[:-1]) < SHALLOW_LUFS
    return (-66, -10, (-60, -45, -30, -15)) if deep else (SHALLOW_LUFS, -10, (-40, -30, -20, -10))


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


def _smooth(values: list[float]) -> list[float]:
    reach = WINDOWS_IN_REACH // 2
    return [_mean(values[max(0, i - reach) : i + reach + 1]) for i in range(len(values))]


def _svg(session: Session, heard: Heard, panels: tuple[_Panel, ...], phases: list[tuple[str, float, float]]) -> str:
    height = TOP + len(panels) * (PANEL + GAP) + 22

    def across(second: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * second / heard.duration_s

    bottom = height - 22 - GAP
    facts = f"{heard.duration_s / 60:.1f} min, {heard.loudness_lufs:.1f} LUFS, {heard.true_peak_dbtp:.1f} dBTP"
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif">',
        f"<title>{session.title}</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        _text(LEFT, 16, session.title, INK, "start", 14),
        _text(WIDTH - RIGHT, 16, facts.replace(".", ","), FAINT, "end"),
    ]
    for name, start, end in phases:
        lines += [
            _line(across(start), TOP - 10, across(start), bottom, GRID),
            *_phase(name, across(start), across(end)),
        ]
    for minute in range(0, int(heard.duration_s // 60) + 1, 1 if heard.duration_s < 700 else 3):
        lines.append(_text(across(minute * 60), bottom + 16, f"{minute} min", FAINT, "middle", 11))
    for index, (panel, colour) in enumerate(zip(panels, COLOURS, strict=True)):
        lines += _drawn(panel, TOP + index * (PANEL + GAP), colour, across)
    return "\n".join([*lines, "</svg>", ""])


def _phase(name: str, start: float, end: float) -> list[str]:
    return [_text((start + end) / 2, TOP - 12, name, INK, "middle", 11)]


def _drawn(panel: _Panel, top: float, colour: str, across: Across) -> list[str]:
    def up(value: float) -> float:
        inside = min(max(value, panel.low), panel.high)
        return top + PANEL * (1 - (inside - panel.low) / (panel.high - panel.low))

    marks = [
        part
        for mark in panel.marks
        for part in (
            _line(LEFT, up(mark), WIDTH - RIGHT, up(mark), GRID),
            _text(LEFT - 6, up(mark) + 4, str(mark), FAINT, "end", 11),
        )
    ]
    drawn = enumerate(panel.values[:-1])  # the last window is mostly the silence after the end
    points = " ".join(f"{across((i + 0.5) * WINDOW_S):.1f},{up(value):.1f}" for i, value in drawn)
    label = _text(LABEL, top + 12, f"{panel.title} ({panel.unit})", colour, "middle")
    return [*marks, f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>', label]


def _line(x1: float, y1: float, x2: float, y2: float, colour: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def _text(x: float, y: float, words: str, colour: str, anchor: str, size: int = 12) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}" font-size="{size}">{words}</text>'


def read_measured(folder: Path) -> dict[str, Heard]:
    """Read what `measure` wrote."""
    return msgspec.json.decode((folder / MEASURED).read_bytes(), type=dict[str, Heard])


def main(arguments: list[str] | None = None) -> int:
    """Measure or draw; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    subs = parser.add_subparsers(dest="what", required=True)
    listening, drawing = subs.add_parser("measure"), subs.add_parser("draw")
    listening.add_argument("packages", type=Path)
    for command in (listening, drawing):
        command.add_argument("docs", type=Path)
    options = parser.parse_args(arguments)
    if options.what == "measure":
        options.docs.mkdir(parents=True, exist_ok=True)
        heard = msgspec.json.encode(measure(options.packages))
        (options.docs / MEASURED).write_bytes(msgspec.json.format(heard, indent=1) + b"\n")
    for name, session_heard in read_measured(options.docs).items():
        (options.docs / f"{name}.svg").write_text(draw(SESSIONS[name], session_heard), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
