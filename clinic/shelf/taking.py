"""Taking a package in: copied and verified whole, listened to, signed by the clinic, packed, and named by its hash."""

import datetime as dt
import hashlib
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import transaction

from audio.errors import AudioError
from audio.package import Package as AudioPackage
from clinic.clock import now_ms
from clinic.errors import RecordError
from clinic.home import Home
from clinic.shelf.models import Package
from mqtt_bridge.contract.packages import ARCHIVE_BYTES_MAX, SYSTEM

Progress = Callable[[str, float], None]
"""(step, fraction done)"""


def _silent(_step: str, _fraction: float) -> None:
    """Who does not watch."""


def take(home: Home, clinic: str, path: Path, progress: Progress = _silent) -> tuple[Package, bool]:
    """The package at `path` (a folder or an archive), and whether it is new on the shelf. Raises RecordError."""
    home.archives.mkdir(mode=0o750, parents=True, exist_ok=True)
    try:
        known = _known(home, path)
        if known is not None:
            return known, False
        with TemporaryDirectory(dir=home.shelf, prefix=".taking-") as work:
            return _take(home, clinic, path, Path(work), progress), True
    except AudioError as error:
        raise RecordError(f"{error} [{error.code}]") from error


def _known(home: Home, path: Path) -> Package | None:
    """One of this very manifest, whose archive is still there, whole."""
    from audio.package.sources import Source

    with Source(path) as source:
        known = Package.objects.filter(fingerprint=source.fingerprint).first()
    if known is None or known.contraindications is None:
        return None
    archive = home.archives / f"{known.archive}.chevet"
    return known if archive.exists() and hash_of(archive) == known.archive else None


def _take(home: Home, clinic: str, path: Path, work: Path, progress: Progress) -> Package:
    from audio.package.durable import flush
    from audio.package.installing import install
    from audio.package.packing import pack
    from audio.package.signing import sign_package

    today = dt.datetime.now(dt.UTC).date()
    verified = install(path, work / "packages", None, today=today, progress=progress).package
    if verified.manifest.id == SYSTEM:
        raise RecordError(f"{path}: {SYSTEM} is the name of the boxes' own system: call the package otherwise")
    sign_package(verified.path, home.clinic_keys, clinic, today, None, progress)
    packed = work / "whole.chevet"
    pack(verified.path, packed, progress)
    archive, size_bytes = hash_of(packed), packed.stat().st_size
    if size_bytes > ARCHIVE_BYTES_MAX:
        raise RecordError(f"{path}: an archive of {size_bytes} bytes; boxes take at most {ARCHIVE_BYTES_MAX}")
    with transaction.atomic():
        row = _row(verified, archive, size_bytes)
        packed.rename(home.archives / f"{archive}.chevet")
        flush(home.archives)
    return row


def _row(package: AudioPackage, archive: str, size_bytes: int) -> Package:
    told = package.manifest
    row, _ = Package.objects.update_or_create(
        fingerprint=package.fingerprint,
        defaults={
            "package": told.id,
            "version": told.version,
            "title": told.title,
            "kind": told.kind,
            "language": told.language,
            "duration_s": told.duration_s,
            "style": told.style or "",
            "contraindications": None if told.contraindications is None else list(told.contraindications),
            "archive": archive,
            "size_bytes": size_bytes,
            "added_ms": now_ms(),
        },
    )
    return row


def hash_of(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
