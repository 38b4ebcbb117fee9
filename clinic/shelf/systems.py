"""Updates of the boxes' system on the shelf: verified as this clinic's, then packages of a kind of their own."""

import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import transaction

from clinic.clock import now_ms
from clinic.errors import RecordError
from clinic.home import Home
from clinic.shelf.bundling import COMPATIBLE, VERSION
from clinic.shelf.models import Package
from clinic.shelf.taking import hash_of
from mqtt_bridge.contract.packages import ARCHIVE_BYTES_MAX, SYSTEM, system_fingerprint

_CONF = f"""\
[system]
compatible={COMPATIBLE}
bootloader=noop

[keyring]
path={{authority}}
check-purpose=codesign
"""
"""As a box asks: of this authority, by a pair that may sign code."""
KIND = "system"
"""Of a package that is no care: no plan can name it."""


def take_system(home: Home, file: Path) -> tuple[Package, bool]:
    """The update in this file, and whether it is new on the shelf. Raises RecordError."""
    version = _version(home, file)
    archive, size_bytes = hash_of(file), file.stat().st_size
    if size_bytes > ARCHIVE_BYTES_MAX:
        raise RecordError(f"{file}: {size_bytes} bytes; boxes take at most {ARCHIVE_BYTES_MAX}")
    known = Package.objects.filter(fingerprint=system_fingerprint(version)).first()
    if known is not None and known.archive == archive and (home.archives / f"{archive}.chevet").exists():
        return known, False
    if known is not None and known.archive != archive:
        raise RecordError(f"version {version} is on the shelf with other content: give the image a newer version")
    home.archives.mkdir(mode=0o750, parents=True, exist_ok=True)
    with TemporaryDirectory(dir=home.shelf, prefix=".taking-") as work:
        copy = Path(work) / "whole.chevet"
        shutil.copyfile(file, copy)
        if hash_of(copy) != archive:
            raise RecordError(f"{file} changed while it was taken in: try again")
        with transaction.atomic():
            row = _row(version, archive, size_bytes)
            copy.rename(home.archives / f"{archive}.chevet")
    return row, True


def _row(version: str, archive: str, size_bytes: int) -> Package:
    row, _ = Package.objects.update_or_create(
        fingerprint=system_fingerprint(version),
        defaults={
            "package": SYSTEM,
            "version": version,
            "title": f"Chevet {version}",
            "kind": KIND,
            "language": "",
            "duration_s": 0.0,
            "style": "",
            "contraindications": [],
            "archive": archive,
            "size_bytes": size_bytes,
            "added_ms": now_ms(),
        },
    )
    return row


def _version(home: Home, file: Path) -> str:
    """What RAUC reads in it, once it has found the signature of this clinic's authority. Raises RecordError."""
    if not file.is_file():
        raise RecordError(f"no file {file}")
    if shutil.which("rauc") is None:
        raise RecordError("no program rauc: it verifies an update; apt-get install rauc")
    with TemporaryDirectory(prefix="chevet-") as work:
        conf = Path(work) / "system.conf"
        conf.write_text(_CONF.format(authority=(home.authority / "ca.pem").absolute()))
        words = ["rauc", f"--conf={conf}", "info", "--output-format=shell", str(file)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RecordError(f"{file} is no update of this clinic: {done.stderr.strip().splitlines()[-1:]}")
    told = dict(re.findall(r"^(RAUC_MF_\w+)='(.*)'$", done.stdout, re.MULTILINE))
    version = str(told.get("RAUC_MF_VERSION", ""))
    if told.get("RAUC_MF_COMPATIBLE") != COMPATIBLE or VERSION.fullmatch(version) is None:
        raise RecordError(f"{file} is for {told.get('RAUC_MF_COMPATIBLE')!r}, version {version!r}: not for our boxes")
    return version
