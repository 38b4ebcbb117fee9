"""`chevet-audio sessions`: all that Chevet makes itself, in one command: the montages, the guided sessions, the words.

What is there, whole and current is kept: stopped half-way, it goes on where it was.
"""

import argparse
import fcntl
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from audio.errors import AudioError
from audio.montage.build import build, work_of
from audio.montage.sessions import SESSIONS
from audio.montage.synth import find_soundfont
from audio.package import check
from audio.voice.building import build as build_words
from audio.voice.building import missing
from audio.voice.choosing import CACHE, choose, licence_of, told
from audio.voice.guided import build_session
from audio.voice.jobs import Job, run
from audio.voice.model import FOLDER
from audio.voice.port import SPEED
from audio.voice.recordings import SpokenWords
from audio.voice.script import names, read_script
from audio.voice.spoken import box_texts
from audio.voice.underlay import Underlay

Progress = Callable[[str, float], None]
AT_ONCE: Final = 2  # the machine that builds has two cores
WORDS = "mots"
UNDERLAY: Final = "harp"
GUIDED_WEIGHT, WORDS_WEIGHT = 180.0, 150.0
MONTAGE_WEIGHT_A_MINUTE = 3.0
KINDS = {
    "relaxation": "détente",
    "crisis": "crise",
    "sleep": "sommeil",
    "sophrology": "sophrologie",
    "mediation": "médiation",
    "education": "éducation",
}


class Row(msgspec.Struct, frozen=True):
    """What was made of one session."""

    name: str
    title: str
    kind: str
    style: str
    duration_s: float
    loudness_lufs: float
    true_peak_dbtp: float
    size_bytes: int
    fingerprint: str


class Words(msgspec.Struct, frozen=True):
    """What was made of the box's words."""

    texts: int
    duration_s: float
    size_bytes: int
    voice: str


class Made(msgspec.Struct, frozen=True):
    """The whole, and what failed, with the reason."""

    sessions: list[Row]
    words: Words | None
    failed: dict[str, str]


def make(folder: Path, words: Path, engine: str, soundfont: Path | None, progress: Progress) -> Made:
    """Make what is missing under `folder`, the box's words in `words`. Raises VoiceError when another is at it."""
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        failed = run(jobs(folder, words, engine, soundfont), AT_ONCE, progress)
        found = [name for name in (*SESSIONS, *names()) if name not in failed]
        rows = [_row(folder / name) for name in found]
        return Made(rows, None if WORDS in failed else _words_row(words), failed)


def jobs(folder: Path, words: Path, engine: str, soundfont: Path | None) -> list[Job]:
    """Return all that is to be made, the longest first."""
    # Paths of the model and of what was said: a process that is spawned starts in the same folder.
    speaking = [
        *(
            Job(name, GUIDED_WEIGHT, partial(_guided, name, folder / name, engine, CACHE, FOLDER, soundfont))
            for name in names()
        ),
        Job(WORDS, WORDS_WEIGHT, partial(_words, words, engine, CACHE, FOLDER)),
    ]
    playing = [
        Job(name, MONTAGE_WEIGHT_A_MINUTE * session.arc.minutes, partial(_montage, name, folder / name, soundfont))
        for name, session in SESSIONS.items()
    ]
    # One that speaks beside one that plays: two voices would want four cores.
    first, *rest = speaking
    return [first, *playing[:5], *rest, *playing[5:]]


def _montage(name: str, out: Path, soundfont: Path | None, progress: Progress) -> None:
    font = find_soundfont(soundfont)
    build(work_of(SESSIONS[name]), out, font, progress)


def _guided(
    name: str, out: Path, engine: str, cache: Path, model: Path, soundfont: Path | None, progress: Progress
) -> None:
    script = read_script(name)
    voice = choose(engine, script.speed, cache, model)
    build_session(script, out, voice, Underlay(UNDERLAY, soundfont=soundfont), progress)


def _words(folder: Path, engine: str, cache: Path, model: Path, progress: Progress) -> None:
    voice, texts = choose(engine, SPEED, cache, model), box_texts()
    build_words(folder, texts, voice, licence_of(voice.identity), progress)
    wrong = missing(folder, texts)
    if wrong:
        raise OSError("; ".join(wrong))


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder, and clear away what a killed run has left."""
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AudioError(
                "busy", "Sessions are being made there", value=folder, allowed="one at a time", remedy="Wait for it."
            ) from None
        for left in folder.glob(".*-*/"):
            shutil.rmtree(left)
        yield


def _row(package: Path) -> Row:
    checked = check(package)
    manifest = checked.manifest
    return Row(
        name=package.name,
        title=manifest.title,
        kind=manifest.kind,
        style=manifest.style or "",
        duration_s=manifest.duration_s,
        loudness_lufs=manifest.loudness_lufs,
        true_peak_dbtp=manifest.true_peak_dbtp,
        size_bytes=_size(package),
        fingerprint=checked.fingerprint,
    )


def _words_row(folder: Path) -> Words:
    index = SpokenWords(folder).index
    spoken_s = sum(recording.duration_s for recording in index.recordings.values())
    return Words(len(index.recordings), round(spoken_s, 1), _size(folder), told(index.voice))


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir())


def table(made: Made) -> str:
    """Return what was made as people read it, in French."""
    heads = ("séance", "titre", "genre", "style", "durée", "LUFS", "dBTP", "Mo")
    lines = [heads, *(_cells(row) for row in made.sessions)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    rows = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    if made.words:
        said = made.words
        minutes = f"{said.duration_s / 60:.1f}".replace(".", ",")
        rows.append(f"{said.texts} textes dits, {minutes} min, {said.voice}")
    return "\n".join([*rows, *(f"raté\u00a0: {name}\u00a0: {why}" for name, why in made.failed.items())])


def _cells(row: Row) -> tuple[str, ...]:
    numbers = f"{row.loudness_lufs:.1f}", f"{row.true_peak_dbtp:.1f}", f"{row.size_bytes / 1e6:.0f}"
    duration = f"{int(row.duration_s // 60)} min {int(row.duration_s % 60):02d}"
    return (row.name, row.title, KINDS[row.kind], row.style, duration, *(each.replace(".", ",") for each in numbers))


def sessions(options: argparse.Namespace, progress: Progress) -> int:
    """Do what the options say."""
    made = make(options.folder, options.words, options.voice, options.soundfont, progress)
    print(msgspec.json.encode(made).decode() if options.json else table(made))
    for name, why in made.failed.items():
        print(f"chevet-audio: {name}: {why}", file=sys.stderr)
    return 1 if made.failed else 0
