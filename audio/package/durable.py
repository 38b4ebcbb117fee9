"""Writes that are whole after a power cut, or not there."""

import os
from pathlib import Path

from audio.errors import PackageError


def write_durably(file: Path, content: bytes) -> None:
    """Replace `file` at once. Raises PackageError (not-written)."""
    fresh = file.with_name(f".{file.name}.new")
    try:
        fresh.write_bytes(content)
        flush(fresh)
        fresh.replace(file)
        flush(file.parent)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        raise not_written(file, error) from error


def flush(path: Path) -> None:
    """Bring a file or a folder to the disk. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def not_written(path: Path, error: OSError) -> PackageError:
    """Return what an OSError means to a person."""
    return PackageError(
        "not-written",
        "The package cannot be written",
        value=f"{path}: {error.strerror}",
        allowed="a folder that may be written, on a disk with room",
        remedy="Make room, or look at the disk and the rights of the folder.",
    )
