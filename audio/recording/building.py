"""From recordings and a draft to a checked package: one gain for the whole, nothing compressed, nothing levelled."""

import hashlib
import tempfile
from pathlib import Path
from typing import Literal, cast

import msgspec

from audio.errors import RecordingError
from audio.loudness import Loudness, Meter
from audio.package import MANIFEST_NAME, Manifest, Package, Part, check, to_toml
from audio.package.durable import flush, not_written
from audio.player.gain import factor_of, scale
from audio.recording.draft import Draft, DraftPart, phases_of
from audio.recording.inspecting import STEREO, Heard, Progress, blocks, inspect
from audio.sound_file import SAMPLE_BYTES, FlacWriter

LOUDNESS_LUFS = -23.0  # EBU R 128
TRUE_PEAK_DBTP_MAX = -1.0


class Built(msgspec.Struct, frozen=True):
    """The package, and what was done to the sound. `below_target_lu`: how much softer than the target peaks keep it."""

    package: Package
    gain_db: float
    below_target_lu: float


def build(files: list[Path], draft: Draft, out: Path, progress: Progress) -> Built:
    """Make the package at `out`, whole or not at all. Raises RecordingError, PackageError, AudioError."""
    _fits(files, draft, out)
    heard = inspect(files, progress)
    phases_of(draft, heard.duration_s)
    gain_db = min(LOUDNESS_LUFS - heard.loudness.integrated_lufs, TRUE_PEAK_DBTP_MAX - heard.loudness.true_peak_dbtp)
    try:
        out.absolute().parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}-", dir=out.absolute().parent) as folder:
            made = Path(folder) / draft.id
            made.mkdir()
            loudness = _make(made, files, draft, heard, factor_of(gain_db), progress)
            made.rename(out)
            flush(out.absolute().parent)
    except OSError as error:
        raise not_written(out, error) from error
    return Built(check(out), gain_db, LOUDNESS_LUFS - loudness.integrated_lufs)


def _fits(files: list[Path], draft: Draft, out: Path) -> None:
    if out.exists():
        raise RecordingError(
            "out-exists",
            "There is something already",
            value=out,
            allowed="a new folder",
            remedy="Give another name, or remove it first.",
        )
    if draft.parts and len(draft.parts) != len(files):
        raise RecordingError(
            "draft-parts",
            "The draft tells of another number of recordings",
            value=f"{len(draft.parts)} [[parts]], {len(files)} recordings",
            allowed="one [[parts]] for each recording, in their order, or none",
            remedy="Correct the draft.",
        )


def _make(made: Path, files: list[Path], draft: Draft, heard: Heard, factor: float, progress: Progress) -> Loudness:
    meter = Meter(heard.rate_hz, STEREO)
    about = draft.parts or (DraftPart(draft.licence, draft.source),) * len(files)
    parts, done = [], 0
    for number, (file, frames, of_part) in enumerate(zip(files, heard.frames, about, strict=True), 1):
        target = made / f"partie-{number}.flac"
        with FlacWriter(target, heard.rate_hz, STEREO, bits=24) as flac:
            for block in blocks(file, frames, heard.rate_hz):
                louder = scale(block, factor)
                meter.add(louder)
                flac.write(louder)
                done += len(block) // (SAMPLE_BYTES * STEREO)
                progress("encoding", done / sum(heard.frames))
        parts.append(_part(target, frames, of_part))
    loudness = meter.close()
    (made / MANIFEST_NAME).write_text(to_toml(_manifest(draft, heard, loudness, parts)), encoding="utf-8")
    check(made)
    made.chmod(0o755)
    for written in (*made.iterdir(), made):
        flush(written)
    return loudness


def _part(file: Path, frames: int, about: DraftPart) -> Part:
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    return Part(file=file.name, sha256=digest, frames=frames, licence=about.licence, source=about.source)


def _manifest(draft: Draft, heard: Heard, loudness: Loudness, parts: list[Part]) -> Manifest:
    duration_s = round(heard.duration_s, 6)
    return Manifest(
        id=draft.id,
        version=draft.version,
        title=draft.title,
        kind=draft.kind,
        language=draft.language,
        licence=draft.licence,
        source=draft.source,
        duration_s=duration_s,
        frames=sum(heard.frames),
        rate_hz=cast("Literal[44100, 48000]", heard.rate_hz),
        channels=2,
        loudness_lufs=round(loudness.integrated_lufs, 2),
        true_peak_dbtp=round(loudness.true_peak_dbtp, 2),
        phases=phases_of(draft, duration_s),
        parts=tuple(parts),
        style=draft.style,
        breath_a_minute=draft.breath_a_minute,
        contraindications=draft.contraindications,
    )
