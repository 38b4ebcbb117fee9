"""Verifies that the audio of a package is what its manifest says, before anything is played."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from audio.errors import PackageError
from audio.package.manifest import Manifest, Part
from audio.package.opening import open_regular
from audio.package.reading import Package, read

if TYPE_CHECKING:
    from audio.sound_file import SoundReader

REBUILD = "Install the package again."
TAIL_FRAMES = 4096
SAMPLE_BYTES = 4
FORMS = ("FLAC", "Opus")


def check(path: Path) -> Package:
    """Read the package and verify each part: hash, format, and that its last frames can be decoded.

    Raises PackageError at the first thing that differs.
    """
    package = read(path)
    for part in package.manifest.parts:
        _check_hash(path / part.file, part)
        _check_audio(path / part.file, part, package.manifest)
    return package


def _check_hash(file: Path, part: Part) -> None:
    try:
        with open_regular(file) as opened:
            digest = hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        value = f"{file} ({error.strerror})"
        raise PackageError(
            "part-missing", "A part cannot be read", value=value, allowed="every part", remedy=REBUILD
        ) from error
    if digest != part.sha256:
        raise _differs("part-hash-differs", part, "SHA-256", digest, part.sha256)


def _check_audio(file: Path, part: Part, manifest: Manifest) -> None:
    from audio.sound_file import SoundReader

    with SoundReader(file) as sound:
        _check_format(sound, part, manifest)
        _check_tail(sound, part)


def _check_format(sound: "SoundReader", part: Part, manifest: Manifest) -> None:
    if sound.form not in FORMS:
        raise _differs("part-form", part, "form", sound.form, " or ".join(FORMS))
    if sound.rate_hz != manifest.rate_hz:
        raise _differs("part-rate-differs", part, "rate in Hz", sound.rate_hz, manifest.rate_hz)
    if sound.channels != manifest.channels:
        raise _differs("part-channels-differ", part, "number of channels", sound.channels, manifest.channels)
    if sound.frames != part.frames:
        raise _differs("part-frames-differ", part, "number of frames", sound.frames, part.frames)


def _check_tail(sound: "SoundReader", part: Part) -> None:
    """A truncated FLAC still announces all its frames: only decoding the last ones shows it."""
    frames = min(TAIL_FRAMES, part.frames)
    try:
        sound.seek(part.frames - frames)
        got = len(sound.read(frames)) // (SAMPLE_BYTES * sound.channels)
    except PackageError as error:
        raise _differs("part-truncated", part, "end of the audio", str(error), "decodable to the end") from error
    if got != frames:
        raise _differs("part-truncated", part, "frames at the end", got, frames)


def _differs(code: str, part: Part, what: str, value: object, expected: object) -> PackageError:
    return PackageError(code, f"{part.file} has another {what}", value=value, allowed=str(expected), remedy=REBUILD)
