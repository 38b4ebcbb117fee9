"""Small session packages for tests, made in a moment."""

import hashlib
import random
from pathlib import Path
from typing import Literal

import msgspec

from audio.package import MANIFEST_NAME, Manifest, Part, Phase, read, to_toml
from audio.player.gain import narrow, scale
from audio.sound_file import SoundReader, write_flac

NOISE_FACTOR = {1: 0.0854, 2: 0.0604}  # white noise at -23 LUFS, as the manifest says
CONSTANT = (8192).to_bytes(2, "little", signed=True)


def make_package(
    folder: Path,
    seconds: float = 2.0,
    *,
    sound: Literal["noise", "constant"] = "noise",
    rate_hz: Literal[44100, 48000] = 48_000,
    channels: Literal[1, 2] = 2,
    part_count: int = 1,
) -> Path:
    """Make a whole package of noise, or of one constant value (where each step of the level can be seen)."""
    folder.mkdir(parents=True)
    frames = round(seconds * rate_hz / part_count)
    parts = []
    for number in range(part_count):
        samples = frames * channels
        data = CONSTANT * samples if sound == "constant" else _noise(samples, NOISE_FACTOR[channels], number)
        file = folder / f"part{number}.flac"
        write_flac(file, data, rate_hz, channels)
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        parts.append(Part(file=file.name, sha256=digest, frames=frames, licence="CC0-1.0", source="made by a test"))
    write_manifest(folder, _manifest(parts, rate_hz, channels))
    return folder


def make_long_package(folder: Path, seconds: int) -> Path:
    """Make a package of `seconds` whose parts are one minute of noise, again and again; made in a moment."""
    make_package(folder, 60.0)
    minute = read(folder).manifest.parts[0]
    parts = []
    for number in range(seconds // 60):
        file = f"minute{number:03}.flac"
        (folder / file).hardlink_to(folder / minute.file)
        parts.append(msgspec.structs.replace(minute, file=file))
    (folder / minute.file).unlink()
    write_manifest(folder, _manifest(parts, 48_000, 2))
    return folder


def write_manifest(folder: Path, manifest: Manifest) -> None:
    (folder / MANIFEST_NAME).write_text(to_toml(manifest), encoding="utf-8")


def decoded(folder: Path) -> bytes:
    """Return the whole package as S32_LE, as it must come out of the device."""
    whole = []
    for file in sorted(folder.glob("*.flac")):
        with SoundReader(file) as sound:
            whole.append(sound.read(sound.frames))
    return b"".join(whole)


def _noise(samples: int, factor: float, seed: int) -> bytes:
    whole = random.Random(seed).randbytes(4 * samples)  # noqa: S311 - the same each time
    return narrow(scale(whole, factor))


def _manifest(parts: list[Part], rate_hz: Literal[44100, 48000], channels: Literal[1, 2]) -> Manifest:
    frames = sum(part.frames for part in parts)
    duration_s = frames / rate_hz
    return Manifest(
        id="test",
        version="1.0",
        title="Essai “à l’oreille” \\",
        kind="relaxation",
        language="zxx",
        licence="CC0-1.0",
        source="made by a test",
        duration_s=duration_s,
        frames=frames,
        rate_hz=rate_hz,
        channels=channels,
        loudness_lufs=-23.0,
        true_peak_dbtp=-1.0,
        phases=(Phase(name="Tout", start_s=0.0, end_s=duration_s),),
        parts=tuple(parts),
        contraindications=(),
    )
