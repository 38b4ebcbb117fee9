"""What stands in a box's folder of packages."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from audio.errors import PackageError, PackageInUse
from audio.package.holding import alone
from audio.package.reading import read
from audio.package.signature import read_signature, signature_bytes
from audio.package.sources import Source


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One folder; `error` is the code of what is wrong with it, and then the rest is not known.

    `clinic` says who signed, which is not verified here.
    """

    id: str
    version: str | None = None
    title: str | None = None
    kind: str | None = None
    style: str | None = None
    duration_s: float | None = None
    fingerprint: str | None = None
    size_bytes: int | None = None
    clinic: str | None = None
    in_use: bool = False
    error: str | None = None


def entries(folder: Path) -> Iterator[Entry]:
    """Give each package in the folder, by its id; audio is not verified. Raises PackageError."""
    try:
        found = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    except OSError as error:
        raise PackageError(
            "no-folder",
            "The folder of packages cannot be read",
            value=f"{folder}: {error.strerror}",
            allowed="a folder whose folders are packages",
            remedy="Give the folder that --into had.",
        ) from error
    yield from map(_entry, found)


def clinic_of(path: Path) -> str | None:
    """Return which clinic says that it signed this package (folder or archive), None when nothing readable says so."""
    try:
        return read_signature(_signature_of(path)).clinic
    except PackageError:
        return None


def _signature_of(path: Path) -> bytes:
    if path.is_dir():
        return signature_bytes(path)
    with Source(path) as source:
        return source.signature_bytes or b""


def size_bytes(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    return sum(file.stat().st_size for file in path.iterdir() if file.is_file())


def _entry(path: Path) -> Entry:
    try:
        return _known(path)
    except PackageError as error:
        return Entry(id=_shown(path.name), error=error.code)
    except OSError:  # replaced while it was looked at
        return Entry(id=_shown(path.name), error="changing")


def _shown(name: str) -> str:
    """A folder's name as a terminal and JSON can carry it: whatever is no character of ASCII is escaped."""
    return ascii(name)[1:-1]


def _known(path: Path) -> Entry:
    package = read(path)
    manifest = package.manifest
    return Entry(
        id=_shown(path.name),
        version=manifest.version,
        title=manifest.title,
        kind=manifest.kind,
        style=manifest.style,
        duration_s=manifest.duration_s,
        fingerprint=package.fingerprint,
        size_bytes=size_bytes(path),
        clinic=clinic_of(path),
        in_use=_in_use(path),
    )


def _in_use(path: Path) -> bool:
    try:
        with alone(path):
            return False
    except PackageInUse:
        return True
    except PackageError:
        return False
