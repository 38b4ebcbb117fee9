"""Putting a backup back as a clinic of its own: verified whole before anything is written, then under a new ledger.

The new ledger id tells each box at its next hello that this is not the database which acknowledged its reports: it
sends again what is missing here. Boxes keep what was acknowledged for thirty days (as far as their room allows).
"""

import errno
import json
import os
import secrets
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from clinic.home import Home
from clinic.safekeeping import envelope
from clinic.safekeeping.snapshot import put_back as put_back_database
from clinic.safekeeping.taking import DATABASES, FILES, FORMAT, MANIFEST

MANIFEST_BYTES_MAX = 64 * 1024
MODE_MAX = 0o750
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True)
class Whole:
    """What a backup that was read to its end says of itself. `files`: of the home."""

    manifest: dict[str, Any]
    files: int


@contextmanager
def _opened(file: Path, unlock: envelope.Unlock) -> Iterator[tarfile.TarFile]:
    try:
        with file.open("rb") as sealed:
            reading = envelope.Reading(sealed, unlock)
            with tarfile.open(mode="r|", fileobj=reading) as archive:
                yield archive
                while reading.read(envelope.PIECE_BYTES):  # tar stops at its own end: the stream's must be there too
                    pass
    except tarfile.TarError as error:
        raise envelope.EnvelopeError(f"what is inside the backup cannot be read: {error}") from error
    except OSError as error:
        raise envelope.EnvelopeError(f"{file}: {error.strerror or error}") from error


def verify(file: Path, unlock: envelope.Unlock) -> Whole:
    """Read it to its end, and write nothing. Raises EnvelopeError: cut off, altered, or under another lock."""
    manifest: dict[str, Any] = {}
    seen: set[str] = set()
    with _opened(file, unlock) as archive:
        for member in archive:
            _check(member, seen)
            if member.name == MANIFEST:
                manifest = _manifest(archive, member)
    missing = {f"{DATABASES}{name}" for name in manifest.get("databases", {"default": ""})} - seen
    if not manifest or missing or f"{FILES}clinic.toml" not in seen:
        raise envelope.EnvelopeError("the backup is whole, but no clinic's: its manifest, settings or databases lack")
    return Whole(manifest, sum(name.startswith(FILES) for name in seen))


def _check(member: tarfile.TarInfo, seen: set[str]) -> None:
    parts = PurePosixPath(member.name).parts
    inside = member.name == MANIFEST or member.name.startswith((FILES, DATABASES))
    if not member.isreg() or not inside or ".." in parts or "" in parts or member.name.startswith("/"):
        raise envelope.EnvelopeError(f"the backup holds {member.name!r}, which is no file of a clinic's home")
    if member.name in seen:
        raise envelope.EnvelopeError(f"the backup holds {member.name!r} twice")
    seen.add(member.name)


def _manifest(archive: tarfile.TarFile, member: tarfile.TarInfo) -> dict[str, Any]:
    held = archive.extractfile(member)
    if held is None or member.size > MANIFEST_BYTES_MAX:
        raise envelope.EnvelopeError("the backup's manifest cannot be read")
    try:
        told: dict[str, Any] = json.loads(held.read())
    except ValueError as error:
        raise envelope.EnvelopeError("the backup's manifest cannot be read") from error
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise envelope.EnvelopeError(f"a backup of another format than {FORMAT}: use the Chevet that took it")
    return told


Settle = Callable[[Home, dict[str, Path], dict[str, str]], None]
"""(the new folder, still under another name; the databases' files; their kinds, by the manifest)."""


def put_back(file: Path, unlock: envelope.Unlock, home: Path, settle: Settle) -> Whole:
    """Make `home` from the backup; `settle` puts its databases where they belong.

    Raises ClinicError; then there is no `home`.
    """
    if home.exists() and (not home.is_dir() or any(home.iterdir())):
        raise envelope.EnvelopeError(f"{home} is there already: give a new folder, a clinic is never overwritten")
    whole = verify(file, unlock)
    parent = home.absolute().parent
    parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f".{home.name}-", dir=parent))
    try:
        databases = _extract(file, unlock, building)
        settle(Home(building / "home"), databases, whole.manifest["databases"])
        if home.exists():
            home.rmdir()
        (building / "home").rename(home)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return whole


def _extract(file: Path, unlock: envelope.Unlock, building: Path) -> dict[str, Path]:
    databases: dict[str, Path] = {}
    with _opened(file, unlock) as archive:
        for member in archive:
            _check(member, set())
            if member.name == MANIFEST:
                continue
            path = building / member.name
            path.parent.mkdir(mode=MODE_MAX, parents=True, exist_ok=True)
            _write(archive, member, path, building.parent)
            if member.name.startswith(DATABASES):
                databases[path.name] = path
    return databases


def _write(archive: tarfile.TarFile, member: tarfile.TarInfo, path: Path, parent: Path) -> None:
    held = archive.extractfile(member)
    if held is None:
        raise envelope.EnvelopeError(f"the backup holds {member.name!r}, which is no file")
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, member.mode & MODE_MAX)
    try:
        with os.fdopen(descriptor, "wb") as to:
            shutil.copyfileobj(held, to)
            to.flush()
            os.fsync(to.fileno())
    except OSError as error:
        if error.errno not in NO_ROOM:
            raise
        words = f"{parent}: {error.strerror}; nothing is put back: give a --home on a disk that has room for all of it"
        raise envelope.EnvelopeError(words) from error


def settle_databases(settings: dict[str, dict[str, Any]], kinds: dict[str, str], files: dict[str, Path]) -> None:
    for name, place in settings.items():
        put_back_database(place, kinds[name], files[name])


def begin_a_new_ledger() -> str:
    """Within the restored database: its new id. Who was signed in when it was taken is signed in no more."""
    from clinic.console.models import SignedInSession
    from clinic.results.models import LedgerHead

    ledger = secrets.token_hex(8)
    LedgerHead.objects.filter(pk=1).update(ledger=ledger)
    SignedInSession.objects.all().delete()
    return ledger
