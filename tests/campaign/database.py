"""The clinic's database of a house: SQLite in its home, or a PostgreSQL of its own that may be killed like the rest."""

import os
import re
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Literal, Protocol

import psycopg

from tests.support import postgresql

StoreKind = Literal["sqlite", "postgresql"]
NotNow = (sqlite3.Error, psycopg.Error)
"""A file that is locked, or whose disk is full just now; a server that was killed."""
DATABASE, POSTGRESQL_READY = "database", "database system is ready to accept connections"
_NAMES = {"database": "chevet", "audit_database": "chevet_audit"}
_SETTINGS = ("listen_addresses=", "lc_messages=C", "shared_buffers=32MB", "min_wal_size=32MB", "max_wal_size=64MB")
"""No TCP port; words that can be searched for; little enough for a small disk. Everything is synced, as by default."""
BUSY_S = 30.0


class Reader(Protocol):
    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """`?` stands for each value. Raises one of NotNow."""


class SqliteReader:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        return self._connection.execute(query, tuple(values)).fetchall()


class PostgresqlReader:
    def __init__(self, connection: "psycopg.Connection[tuple[Any, ...]]") -> None:
        self._connection = connection

    def rows(self, query: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        return self._connection.execute(query.replace("?", "%s").encode(), tuple(values)).fetchall()


@contextmanager
def sqlite_reader(file: Path) -> Iterator[Reader]:
    with closing(sqlite3.connect(file, timeout=BUSY_S)) as connection:
        yield SqliteReader(connection)


@contextmanager
def postgresql_reader(sockets: Path) -> Iterator[Reader]:
    with closing(psycopg.connect(_url(sockets).format(name=_NAMES["database"]), autocommit=True)) as connection:
        yield PostgresqlReader(connection)


@contextmanager
def making(data: Path) -> Iterator[list[str]]:
    """A new PostgreSQL in `data` while a clinic is made in it: the words that `chevet-clinic init` needs."""
    with postgresql.running(data) as url:
        for name in _NAMES.values():
            with closing(psycopg.connect(url.format(name="postgres"), autocommit=True)) as connection:
                connection.execute(f"CREATE DATABASE {name}".encode())
        yield ["--database", url.format(name="chevet"), "--audit-database", url.format(name="chevet_audit")]


def lay_out(made: Path, folder: Path, sockets: Path, settings: Path) -> None:
    """A copy of what was made into `folder`, and `settings` (clinic.toml) tell of it."""
    sockets.mkdir(mode=0o777)
    sockets.chmod(0o777)
    subprocess.run(["cp", "-a", f"{made}/.", str(folder / "data")], check=True)
    told = settings.read_text()
    for key, name in _NAMES.items():
        told = re.sub(rf'^{key} = ".*"$', f'{key} = "{_url(sockets).format(name=name)}"', told, flags=re.MULTILINE)
    settings.write_text(told)


def command(folder: Path, sockets: Path) -> list[str]:
    """The server in the foreground; it ends with us, and is never root."""
    programs = postgresql.programs()
    if programs is None:
        raise OSError("no PostgreSQL server here: apt-get install postgresql")
    settings = [word for one in _SETTINGS for word in ("-c", one)]
    server = [str(programs / "postgres"), "-D", str(folder / "data"), "-k", str(sockets), *settings]
    owner = (folder / "data").stat()
    other = [f"--reuid={owner.st_uid}", f"--regid={owner.st_gid}", "--clear-groups"] if os.geteuid() == 0 else []
    return ["setpriv", *other, "--pdeathsig", "KILL", "--", *server]


def _url(sockets: Path) -> str:
    return f"postgresql://{postgresql.USER}@/{{name}}?host={sockets}"
