"""Django's DATABASES from one URL: SQLite in the clinic's home, or PostgreSQL."""

import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from clinic.errors import HomeError

BUSY_TIMEOUT_S = 20
_WAL_FIXED_IN_BRANCH = {(3, 50): 7, (3, 44): 6}
_WAL_FIXED_SINCE = (3, 51, 3)


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite carries the fix of the WAL-reset corruption (3.7.0 to 3.51.2, several writers)."""
    fixed = _WAL_FIXED_IN_BRANCH.get(version[:2])
    return version >= _WAL_FIXED_SINCE or (fixed is not None and version[2] >= fixed)


def _version() -> tuple[int, int, int]:
    major, minor, patch = sqlite3.sqlite_version_info[:3]
    return major, minor, patch


def journal_mode() -> str:
    return "WAL" if wal_is_safe(_version()) else "TRUNCATE"


def databases(record: str, audit: str, folder: Path | None) -> dict[str, dict[str, Any]]:
    """DATABASES: the record's and the audit trail's, which are never one. Raises HomeError."""
    made = {
        "default": database(record, folder / "clinic.db" if folder else None),
        "audit": database(audit, folder / "audit.db" if folder else None),
    }
    if _place(made["default"]) == _place(made["audit"]) and folder:
        # Both would keep one list of migrations, and the trail's tables would never be made.
        raise HomeError("`database` and `audit_database` name one database: make a second one for the audit trail")
    return made


def _place(made: dict[str, Any]) -> tuple[Any, ...]:
    return made.get("HOST"), made.get("PORT"), made["NAME"]


def database(url: str, sqlite_file: Path | None) -> dict[str, Any]:
    """One entry of DATABASES. `sqlite_file` None: in memory, for tools that only import. Raises HomeError."""
    if url == "sqlite":
        return _sqlite(sqlite_file)
    if url.startswith(("postgresql://", "postgres://")):
        return _postgresql(url)
    raise HomeError(f"database {url!r}: write `sqlite` or postgresql://user:password@host:port/name")


def told(settings: dict[str, Any]) -> str:
    """What a process says of its database when it starts."""
    if settings["ENGINE"].endswith("postgresql"):
        return f"PostgreSQL {settings['NAME']} at {settings['HOST'] or 'the local socket'}"
    why = "write-ahead log" if journal_mode() == "WAL" else "rollback journal: this SQLite lacks the WAL fix of 3.51.3"
    return f"SQLite {sqlite3.sqlite_version} at {settings['NAME']} ({why})"


def _sqlite(file: Path | None) -> dict[str, Any]:
    pragmas = f"PRAGMA journal_mode={journal_mode()}; PRAGMA synchronous=FULL;"
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(file) if file else ":memory:",
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": BUSY_TIMEOUT_S, "init_command": pragmas},
        "CONN_MAX_AGE": 600,
    }


def _postgresql(url: str) -> dict[str, Any]:
    """Without JIT unless the URL has `options` of its own: it takes 25 ms to make code for a query of 60."""
    parts = urlsplit(url)
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    host = options.pop("host", None) or unquote(parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "OPTIONS": {"connect_timeout": 10, "options": "-c jit=off", **options},
        "CONN_HEALTH_CHECKS": True,
        "CONN_MAX_AGE": 600,
    }
