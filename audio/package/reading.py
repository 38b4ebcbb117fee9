"""Reads `manifest.toml` and refuses one that contradicts itself or points outside its folder."""

import hashlib
import tomllib
from pathlib import Path

import msgspec

from audio.errors import PackageError
from audio.package.manifest import Manifest

MANIFEST_NAME = "manifest.toml"
MANIFEST_BYTES_MAX = 1 << 20
DURATION_TOLERANCE_S = 0.01


class Package(msgspec.Struct, frozen=True):
    """A package whose manifest has been read. `fingerprint` is the SHA-256 of the manifest's bytes."""

    path: Path
    manifest: Manifest
    fingerprint: str

    def part_paths(self) -> list[Path]:
        return [self.path / part.file for part in self.manifest.parts]


def read(path: Path) -> Package:
    """Read the package's manifest; its audio is not opened. Raises PackageError."""
    raw = _manifest_bytes(path)
    manifest = _parse(raw, path)
    _consistent(manifest, path)
    for part in manifest.parts:
        _stays_inside(path, part.file)
    return Package(path, manifest, hashlib.sha256(raw).hexdigest())


def _manifest_bytes(path: Path) -> bytes:
    file = path / MANIFEST_NAME
    try:
        with file.open("rb") as opened:
            raw = opened.read(MANIFEST_BYTES_MAX + 1)
    except OSError as error:
        raise PackageError(
            "manifest-missing",
            "The package has no manifest that can be read",
            value=f"{file} ({error.strerror})",
            allowed=f"a folder with {MANIFEST_NAME}",
            remedy="Give the package's folder, or install the package again.",
        ) from error
    if len(raw) > MANIFEST_BYTES_MAX:
        raise PackageError(
            "manifest-too-large",
            "The manifest is too large",
            value=file,
            allowed=f"at most {MANIFEST_BYTES_MAX} bytes",
            remedy="Build the package again.",
        )
    return raw


def _parse(raw: bytes, path: Path) -> Manifest:
    try:
        table = tomllib.loads(raw.decode())
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise PackageError(
            "manifest-unreadable",
            "The manifest is not TOML",
            value=f"{path / MANIFEST_NAME}: {error}",
            allowed="UTF-8 TOML",
            remedy="Install the package again.",
        ) from error
    try:
        return msgspec.convert(table, Manifest)
    except msgspec.ValidationError as error:
        raise PackageError(
            "manifest-invalid",
            "The manifest has a missing, unknown or wrong field",
            value=error,
            allowed="the fields of audio/package/manifest.py",
            remedy="Correct the manifest and build the package again.",
        ) from error


def _consistent(manifest: Manifest, path: Path) -> None:
    _same(path, "frames of all parts together", sum(part.frames for part in manifest.parts), manifest.frames)
    from_frames_s = manifest.frames / manifest.rate_hz
    if abs(from_frames_s - manifest.duration_s) > DURATION_TOLERANCE_S:
        _same(path, "duration_s", manifest.duration_s, round(from_frames_s, 3))
    for phase in manifest.phases:
        if not phase.start_s < phase.end_s <= manifest.duration_s + DURATION_TOLERANCE_S:
            within = f"start before end, inside 0 to {manifest.duration_s} s"
            _same(path, f"times of the phase “{phase.name}”", f"{phase.start_s} to {phase.end_s} s", within)


def _same(path: Path, what: str, value: object, expected: object) -> None:
    if value != expected:
        raise PackageError(
            "manifest-inconsistent",
            f"The manifest of {path.name} contradicts itself on {what}",
            value=value,
            allowed=str(expected),
            remedy="Build the package again.",
        )


def _stays_inside(path: Path, file: str) -> None:
    root = path.resolve()
    if "\0" in file or not (root / file).resolve().is_relative_to(root):
        raise PackageError(
            "part-escapes",
            "A part lies outside its package",
            value=repr(file),
            allowed=f"a file inside {path}",
            remedy="Do not play this package; ask where it comes from.",
        )
