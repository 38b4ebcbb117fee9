"""From the score to a package: rendered, brought to its loudness by one gain, written whole or not at all."""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from audio.errors import PackageError
from audio.montage import river
from audio.montage.compose import compose, phase_beats
from audio.montage.level import CHANNELS, LOUDNESS_LUFS, RATE_HZ, level, loudness_of
from audio.montage.score import Score, to_midi
from audio.montage.sea import sea_soundfont
from audio.montage.sessions import BREATH_BEATS, Session
from audio.montage.soundfont import BANK
from audio.montage.synth import SETTINGS, SOUNDFONT_LICENCE, find_soundfont, synthesise
from audio.package import MANIFEST_NAME, Contraindication, Kind, Manifest, Package, Part, Phase, check, to_toml
from audio.package.placing import put_in_place

PART_NAME = "montage.flac"
VERSION = "1.1.0"
LICENCE = "CC-BY-4.0"
Progress = Callable[[str, float], None]


class Work(msgspec.Struct, frozen=True):
    """A score with what its package says of it. `phases` are (name, first beat, last beat)."""

    id: str
    title: str
    kind: Kind
    origin: str
    score: Score
    phases: tuple[tuple[str, float, float], ...]
    style: str | None = None
    breath_a_minute: float | None = None


# What music alone can do, whatever its style: provoke a seizure in musicogenic epilepsy (rare), hurt an ear that bears
# no sound. Long stillness and inward attention can bring dissociation on; the short montages for a crisis keep to the
# present. A pace of breath is not for those who are short of it.
def contraindications_of(work: Work) -> tuple[Contraindication, ...]:
    """Return who should not hear this without advice; chosen by us, to be reviewed by clinicians."""
    still: tuple[Contraindication, ...] = () if work.kind == "crisis" else ("dissociation",)
    paced: tuple[Contraindication, ...] = ("shortness-of-breath",) if work.breath_a_minute else ()
    return ("musicogenic-epilepsy", "hyperacusis", *still, *paced)


def demo() -> Work:
    """Return the demonstration: a minute of river."""
    origin = f"Chevet, partition audio/montage/river.py, graine {river.SEED}"
    phases = tuple(river.phase_beats())
    return Work("demo-riviere", river.TITLE, "relaxation", origin, river.compose(), phases, "piano et cordes")


def work_of(session: Session) -> Work:
    """Compose a session of the catalogue."""
    origin = f"Chevet, partition audio/montage/compose.py, {session.name}, {session.style}, graine {session.seed}"
    breath = session.arc.tempo.at(0.5) / BREATH_BEATS if session.paced else None
    phases = tuple(phase_beats(session))
    return Work(session.name, session.title, session.kind, origin, compose(session), phases, session.style, breath)


def build_demo(out: Path, soundfont: Path | None, progress: Progress) -> tuple[Package, bool]:
    """Make the demonstration package at `out`; return it, and whether it had to be built. Raises MontageError."""
    return build(demo(), out, soundfont, progress)


def build(work: Work, out: Path, soundfont: Path | None, progress: Progress) -> tuple[Package, bool]:
    """Make a package at `out`; return it, and whether it had to be built.

    One that is there, whole and from the same recipe is kept. Raises MontageError, PackageInUse.
    """
    font = find_soundfont(soundfont)
    midi = to_midi(work.score)
    recipe = _recipe(midi, font, work.score)
    kept = _kept(out, recipe)
    if kept is not None:
        return kept, False
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as folder:
        made = Path(folder) / "package"
        _make(made, work, midi, font, recipe, progress)
        put_in_place(made, out)
    return check(out), True


def recipe_of(work: Work, soundfont: Path | None) -> str:
    """Return what names this render: the score, the sounds and the settings. Raises MontageError."""
    return _recipe(to_midi(work.score), find_soundfont(soundfont), work.score)


def bed_recipe(score: Score, soundfont: Path | None) -> str:
    """Return what names the render of a bed. Raises MontageError."""
    return _recipe(to_midi(score), find_soundfont(soundfont), score)


def _recipe(midi: bytes, font: Path, score: Score) -> str:
    settings = json.dumps([SETTINGS, RATE_HZ, LOUDNESS_LUFS, VERSION, font.name, font.stat().st_size])
    own = sea_soundfont() if _has_sea(score) else b""
    return hashlib.sha256(midi + settings.encode() + own).hexdigest()[:16]


def _has_sea(score: Score) -> bool:
    return any(instrument.bank == BANK for instrument in score.instruments)


def _kept(out: Path, recipe: str) -> Package | None:
    try:
        package = check(out)
    except PackageError:
        return None
    current = recipe in package.manifest.source and package.manifest.contraindications is not None
    return package if current else None


def _make(made: Path, work: Work, midi: bytes, font: Path, recipe: str, progress: Progress) -> None:
    made.mkdir()
    frames = round(work.score.seconds_at(work.score.end_beat) * RATE_HZ)
    rendered = render_wave(work.score, midi, made.parent, font, progress)
    progress("measuring and encoding", 0.0)
    level(rendered, made / PART_NAME, frames)
    manifest = _manifest(work, frames, made / PART_NAME, recipe)
    (made / MANIFEST_NAME).write_text(to_toml(manifest), encoding="utf-8")
    check(made)
    _flush(made)
    progress("measuring and encoding", 1.0)


def render_wave(score: Score, midi: bytes, folder: Path, font: Path, progress: Progress) -> Path:
    """Render a score to a 16-bit WAV in `folder`, as loud as it comes; return the file. Raises MontageError."""
    score_file, wave, sea = folder / "score.mid", folder / "score.wav", folder / "sea.sf2"
    score_file.write_bytes(midi)
    fonts = [font]
    if _has_sea(score):
        sea.write_bytes(sea_soundfont())
        fonts.append(sea)
    frames = round(score.seconds_at(score.end_beat) * RATE_HZ)
    synthesise(score_file, wave, fonts, RATE_HZ, frames, progress)
    progress("rendering the montage", 1.0)
    return wave


def _manifest(work: Work, frames: int, part: Path, recipe: str) -> Manifest:
    loudness = loudness_of(part, frames)
    with part.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    source = f"{work.origin}\u00a0; sons\u00a0: {SOUNDFONT_LICENCE}\u00a0; recette {recipe}"
    return Manifest(
        id=work.id,
        version=VERSION,
        title=work.title,
        kind=work.kind,
        language="zxx",
        licence=LICENCE,
        source=source,
        duration_s=round(frames / RATE_HZ, 6),
        frames=frames,
        rate_hz=RATE_HZ,
        channels=CHANNELS,
        loudness_lufs=round(loudness.integrated_lufs, 2),
        true_peak_dbtp=round(loudness.true_peak_dbtp, 2),
        phases=tuple(_phases(work)),
        parts=(Part(file=part.name, sha256=digest, frames=frames, licence=LICENCE, source=source),),
        style=work.style,
        breath_a_minute=work.breath_a_minute,
        contraindications=contraindications_of(work),
    )


def _phases(work: Work) -> list[Phase]:
    seconds = work.score.seconds_at
    return [
        Phase(name=name, start_s=round(seconds(first), 3), end_s=round(seconds(last), 3))
        for name, first, last in work.phases
    ]


def _flush(made: Path) -> None:
    for file in (*made.iterdir(), made):
        descriptor = os.open(file, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)
