"""How every SQLite file of the box is opened: one writer, readers that cannot write."""

import fcntl
import logging
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import IO

from mqtt_bridge.sqlite import Database

log = logging.getLogger(__name__)

BUSY_MS = 5000
DATA_MODE = 0o660


def open_writer(path: Path) -> Database:
    """The one writer of `path`. WAL, and a commit that survives a power cut (synchronous=FULL)."""
    path.touch(mode=DATA_MODE)
    path.chmod(DATA_MODE)
    connection = sqlite3.connect(path, isolation_level=None, timeout=BUSY_MS / 1000)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    return Database(connection)


class OnlyWriterError(Exception):
    """Another process writes this database already."""


def only_writer(path: Path) -> IO[bytes]:
    """The right to write `path`, held until it is closed or the process ends. Raises OnlyWriterError."""
    lock = path.with_name(f"{path.name}.lock").open("wb")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        lock.close()
        raise OnlyWriterError(f"another process writes {path}: one kiosk and one link for each box") from error
    return lock


def open_sound(path: Path) -> Database:
    """The one writer of a file whose content can be had again: a damaged one is put aside, for a technician."""
    problem = _damage(path)
    if not problem:
        return open_writer(path)
    number = sum(1 for _ in path.parent.glob(f"{path.name}.damaged-*")) + 1
    for suffix in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(path.with_name(f"{path.name}.damaged-{number}{suffix}"))
    log.error("%s was damaged (%s): put aside, begun anew", path, problem)
    return open_writer(path)


def _damage(path: Path) -> str:
    """What is wrong with a file; empty when nothing is. Raises sqlite3.Error: locked, full, not to be opened."""
    connection = sqlite3.connect(path, timeout=BUSY_MS / 1000)
    try:
        found = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise
        found = str(error)
    finally:
        connection.close()
    return "" if found == "ok" else found


def open_reader(path: Path, busy_ms: int = BUSY_MS) -> sqlite3.Connection | None:
    """A reader of another process's file, or None while that process has not made it yet."""
    if not path.exists():
        return None
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None, timeout=busy_ms / 1000)
    connection.execute("PRAGMA query_only=ON")
    return connection


def is_busy(error: sqlite3.Error) -> bool:
    """Whether the file only had to be waited for: another process holds it for a moment."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def is_full(error: sqlite3.Error) -> bool:
    """Whether the disk had no room for it."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL


def has_table(connection: sqlite3.Connection, name: str) -> bool:
    row = connection.execute("SELECT 1 FROM sqlite_master WHERE type='table' AND name=?", (name,)).fetchone()
    return row is not None


def has_column(connection: sqlite3.Connection, table: str, column: str) -> bool:
    row = connection.execute("SELECT 1 FROM pragma_table_info(?) WHERE name = ?", (table, column)).fetchone()
    return row is not None
