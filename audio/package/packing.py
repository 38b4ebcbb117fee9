"""Writes the archive form of a package; the same package gives the same bytes."""

import contextlib
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

from audio.errors import PackageError
from audio.package.checking import check
from audio.package.consistency import MANIFEST_NAME, SIGNATURE_NAME
from audio.package.durable import flush, not_written
from audio.package.reading import Package

ARCHIVE_BYTES_MAX = (1 << 32) - (1 << 20)  # below what a zip of before zip64 holds
EPOCH = (1980, 1, 1, 0, 0, 0)  # zip's first date: when it was packed is nobody's business
REGULAR_0644 = 0o100644 << 16
UNIX = 3
Progress = Callable[[str, float], None]


def pack(path: Path, file: Path, progress: Progress) -> Package:
    """Check the package in the folder `path` and write it to `file`, whole or not at all. Raises PackageError."""
    package = check(path)
    names = _names(package)
    _not_too_large(package, names)
    fresh = file.with_name(f".{file.name}.new")
    try:
        _write(path, names, fresh, progress)
        flush(fresh)
        fresh.replace(file)
        flush(file.absolute().parent)
    except OSError as error:
        raise not_written(file, error) from error
    finally:
        with contextlib.suppress(OSError):
            fresh.unlink(missing_ok=True)
    return package


def _names(package: Package) -> list[str]:
    signed = [SIGNATURE_NAME] if (package.path / SIGNATURE_NAME).is_file() else []
    return [MANIFEST_NAME, *signed, *[part.file for part in package.manifest.parts]]


def _write(path: Path, names: list[str], fresh: Path, progress: Progress) -> None:
    with zipfile.ZipFile(fresh, "w", zipfile.ZIP_STORED, allowZip64=False) as archive:
        for number, name in enumerate(names):
            progress("packing", number / len(names))
            with (path / name).open("rb") as source, archive.open(_entry(path / name), "w") as target:
                shutil.copyfileobj(source, target, 1 << 20)
    progress("packing", 1.0)


def _entry(file: Path) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(file.name, EPOCH)
    entry.create_system, entry.external_attr, entry.file_size = UNIX, REGULAR_0644, file.stat().st_size
    return entry


def _not_too_large(package: Package, names: list[str]) -> None:
    size = sum((package.path / name).stat().st_size for name in names)
    if size > ARCHIVE_BYTES_MAX:
        raise PackageError(
            "archive-too-large",
            "The package is too large for one archive",
            value=f"{size} bytes",
            allowed=f"at most {ARCHIVE_BYTES_MAX}",
            remedy="Make two packages of it.",
        )
