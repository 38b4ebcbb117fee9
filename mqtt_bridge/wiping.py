"""Destroying files: written over once, then removed.

On flash this is not proof against a laboratory: its controller may keep old blocks aside. What a card still tells then
is bound by the encryption of the data partition.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from mqtt_bridge.database import OnlyWriterError, only_writer

BLOCK_BYTES = 1 << 20


def destroy(paths: Iterable[Path]) -> None:
    """Write each file over, remove it, and let the folder know. Again after a crash: what is gone is gone.

    Raises OSError: a file that cannot be written over is not removed as if it were.
    """
    folders = set()
    for path in paths:
        try:
            _write_over(path)
        except FileNotFoundError:
            continue
        path.unlink(missing_ok=True)
        folders.add(path.parent)
    for folder in folders:
        sync_folder(folder)


def wipe_bedside(data: Path) -> bool:
    """Destroy the kiosk's records; False while a kiosk holds them: it is their owner, and does it itself."""
    try:
        lock = only_writer(data / "bedside.db")
    except OnlyWriterError:
        return False
    with lock:
        destroy([*_of(data, "bedside.db"), data / "reserve"])
    return True


def wipe_link(data: Path) -> None:
    """Destroy the link's database and what it was fetching."""
    destroy(_of(data, "link.db"))
    spool = data / "spool"
    for path in spool.iterdir() if spool.is_dir() else ():
        path.unlink()  # sound, of nobody


def wipe_keys(enrolment: Path) -> None:
    """Destroy who the box was. The folder goes too."""
    if not enrolment.is_dir():
        return
    destroy(sorted(path for path in enrolment.iterdir() if path.is_file()))
    enrolment.rmdir()
    sync_folder(enrolment.parent)


def _of(data: Path, name: str) -> list[Path]:
    """A database, its journals, and what was put aside of it. Its lock holds nothing and stays."""
    return sorted(path for path in data.glob(f"{name}*") if path.suffix != ".lock")


def _write_over(path: Path) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        left = os.fstat(descriptor).st_size
        while left > 0:
            left -= os.write(descriptor, os.urandom(min(BLOCK_BYTES, left)))
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
