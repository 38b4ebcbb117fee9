"""Taking a backup: the home's files and both databases, in one encrypted file, while everything runs."""

import io
import json
import os
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clinic.errors import ClinicError
from clinic.home import Home
from clinic.safekeeping import envelope
from clinic.safekeeping.snapshot import kind_of, snapshot

FORMAT = 1
MANIFEST, FILES, DATABASES = "manifest.json", "home/", "databases/"
LEFT_OUT = ("*.bell", "*.db", "*.db-*", "place-*", ".backup-*", "*.partial")
"""Sockets, databases (which are copied otherwise), locks, and what a backup that was cut off left behind."""


@dataclass(frozen=True)
class Taken:
    """`archives`: session packages whose archives are not in it; their index is."""

    size_bytes: int
    files: int
    archives: int


def take(
    home: Home,
    databases: dict[str, dict[str, Any]],
    told: dict[str, Any],
    to: Path,
    sealing: tuple[envelope.Lock, bytes],
    *,
    with_packages: bool = False,
) -> Taken:
    """Write the backup to `to`, whole or not at all. told: what its manifest says besides. Raises ClinicError."""
    if to.absolute().is_relative_to(home.folder.absolute()):
        raise envelope.EnvelopeError(
            f"{to} is inside the clinic's home, and would be lost with it: give another folder"
        )
    if to.exists():
        raise envelope.EnvelopeError(f"{to} is there already: give a new name, a backup overwrites nothing")
    partial = to.with_name(f"{to.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        files = _write(home, databases, told, partial, sealing, with_packages=with_packages)
        size_bytes = partial.stat().st_size
        partial.rename(to)
        _settle(to.parent)
    except OSError as error:
        raise ClinicError(f"the backup could not be written: {error.strerror}; nothing of it is kept") from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
    left_out = 0 if with_packages else sum(1 for _ in home.archives.glob("*.chevet"))
    return Taken(size_bytes, files, left_out)


def _settle(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write(
    home: Home,
    databases: dict[str, dict[str, Any]],
    told: dict[str, Any],
    to: Path,
    sealing: tuple[envelope.Lock, bytes],
    *,
    with_packages: bool,
) -> int:
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=home.folder) as near, envelope.create(to) as file:
        stream = envelope.Writing(file, *sealing)
        with tarfile.open(mode="w|", fileobj=stream, format=tarfile.PAX_FORMAT) as archive:
            kinds = {name: kind_of(settings) for name, settings in databases.items()}
            _add_bytes(archive, MANIFEST, json.dumps({"format": FORMAT, "databases": kinds, **told}).encode())
            for name, settings in databases.items():  # the record first: the trail may know more, never less
                copy = Path(near) / name
                snapshot(settings, copy)
                archive.add(copy, f"{DATABASES}{name}", recursive=False, filter=_plain)
                copy.unlink()
            files = 0
            for path in sorted(_files(home, with_packages=with_packages)):
                archive.add(path, f"{FILES}{path.relative_to(home.folder)}", recursive=False, filter=_plain)
                files += 1
        stream.finish()
        file.flush()
        os.fsync(file.fileno())
    return files


def _files(home: Home, *, with_packages: bool) -> Iterator[Path]:
    for path in home.folder.rglob("*"):
        parts = path.relative_to(home.folder)
        if path.is_symlink() or not path.is_file() or any(one.startswith(".backup-") for one in parts.parts):
            continue
        if any(path.match(pattern) for pattern in LEFT_OUT):
            continue
        if with_packages or not path.is_relative_to(home.archives):
            yield path


def _plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """Who owned it on this machine is nobody's business on another."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def _add_bytes(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    archive.addfile(member, io.BytesIO(content))
