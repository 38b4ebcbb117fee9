"""Takes packages into the box's folder and out of it: whole or not at all, whatever happens meanwhile.

What comes in is copied and verified in a folder of its own, brought to the disk, and gets its name at one instant. A
crash leaves the old package or the new one; what else it leaves is swept by the next run.
"""

import contextlib
import datetime as dt
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import msgspec

from audio.errors import PackageError, PackageInUse
from audio.package.checking import check
from audio.package.copying import copy_out
from audio.package.durable import flush, not_written
from audio.package.holding import alone
from audio.package.listening import decode_whole, listen
from audio.package.manifest import IDENTIFIER
from audio.package.placing import put_in_place
from audio.package.reading import Package, read
from audio.package.signature import missing, verify
from audio.package.signing import fit_to_travel
from audio.package.sources import Source

STAGING = ".staging"
ROOM_LEFT_BYTES = 64 << 20  # what the box keeps for a session's own data
Outcome = Literal["installed", "replaced", "already"]
Progress = Callable[[str, float], None]


class Installed(msgspec.Struct, frozen=True):
    """How it ended; `clinic` signed it, None when no signature was asked for."""

    outcome: Outcome
    package: Package
    clinic: str | None


def install(
    path: Path,
    into: Path,
    clinic_key: Path | None,
    *,
    today: dt.date,
    progress: Progress,
    room_left_bytes: int = ROOM_LEFT_BYTES,
) -> Installed:
    """Install the package at `path` (folder or archive) as `into`/<id>; `clinic_key` None takes an unsigned one.

    Who signed has measured the loudness, from which levels and doses are reckoned; an unsigned one is measured here.
    Raises PackageInUse (try later), SignatureError, KeyFileError, PackageError.
    """
    with Source(path) as source:
        clinic = _signed_by(source, clinic_key, today)
        fit_to_travel(source.manifest)
        with _only_one(into), _told_as_errors(into):
            standing = _standing(into / source.manifest.id, source)
            if standing is not None and standing.outcome == "already":
                return Installed("already", standing.package, clinic)
            if standing is not None:
                with alone(standing.package.path):
                    pass  # asked before the work, and again after it
            _room(source, into, room_left_bytes)
            hear = decode_whole if clinic_key else listen  # nobody has listened to an unsigned one yet
            watched = _while_there_is_room(into, room_left_bytes // 2, progress)
            staged = _staged(source, into / STAGING, hear, watched)
            return Installed(put_in_place(staged, into / source.manifest.id), read(into / source.manifest.id), clinic)


def remove(identifier: str, folder: Path) -> None:
    """Remove the package `folder`/<identifier>. Raises PackageInUse (try later), PackageError."""
    if not IDENTIFIER.match(identifier) or not (folder / identifier).is_dir():
        raise PackageError(
            "not-installed",
            "No such package is installed",
            value=identifier,
            allowed=f"a package in {folder}",
            remedy="Look at `chevet-audio list`.",
        )
    with _only_one(folder), _told_as_errors(folder), alone(folder / identifier):
        (folder / STAGING).mkdir()
        (folder / identifier).rename(folder / STAGING / "removed")
        flush(folder)


class _Standing(msgspec.Struct, frozen=True):
    """What stands where the new one goes."""

    outcome: Literal["replaced", "already"]
    package: Package


def _signed_by(source: Source, clinic_key: Path | None, today: dt.date) -> str | None:
    if clinic_key is None:
        return None
    if source.signature_bytes is None:
        raise missing(source.path)
    return verify(source.manifest_bytes, source.signature_bytes, clinic_key, today).clinic


@contextlib.contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """One installation at a time; what a killed one left is swept before and after."""
    descriptor = _locked(folder)
    try:
        _sweep(folder)
        yield
    finally:
        _sweep(folder)
        os.close(descriptor)


def _locked(folder: Path) -> int:
    with _told_as_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise PackageInUse(
            "install-under-way",
            "Another package is being installed or removed",
            value=folder,
            allowed="one at a time",
            remedy="Try again when it has ended.",
        ) from error
    return descriptor


def _sweep(folder: Path) -> None:
    shutil.rmtree(folder / STAGING, ignore_errors=True)


def _standing(target: Path, source: Source) -> _Standing | None:
    """Return what the new one replaces, None when nothing whole is there. Raises PackageError for what is newer."""
    try:
        installed = read(target)
    except PackageError:
        return None
    ours, theirs = source.manifest.version_numbers, installed.manifest.version_numbers
    if ours < theirs:
        raise _refused("older", source.manifest.version, f"{installed.manifest.version} or newer")
    if ours > theirs or not _whole(target):
        return _Standing("replaced", installed)
    if installed.fingerprint != source.fingerprint:
        raise _refused("same-version-other-content", source.manifest.version, "a newer version for another content")
    return _Standing("already", installed)


def _whole(target: Path) -> bool:
    try:
        check(target)
    except PackageError:
        return False
    return True


def _refused(code: str, value: str, allowed: str) -> PackageError:
    what = "The box has another version of this package"
    return PackageError(f"version-{code}", what, value=value, allowed=allowed, remedy="Nothing needs to be done.")


def _room(source: Source, into: Path, room_left_bytes: int) -> None:
    free = os.statvfs(into)
    free_bytes = free.f_bavail * free.f_frsize
    needed_bytes = source.part_bytes() + len(source.manifest_bytes) + room_left_bytes
    if free_bytes < needed_bytes:
        raise _no_room(free_bytes, f"{needed_bytes // 1_000_000 + 1} MB, of which {room_left_bytes // 1_000_000} MB")


def _while_there_is_room(into: Path, left_bytes: int, progress: Progress) -> Progress:
    """Others fill the disk meanwhile: looked at again at each block, so that what is the records' stays theirs.

    The link may take the last blocks of a box's card, for its database; who installs for it could, too.
    """

    def watched(words: str, done: float) -> None:
        free = os.statvfs(into)
        free_bytes = free.f_bavail * free.f_frsize
        if free_bytes < left_bytes:
            raise _no_room(free_bytes, f"{left_bytes // 1_000_000} MB")
        progress(words, done)

    return watched


def _no_room(free_bytes: int, allowed: str) -> PackageError:
    return PackageError(
        "no-room",
        "There is not enough room for this package",
        value=f"{free_bytes // 1_000_000} MB free",
        allowed=f"{allowed} stay free",
        remedy="Remove packages that nobody plays: `chevet-audio remove`.",
    )


def _staged(source: Source, staging: Path, hear: Callable[[Package, Progress], None], progress: Progress) -> Path:
    """Copy into the staging folder, verify every byte there, and bring it to the disk."""
    staging.mkdir()
    staged = staging / "package"
    copy_out(source, staged, progress)
    hear(check(staged), progress)
    flush(staging)
    return staged


@contextlib.contextmanager
def _told_as_errors(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise not_written(folder, error) from error
