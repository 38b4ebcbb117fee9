"""Copies a package out of its source into a fresh folder, and brings it to the disk."""

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from audio.package.consistency import MANIFEST_NAME, SIGNATURE_NAME
from audio.package.durable import flush, not_written
from audio.package.manifest import Part
from audio.package.sources import Source

Progress = Callable[[str, float], None]


def copy_out(source: Source, folder: Path, progress: Progress) -> None:
    """Make `folder` with the manifest, its signature and its parts, readable by all. Raises PackageError, OSError."""
    folder.mkdir()
    total_bytes, done_bytes = source.part_bytes(), 0

    def copied(block_bytes: int) -> None:
        nonlocal done_bytes
        done_bytes += block_bytes
        progress("copying", done_bytes / total_bytes)

    for part in source.manifest.parts:
        _copy(source, part, folder / part.file, copied)
    _write(folder / MANIFEST_NAME, source.manifest_bytes)
    if source.signature_bytes is not None:
        _write(folder / SIGNATURE_NAME, source.signature_bytes)
    folder.chmod(0o755)
    flush(folder)


@contextlib.contextmanager
def as_folder(path: Path, progress: Progress) -> Iterator[Path]:
    """Give the folder that `path` is, or one into which the archive `path` has been copied. Raises PackageError."""
    if path.is_dir() or not path.exists():
        yield path
        return
    with Source(path) as source, tempfile.TemporaryDirectory(prefix="chevet-") as folder:
        try:
            copy_out(source, Path(folder) / source.manifest.id, progress)
        except OSError as error:
            raise not_written(Path(folder), error) from error
        yield Path(folder) / source.manifest.id


def _copy(source: Source, part: Part, target: Path, copied: Callable[[int], None]) -> None:
    with target.open("xb") as opened:
        source.copy(part, opened, copied)
        opened.flush()
        _bring_to_disk(opened.fileno())


def _write(file: Path, content: bytes) -> None:
    with file.open("xb") as opened:
        opened.write(content)
        opened.flush()
        _bring_to_disk(opened.fileno())


def _bring_to_disk(descriptor: int) -> None:
    """Flush, and forget: what is verified next is what the card holds, not what memory remembers."""
    os.fchmod(descriptor, 0o644)
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
