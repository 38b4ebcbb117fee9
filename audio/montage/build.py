"""From the score to a package: rendered, brought to its loudness by one gain, written whole or not at all."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from audio.errors import MontageError, PackageError
from audio.montage import river
from audio.montage.loudness import Loudness, measure
from audio.montage.score import Score, to_midi
from audio.montage.synth import SETTINGS, SOUNDFONT_LICENCE, find_soundfont, synthesise
from audio.package import MANIFEST_NAME, Manifest, Package, Part, Phase, check, to_toml
from audio.player.gain import factor_of, scale, to_s16
from audio.sound_file import SoundReader, write_flac

RATE_HZ: Final = 48_000
CHANNELS: Final = 2
LOUDNESS_LUFS = -23.0  # EBU R 128
TRUE_PEAK_DBTP_MAX = -1.0
SILENCE_LUFS = -60.0
PART_NAME = "montage.flac"
VERSION = "1.0.0"
Progress = Callable[[str, float], None]


def build_demo(out: Path, soundfont: Path | None, progress: Progress) -> tuple[Package, bool]:
    """Make the demonstration package at `out`; return it, and whether it had to be built.

    One that is there, whole and from the same recipe is kept. Raises MontageError.
    """
    score, font = river.compose(), find_soundfont(soundfont)
    midi = to_midi(score)
    recipe = _recipe(midi, font)
    kept = _kept(out, recipe)
    if kept is not None:
        return kept, False
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.parent) as work:
        made = Path(work) / "package"
        _make(made, score, midi, font, recipe, progress)
        _put_in_place(made, out, Path(work) / "replaced")
    return check(out), True


def _recipe(midi: bytes, font: Path) -> str:
    settings = json.dumps([SETTINGS, RATE_HZ, LOUDNESS_LUFS, VERSION, font.name, font.stat().st_size])
    return hashlib.sha256(midi + settings.encode()).hexdigest()[:16]


def _kept(out: Path, recipe: str) -> Package | None:
    try:
        package = check(out)
    except PackageError:
        return None
    return package if recipe in package.manifest.source else None


def _make(made: Path, score: Score, midi: bytes, font: Path, recipe: str, progress: Progress) -> None:
    made.mkdir()
    frames = round(score.seconds_at(score.end_beat) * RATE_HZ)
    rendered = _rendered(made.parent, midi, font, frames, progress)
    progress("measuring and encoding", 0.0)
    samples = _levelled(rendered)
    write_flac(made / PART_NAME, samples, RATE_HZ, CHANNELS)
    manifest = _manifest(score, frames, made / PART_NAME, recipe)
    (made / MANIFEST_NAME).write_text(to_toml(manifest), encoding="utf-8")
    check(made)
    _flush(made)
    progress("measuring and encoding", 1.0)


def _rendered(work: Path, midi: bytes, font: Path, frames: int, progress: Progress) -> bytes:
    score_file, wave = work / "score.mid", work / "score.wav"
    score_file.write_bytes(midi)
    synthesise(score_file, wave, font, RATE_HZ, frames, progress)
    progress("rendering the montage", 1.0)
    with SoundReader(wave) as sound:
        samples = sound.read(frames)
    return samples + bytes(frames * CHANNELS * 4 - len(samples))


def _levelled(samples: bytes) -> bytes:
    """One gain for the whole: the U is a fall in level, and stays one."""
    before = measure(samples, RATE_HZ, CHANNELS)
    if before.integrated_lufs < SILENCE_LUFS:
        raise MontageError(
            "silent",
            "The montage is silent",
            value=f"{before.integrated_lufs} LUFS",
            allowed=f"more than {SILENCE_LUFS} LUFS",
            remedy="Look at the soundfont: it may lack the instruments.",
        )
    gain_db = LOUDNESS_LUFS - before.integrated_lufs
    if before.true_peak_dbtp + gain_db > TRUE_PEAK_DBTP_MAX:
        raise MontageError(
            "true-peak",
            "The montage would be too near to clipping",
            value=f"{before.true_peak_dbtp + gain_db:.1f} dBTP",
            allowed=f"at most {TRUE_PEAK_DBTP_MAX} dBTP",
            remedy="Soften the loudest notes of the score.",
        )
    return to_s16(scale(samples, factor_of(gain_db)))


def _manifest(score: Score, frames: int, part: Path, recipe: str) -> Manifest:
    loudness = _measured(part)
    return Manifest(
        id="demo-riviere",
        version=VERSION,
        title=river.TITLE,
        kind="relaxation",
        language="zxx",
        licence="CC-BY-4.0",
        source=f"Chevet, score audio/montage/river.py, seed {river.SEED}; sounds: {SOUNDFONT_LICENCE}; recipe {recipe}",
        duration_s=round(frames / RATE_HZ, 6),
        frames=frames,
        rate_hz=RATE_HZ,
        channels=CHANNELS,
        loudness_lufs=round(loudness.integrated_lufs, 2),
        true_peak_dbtp=round(loudness.true_peak_dbtp, 2),
        phases=tuple(_phases(score)),
        parts=(Part(file=part.name, sha256=hashlib.sha256(part.read_bytes()).hexdigest(), frames=frames),),
    )


def _measured(part: Path) -> Loudness:
    with SoundReader(part) as sound:
        return measure(sound.read(sound.frames), RATE_HZ, CHANNELS)


def _phases(score: Score) -> list[Phase]:
    return [
        Phase(name=name, start_s=round(score.seconds_at(first), 3), end_s=round(score.seconds_at(last), 3))
        for name, first, last in river.phase_beats()
    ]


def _flush(made: Path) -> None:
    for file in (*made.iterdir(), made):
        descriptor = os.open(file, os.O_RDONLY)
        os.fsync(descriptor)
        os.close(descriptor)


def _put_in_place(made: Path, out: Path, replaced: Path) -> None:
    if out.exists():
        out.rename(replaced)
    made.rename(out)
    shutil.rmtree(replaced, ignore_errors=True)
