"""The update that a technician's stick carries: copied once, and not at each start because the stick was left in."""

import hashlib
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Literal

from mqtt_bridge.update_told import STICK, bundle_of, sync_folder, write_whole

STICK_NAME = "chevet-update.raucb"
KNOWN = "stick.sha256"
"""Which bytes were copied last."""
ROOM_BYTES = 128 * 1024 * 1024
"""What a copy leaves free: the records' own."""
LEFT_IN_S = 600.0
"""A stick that is seen so soon after the machine's start was left in; who puts it in later wishes it, even again."""
PIECE = 1 << 20

Taken = Literal["taken", "known", "none"]


class TakeError(Exception):
    """No update was taken from a stick; the message says why and what to do."""


def take(stick: Path, folder: Path, up_s: float) -> Taken:
    """Copy the stick's update; up_s: since the machine's start. Raises TakeError, OSError.

    known: the bytes were copied before and the stick was left in. They were written, or refused, or the box came back
    from them: copied again they would wear the card at each start, and a bad update would be tried for ever. What an
    update is, RAUC says later: a stick is anybody's.
    """
    source = stick / STICK_NAME
    if not source.is_file() or source.is_symlink():
        return "none"
    if up_s < LEFT_IN_S and _digest(source) == _known(folder):
        return "known"
    _check_room(source.stat().st_size, shutil.disk_usage(folder).free)
    digest = _copied(source, bundle_of(folder, STICK))
    write_whole(folder / KNOWN, digest.encode())
    return "taken"


def _check_room(size: int, free: int) -> None:
    if size + ROOM_BYTES > free:
        raise TakeError(
            f"{STICK_NAME} has {size // 2**20} MiB, and {free // 2**20} MiB are free of which "
            f"{ROOM_BYTES // 2**20} are the records': take packages away that nobody plays"
        )


def _digest(source: Path) -> str:
    with source.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _known(folder: Path) -> str:
    try:
        return (folder / KNOWN).read_text(errors="replace")
    except FileNotFoundError:
        return ""


def _copied(source: Path, target: Path) -> str:
    """Whole or not at all; the SHA-256 of what was copied."""
    part, digest = target.with_suffix(".part"), hashlib.sha256()
    try:
        with source.open("rb") as reading, part.open("wb") as writing:
            while piece := reading.read(PIECE):
                digest.update(piece)
                writing.write(piece)
            writing.flush()
            os.fsync(writing.fileno())
        part.replace(target)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    sync_folder(target.parent)
    return digest.hexdigest()
