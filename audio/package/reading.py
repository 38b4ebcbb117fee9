"""Reads `manifest.toml` and refuses one that contradicts itself or points outside its folder."""

import hashlib
import tomllib
from pathlib import Path

import msgspec

from audio.errors import PackageError
from audio.package.consistency import MANIFEST_NAME, agrees_with_itself, stays_inside
from audio.package.manifest import Manifest
from audio.package.opening import open_regular

MANIFEST_BYTES_MAX = 1 << 20


class Package(msgspec.Struct, frozen=True):
    """A package whose manifest has been read. `fingerprint` is the SHA-256 of the manifest's bytes."""

    path: Path
    manifest: Manifest
    fingerprint: str

    def part_paths(self) -> list[Path]:
        return [self.path / part.file for part in self.manifest.parts]


def read(path: Path) -> Package:
    """Read the package's manifest; its audio is not opened. Raises PackageError."""
    raw = manifest_bytes(path)
    manifest = parse(raw, path)
    for part in manifest.parts:
        stays_inside(path, part.file)
    return Package(path, manifest, hashlib.sha256(raw).hexdigest())


def parse(raw: bytes, path: Path) -> Manifest:
    """Return the manifest that these bytes hold; `path` is where they come from. Raises PackageError."""
    manifest = _converted(_table(raw, path))
    agrees_with_itself(manifest, path)
    return manifest


def manifest_bytes(path: Path) -> bytes:
    """Return the bytes of the manifest in the folder `path`. Raises PackageError."""
    file = path / MANIFEST_NAME
    try:
        with open_regular(file) as opened:
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


def _table(raw: bytes, path: Path) -> dict[str, object]:
    try:
        return tomllib.loads(raw.decode())
    except (ValueError, RecursionError) as error:  # ValueError: not UTF-8, not TOML, or a number of thousands of digits
        raise PackageError(
            "manifest-unreadable",
            "The manifest is not TOML",
            value=f"{path}: {error}",
            allowed="UTF-8 TOML",
            remedy="Install the package again.",
        ) from error


def _converted(table: dict[str, object]) -> Manifest:
    try:
        return msgspec.convert(table, Manifest)
    except msgspec.ValidationError as error:
        raise PackageError(
            "manifest-invalid",
            "The manifest has a missing, unknown or wrong field",
            value=error,
            allowed="the fields of audio/package/manifest.py",
            remedy="Correct the manifest and build the package again, or bring this Chevet up to date.",
        ) from error
