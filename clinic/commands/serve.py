"""ingest, console, shelf and registrar: what runs all day, beside the broker."""

import argparse
import logging
import os

from clinic.commands.common import Subparsers, command, one_or_more, open_home, say
from clinic.errors import ClinicError, HomeError
from clinic.home import Home

PROCESSES_MAX, THREADS = 4, 2
"""Of the console, unless more are asked for: each holds about 60 MiB of its own, and 100 more once it drew a chart."""


def add(subparsers: Subparsers) -> None:
    command(
        subparsers,
        "ingest",
        _ingest,
        "Take in what the boxes send, and send them their orders. "
        "Prints one line, `ingest: ready ...`, once the broker has confirmed its subscriptions.",
        "chevet-clinic ingest --home /srv/chevet",
    )
    console = command(
        subparsers,
        "console",
        _console,
        "Serve the staff's console. Prints one line, `console: ready http://...`, once it listens.",
        "chevet-clinic console --port 0 --print-address /run/chevet/console",
    )
    console.add_argument("--host", help="default: clinic.toml's")
    console.add_argument("--port", type=int, help="0 takes a free one (default: clinic.toml's)")
    console.add_argument(
        "--processes",
        type=one_or_more,
        default=min(PROCESSES_MAX, os.cpu_count() or 1),
        help=f"each makes one page at a time (default: one for each core, at most {PROCESSES_MAX})",
    )
    console.add_argument("--threads", type=one_or_more, default=THREADS, help=f"of each process (default: {THREADS})")
    console.add_argument("--print-address", metavar="FILE", help="also write the address it took into this file")
    command(
        subparsers,
        "shelf",
        _shelf,
        "Serve the session packages to the boxes that were offered them, by HTTPS and mutual TLS. "
        "Prints one line, `shelf: ready https://...`, once it listens.",
        "chevet-clinic shelf --home /srv/chevet",
    )
    command(
        subparsers,
        "registrar",
        _registrar,
        "Enrol boxes by their one-time codes, renew their certificates, close the broker's door to revoked ones. "
        "Prints one line, `registrar: ready https://...`, once it listens.",
        "chevet-clinic registrar --home /srv/chevet",
    )


def _check_keys(home: Home) -> None:
    """Nothing starts that could neither open a letter nor sign an order."""
    if not home.clinic_keys.is_file():
        raise HomeError(f"{home.clinic_keys} is missing: put keys/clinic.secret back from the backup (`restore`)")


def _ingest(arguments: argparse.Namespace) -> int:
    _log()
    home, _ = open_home(arguments)
    _check_keys(home)
    from clinic.ingest.main import run

    return run(home, say)


def _console(arguments: argparse.Namespace) -> int:
    _log()
    home, configuration = open_home(arguments)
    from clinic.console.server import serve
    from clinic.home import is_loopback

    host = arguments.host or configuration.console.host
    if configuration.demonstration and not is_loopback(host):
        raise ClinicError(f"a demonstration is served on 127.0.0.1 only, not on {host}: a password alone opens it")
    _check_keys(home)
    port = configuration.console.port if arguments.port is None else arguments.port
    serve(host, port, arguments.threads, arguments.print_address, processes=arguments.processes)
    return 0


def _shelf(arguments: argparse.Namespace) -> int:
    _log()
    home, configuration = open_home(arguments)
    from clinic.shelf.server import serve

    serve(home, configuration.shelf_host, configuration.shelf.port)
    return 0


def _registrar(arguments: argparse.Namespace) -> int:
    _log()
    home, configuration = open_home(arguments)
    from clinic.registrar.server import serve

    serve(home, configuration, configuration.registrar_host, configuration.registrar.port)
    return 0


def _log() -> None:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
