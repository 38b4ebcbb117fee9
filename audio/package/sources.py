"""Where a package comes from: a folder or an archive, both hostile until shown otherwise."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from audio.errors import PackageError
from audio.package.archive import Archive
from audio.package.consistency import MANIFEST_NAME, SIGNATURE_NAME
from audio.package.manifest import Manifest, Part
from audio.package.opening import open_regular
from audio.package.reading import MANIFEST_BYTES_MAX, manifest_bytes, parse
from audio.package.signature import SIGNATURE_BYTES_MAX

SAMPLE_BYTES_MAX = 4
HEADER_BYTES_MAX = 1 << 20
BLOCK_BYTES = 1 << 20


class Source:
    """A package to be taken in. Its manifest is read and agrees with itself; nothing is verified yet."""

    def __init__(self, path: Path) -> None:
        """Open a folder or an archive. Raises PackageError."""
        self.path = path
        self._archive = None if path.is_dir() else Archive(path)
        try:
            self.manifest_bytes = self._small(MANIFEST_NAME, MANIFEST_BYTES_MAX)
            self.signature_bytes = self._signature()
            self.manifest: Manifest = parse(self.manifest_bytes, path)
            self._holds_what_it_names()
        except OSError as error:  # a stick that was pulled out
            self.close()
            raise _unfit(path, error.strerror or str(error), "a disk that can be read") from error
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if self._archive is not None:
            self._archive.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def fingerprint(self) -> str:
        """The SHA-256 of the manifest's bytes."""
        return hashlib.sha256(self.manifest_bytes).hexdigest()

    def part_bytes(self) -> int:
        """Return how many bytes all parts have together. Raises PackageError."""
        return sum(self._size(part) for part in self.manifest.parts)

    def copy(self, part: Part, target: BinaryIO, copied: Callable[[int], None]) -> None:
        """Copy a part, telling each block's size. Raises PackageError, and OSError when `target` cannot be written."""
        left = self._size(part)
        opened = self._open(part.file)
        try:
            while left:
                block = self._block(opened, part, min(left, BLOCK_BYTES))
                target.write(block)
                left -= len(block)
                copied(len(block))
        finally:
            if self._archive is None:
                opened.close()

    def _block(self, opened: BinaryIO, part: Part, size: int) -> bytes:
        try:
            block = opened.read(size)
        except OSError as error:
            raise _unfit(self.path, f"{part.file}: {error.strerror}", "a disk that can be read") from error
        if not block:
            raise _unfit(self.path, f"{part.file} ends too early", "as long as it was")
        return block

    def _signature(self) -> bytes | None:
        if self._archive is None:
            there = (self.path / SIGNATURE_NAME).exists()
        else:
            there = SIGNATURE_NAME in self._archive.members
        return self._small(SIGNATURE_NAME, SIGNATURE_BYTES_MAX) if there else None

    def _small(self, name: str, bytes_max: int) -> bytes:
        if self._archive is not None:
            if name not in self._archive.members:
                raise _unfit(self.path, f"no {name}", "a package")
            return self._archive.read(name, bytes_max)
        if name == MANIFEST_NAME:
            return manifest_bytes(self.path)
        with self._open(name) as opened:
            return opened.read(bytes_max + 1)

    def _open(self, name: str) -> BinaryIO:
        if self._archive is not None:
            return self._archive.open(name)
        try:
            return open_regular(self.path / name, follow=False)
        except OSError as error:
            raise _unfit(self.path, f"{name}: {error.strerror or error}", "every part, a file and no link") from error

    def _size(self, part: Part) -> int:
        """No part is larger than its frames could be uncompressed, headers and pictures included."""
        if self._archive is not None:
            size = self._archive.members[part.file].size
        else:
            with self._open(part.file) as opened:
                size = opened.seek(0, 2)
        bytes_max = part.frames * self.manifest.channels * SAMPLE_BYTES_MAX + HEADER_BYTES_MAX
        if size > bytes_max:
            raise _unfit(self.path, f"{part.file} has {size} bytes", f"at most {bytes_max} for its frames")
        return size

    def _holds_what_it_names(self) -> None:
        """In an archive nothing else travels; a folder may hold more, which is left behind."""
        if self._archive is None:
            return
        named = {MANIFEST_NAME, *(part.file for part in self.manifest.parts)}
        there = set(self._archive.members) - {SIGNATURE_NAME}
        if named != there:
            raise _unfit(self.path, ", ".join(sorted(named ^ there)), "the manifest and the parts that it names")


def _unfit(path: Path, value: str, allowed: str) -> PackageError:
    return PackageError(
        "package-incomplete",
        "The package does not hold what it should",
        value=f"{path}: {value}",
        allowed=allowed,
        remedy="Fetch it again, or ask for another copy.",
    )
