"""One database as it is at one instant, while others go on writing it: and the same put into an empty place."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import quote

from clinic.databases import BUSY_TIMEOUT_S
from clinic.errors import ClinicError

SQLITE, POSTGRESQL = "sqlite", "postgresql"


class SnapshotError(ClinicError):
    """A database that could not be copied, or not be put back."""


def kind_of(settings: dict[str, Any]) -> str:
    return POSTGRESQL if settings["ENGINE"].endswith("postgresql") else SQLITE


def snapshot(settings: dict[str, Any], to: Path) -> None:
    """Raises SnapshotError."""
    if kind_of(settings) == POSTGRESQL:
        _run(settings, "pg_dump", "--format=custom", "--no-owner", f"--file={to}")
    else:
        _copy_sqlite(Path(settings["NAME"]), to)


def _copy_sqlite(source: Path, to: Path) -> None:
    """SQLite's online backup, in one step: whoever writes meanwhile waits for it, whoever reads does not.

    In smaller steps it would begin anew at each write of another process, and in a busy clinic never end.
    """
    if not source.is_file():
        raise SnapshotError(f"{source} is not there: `chevet-clinic init` makes it")
    try:
        with (
            closing(sqlite3.connect(f"file:{quote(str(source))}?mode=rw", uri=True, timeout=BUSY_TIMEOUT_S)) as theirs,
            closing(sqlite3.connect(to)) as ours,
        ):
            theirs.backup(ours)
            [told] = ours.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise SnapshotError(f"{source}: {error}; see `chevet-clinic doctor`") from error
    if told != "ok":
        raise SnapshotError(f"{source} is damaged ({told}): put back the last good backup")


def put_back(settings: dict[str, Any], kind: str, dump: Path) -> None:
    """Into an empty database of the same kind. Raises SnapshotError."""
    if kind != kind_of(settings):
        raise SnapshotError(f"the backup holds a {kind} database, and clinic.toml names another kind: give the same")
    if kind == SQLITE:
        shutil.move(dump, settings["NAME"])
        return
    if _is_in_use(settings):
        raise SnapshotError(
            f"the database {settings['NAME']} is not empty: give a new one (--database, --audit-database)"
        )
    _run(settings, "pg_restore", "--exit-on-error", "--no-owner", "--single-transaction", str(dump), into=True)


def _is_in_use(settings: dict[str, Any]) -> bool:
    counted = "SELECT count(*) FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname = 'public'"
    return _run(settings, "psql", "-qAt", "-c", counted).strip() != "0"


def _run(settings: dict[str, Any], program: str, *words: str, into: bool = False) -> str:
    """The password goes by the environment: an argument could be read by every account of the machine."""
    if shutil.which(program) is None:
        raise SnapshotError(f"no {program} on this machine: apt-get install postgresql-client")
    where = {"--host": settings["HOST"], "--port": settings["PORT"], "--username": settings["USER"]}
    address = [f"{name}={value}" for name, value in where.items() if value]
    name = [f"--dbname={settings['NAME']}"] if into or program == "psql" else [settings["NAME"]]
    options = {key: str(value) for key, value in settings["OPTIONS"].items() if key == "sslmode"}
    environment = {**os.environ, "PGPASSWORD": settings["PASSWORD"], "PGCONNECT_TIMEOUT": "10"}
    environment |= {f"PG{key.upper()}": value for key, value in options.items()}
    if not settings["PASSWORD"]:
        del environment["PGPASSWORD"]
    command = [program, "--no-password", *address, *name, *words]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        said = (ran.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise SnapshotError(f"{program}: {said}")
    return ran.stdout
