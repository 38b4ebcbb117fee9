"""A PostgreSQL of its own, in a folder, for as long as something needs it. Sockets only: no port is taken."""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

USER = "chevet"


class PostgresqlError(Exception):
    """A program of PostgreSQL did not do what it was asked to; its own words."""


def programs() -> Path | None:
    """Of the newest version here; None: there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


@contextlib.contextmanager
def running(data: Path, *settings: str) -> Iterator[str]:
    """The URL of its databases, with `{name}` for one; `data` is made where it is missing, and stays.

    Raises PostgresqlError.
    """
    folder = programs()
    if folder is None:
        raise PostgresqlError("no PostgreSQL server here: apt-get install postgresql")
    user, sockets = _other_user(), Path(tempfile.mkdtemp(prefix="chevet-pg-"))
    sockets.chmod(0o777)
    try:
        if not (data / "PG_VERSION").exists():
            _made(data)
            words = ("-U", USER, "-A", "trust", "-E", "UTF8", "--no-sync")
            _must([*user, str(folder / "initdb"), "-D", str(data), *words])
        options = " ".join(f"-c {one}" for one in ("listen_addresses=''", *settings)) + f" -k {sockets}"
        control = [*user, str(folder / "pg_ctl"), "-D", str(data), "-w", "-t", "300", "-s"]
        _must([*control, "-l", str(data / "log"), "-o", options, "start"])
        try:
            yield f"postgresql://{USER}@/{{name}}?host={sockets}"
        finally:
            _must([*control, "-m", "fast", "stop"])
    finally:
        shutil.rmtree(sockets)


def _made(data: Path) -> None:
    data.mkdir(parents=True)
    if os.geteuid() == 0:
        shutil.chown(data, _account(), "nogroup")


def _account() -> str:
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _other_user() -> list[str]:
    """initdb refuses root: the account of Debian's package, or any that is not root."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={_account()}", "--regid=nogroup", "--clear-groups"]


def _must(command: list[str]) -> None:
    """Its output is a file: a server keeps a pipe open."""
    with tempfile.TemporaryFile("w+") as said:
        ran = subprocess.run(command, stdout=said, stderr=said, check=False, cwd="/")
        said.seek(0)
        if ran.returncode:
            raise PostgresqlError(f"{Path(command[-1]).name}: {said.read().strip()}")
