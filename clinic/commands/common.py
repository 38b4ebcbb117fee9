"""What the commands share: the home, Django when it is needed, and a table in the terminal."""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clinic.home import HOME_VARIABLE, Configuration, Home, current_home

if TYPE_CHECKING:
    from clinic.plans.orders import Pen

Subparsers = Any
"""argparse's own type for this is private."""


def command(
    subparsers: Subparsers, name: str, run: Callable[[argparse.Namespace], int], about: str, example: str
) -> argparse.ArgumentParser:
    """A command with its help, its example and `--home`."""
    made: argparse.ArgumentParser = subparsers.add_parser(
        name,
        help=about[0].lower() + about[1:].split(". ", maxsplit=1)[0].rstrip("."),
        description=about,
        epilog=f"example:\n  {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    made.add_argument("--home", metavar="DIR", help=f"the clinic's folder (default: ${HOME_VARIABLE})")
    made.set_defaults(run=run)
    return made


def one_or_more(typed: str) -> int:
    """An argument's type. Raises argparse.ArgumentTypeError."""
    if not typed.isascii() or not typed.isdecimal() or int(typed) < 1:
        raise argparse.ArgumentTypeError(f"a whole number, at least 1, not {typed}")
    return int(typed)


def name_home(arguments: argparse.Namespace) -> Home:
    """The home that was given, told to the settings through the environment. Raises HomeError."""
    if arguments.home:
        os.environ[HOME_VARIABLE] = str(Path(arguments.home).absolute())
    return current_home()


def open_home(arguments: argparse.Namespace) -> tuple[Home, Configuration]:
    """The home, with Django set up on it. Raises HomeError."""
    home = name_home(arguments)
    configuration = home.configuration()
    start_django()
    return home, configuration


def start_django() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "clinic.settings"
    import django

    django.setup()


def pen_of(home: Home, configuration: Configuration) -> "Pen":
    from clinic.plans.orders import Pen
    from mqtt_bridge.seal import load_secret

    return Pen(configuration.clinic, load_secret(home.clinic_keys))


def audit(action: str, detail: str, patient: str = "", agent: str | None = None) -> None:
    from clinic.audit import trail

    trail.record(agent or trail.command_agent(), action, detail, patient)  # type: ignore[arg-type]


def say(line: str) -> None:
    """One line that a parent process may wait for."""
    print(line, flush=True)


def table(rows: Sequence[Sequence[str]], heads: Sequence[str]) -> str:
    """Columns as wide as their widest cell."""
    lines = [list(heads), *map(list, rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(heads))]
    return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)).rstrip() for line in lines)


def ask_password(source: str | None) -> str:
    """From a file, from standard input (`-`), or typed twice unseen."""
    from clinic.errors import ClinicError

    if source == "-":
        return sys.stdin.readline().rstrip("\n")
    if source:
        try:
            return Path(source).read_text().splitlines()[0]
        except (OSError, IndexError) as error:
            raise ClinicError(f"no password in {source}: put it on the first line") from error
    from getpass import getpass

    first = getpass("Password: ")
    if getpass("Again: ") != first:
        raise ClinicError("the two passwords differ: try again")
    return first
