"""demo: a clinic of invented people, filled and served. Never a real one: it makes its own, or takes up one it made."""

import argparse
import contextlib
import json
import os
import secrets
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator

from clinic.commands.common import Subparsers, command, name_home, one_or_more, say, start_django
from clinic.errors import ClinicError
from clinic.home import (
    AUDIT_DATABASE_VARIABLE,
    DATABASE_VARIABLE,
    HOME_VARIABLE,
    Broker,
    Configuration,
    Console,
    Home,
    Shelf,
    is_loopback,
)

CLINIC = "demonstration"
RECORD = "demonstration.json"
"""In the home of a demonstration that was filled to its end: who signs in, and how large it is."""
BAR = 32


def add(subparsers: Subparsers) -> None:
    made = command(
        subparsers,
        "demo",
        _demo,
        "Fill a clinic of its own with invented people and a year of sessions, and serve its console. "
        "Prints one line of JSON (url, user, password) once it listens; Ctrl-C ends it. Without --home everything is "
        "forgotten at the end; with it, the same clinic is served again. It touches no clinic but one that it made.",
        "chevet-clinic demo --serve 127.0.0.1:8000",
    )
    made.add_argument("--serve", metavar="HOST:PORT", help="127.0.0.1:8000; port 0 takes a free one. Else: only fill")
    made.add_argument("--patients", type=int, default=24, help="in follow-up (default: 24)")
    made.add_argument("--records", type=int, help="all that the clinic keeps (default: a quarter more)")
    made.add_argument("--sessions", type=int, help="default: 200 for each patient")
    made.add_argument("--seed", type=int, default=20_251_129, help="the same one makes the same people")
    made.add_argument("--threads", type=one_or_more, default=2, help="of the console (default: 2)")
    made.add_argument("--language", choices=("fr", "en"), default="fr")
    made.add_argument("--database", default="sqlite", metavar="URL", help="an empty one: sqlite, or postgresql://...")
    made.add_argument("--audit-database", default="sqlite", metavar="URL", help="another empty one")


def _demo(arguments: argparse.Namespace) -> int:
    address = _address(arguments.serve) if arguments.serve else None
    if address is None and not arguments.home:
        raise ClinicError("nothing to do: give --serve 127.0.0.1:PORT, or --home DIR to keep what is filled")
    _check_environment()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with _home(arguments):
        home = name_home(arguments)
        told = _taken_up(home) or _filled(home, arguments, address or ("127.0.0.1", 8000))
        if address is None:
            say(json.dumps({"home": str(home.folder), **told}))
            return 0
        _serve(address, arguments.threads, told)
    return 0


def _address(words: str) -> tuple[str, int]:
    host, colon, port = words.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65_535:
        raise ClinicError(f"--serve {words}: write HOST:PORT, for example 127.0.0.1:8000")
    if not is_loopback(host.strip("[]")):
        raise ClinicError(f"--serve {words}: a demonstration is served on 127.0.0.1 only: a password alone opens it")
    return host.strip("[]"), int(port)


def _check_environment() -> None:
    """A clinic at work is named by these; a demonstration must not land in it."""
    for name in (DATABASE_VARIABLE, AUDIT_DATABASE_VARIABLE):
        if os.environ.get(name):
            raise ClinicError(f"${name} names a database: unset it; --database gives a demonstration one of its own")


@contextlib.contextmanager
def _home(arguments: argparse.Namespace) -> Iterator[None]:
    """The folder that was given; or one that goes with us, and not with a worker that was forked off."""
    os.environ.pop(HOME_VARIABLE, None)
    if arguments.home:
        yield
        return
    owner = os.getpid()
    arguments.home = tempfile.mkdtemp(prefix="chevet-demo-")
    try:
        yield
    finally:
        if os.getpid() == owner:
            shutil.rmtree(arguments.home, ignore_errors=True)


def _taken_up(home: Home) -> dict[str, str] | None:
    """Who signs in to a demonstration of before; None for an empty folder. Raises ClinicError for anything else."""
    if not home.folder.exists() or not any(home.folder.iterdir()):
        return None
    record = home.folder / RECORD
    if not record.exists() or not home.configuration().demonstration:
        raise ClinicError(f"{home.folder} is no demonstration that was filled: give an empty folder, or remove it")
    kept: dict[str, str] = json.loads(record.read_text())
    start_django()
    return {"user": kept["user"], "password": kept["password"]}


def _filled(home: Home, arguments: argparse.Namespace, address: tuple[str, int]) -> dict[str, str]:
    from clinic.commands.setup import make_clinic, write_private

    _check_size(arguments)
    configuration = Configuration(
        clinic=CLINIC,
        broker=Broker(),
        console=Console(host=address[0], port=address[1]),
        shelf=Shelf(),
        database=arguments.database,
        audit_database=arguments.audit_database,
        language=arguments.language,
        demonstration=True,
    )
    _check_empty(configuration)
    make_clinic(home, configuration)
    told = _fill(home, arguments)
    write_private(home.folder / RECORD, json.dumps({**told, "seed": arguments.seed}), 0o600)
    return told


def _check_size(arguments: argparse.Namespace) -> None:
    arguments.records = arguments.records or arguments.patients + arguments.patients // 4
    arguments.sessions = 200 * arguments.patients if arguments.sessions is None else arguments.sessions
    if arguments.patients < 4 or arguments.records < arguments.patients or arguments.sessions < 0:
        raise ClinicError("a demonstration has at least 4 patients, at least as many records, and 0 sessions or more")


def _check_empty(configuration: Configuration) -> None:
    """Before anything is made: a server's database may be a clinic's. Raises ClinicError."""
    if configuration.database == "sqlite" and configuration.audit_database == "sqlite":
        return
    import psycopg

    for url in (configuration.database, configuration.audit_database):
        if url == "sqlite":
            continue
        with psycopg.connect(url) as asked:
            found = asked.execute("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'")
            if found.fetchone() != (0,):
                raise ClinicError("--database: it is not empty: make one for the demonstration alone")


def _fill(home: Home, arguments: argparse.Namespace) -> dict[str, str]:
    from clinic.clock import now_ms
    from clinic.commands.common import audit, pen_of
    from clinic.demo.fill import Size, fill

    password = secrets.token_urlsafe(9)
    size = Size(arguments.patients, arguments.records, arguments.sessions, arguments.seed)
    audit("write", "demonstration filled with invented people")
    staff = fill(size, password, pen_of(home, home.configuration()), now_ms(), _Bar())
    return {"user": staff.user.username, "password": password}


class _Bar:
    """How far the filling is, on stderr: one line that is drawn again at a terminal, a line every tenth elsewhere."""

    def __init__(self) -> None:
        self._began_s, self._tenth = time.monotonic(), 0

    def __call__(self, done: int, whole: int) -> None:
        share = done / whole if whole else 1.0
        seconds = time.monotonic() - self._began_s
        words = f"demo: {'█' * round(share * BAR):<{BAR}} {done:,} of {whole:,} sessions, {seconds:.0f} s"
        if sys.stderr.isatty():
            print(f"\r{words}", end="\n" if done == whole else "", file=sys.stderr, flush=True)
        elif int(share * 10) > self._tenth or done == whole:
            self._tenth = int(share * 10)
            print(words, file=sys.stderr, flush=True)


def _serve(address: tuple[str, int], threads: int, told: dict[str, str]) -> None:
    from django.db import connections

    from clinic.console.server import serve

    def announce(url: str) -> None:
        say(json.dumps({"url": url, **told}))

    connections.close_all()
    serve(address[0], address[1], threads, None, announce)


__all__ = ["add"]
