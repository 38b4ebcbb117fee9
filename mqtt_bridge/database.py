"""How every SQLite file of the box is opened: one writer, readers that cannot write."""

import sqlite3
from pathlib import Path

from sqlite_utils import Database

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


def open_reader(path: Path) -> sqlite3.Connection | None:
    """A reader of another process's file, or None while that process has not made it yet."""
    if not path.exists():
        return None
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None, timeout=BUSY_MS / 1000)
    connection.execute("PRAGMA query_only=ON")
    return connection


def has_table(connection: sqlite3.Connection, name: str) -> bool:
    row = connection.execute("SELECT 1 FROM sqlite_master WHERE type='table' AND name=?", (name,)).fetchone()
    return row is not None
