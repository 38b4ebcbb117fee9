"""update: what the boxes' own system is brought up to date with."""

import argparse
from pathlib import Path

from clinic.commands.common import Subparsers, command, name_home, say

ABOUT = """\
Updates of the boxes' system: one file, signed by the clinic's authority, which a box writes into the slot that does not
run, tries, and leaves again by itself when its start is not a healthy one.
"""
EPILOG = """examples:
  chevet-clinic update bundle var/image/slot chevet-2026.12.1.raucb

on a stick, the file is called chevet-update.raucb.
"""


def add(subparsers: Subparsers) -> None:
    group = subparsers.add_parser(
        "update",
        help="updates of the boxes' system: bundle",
        description=ABOUT,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = group.add_subparsers(required=True, metavar="ACTION")
    made = command(
        actions,
        "bundle",
        _bundle,
        "Make the file of an update from a build of the image, signed by the clinic's authority. Needs rauc.",
        "chevet-clinic update bundle var/image/slot chevet-2026.12.1.raucb",
    )
    made.add_argument("built", type=Path, metavar="FOLDER", help="var/image/slot of `make image`")
    made.add_argument("into", type=Path, metavar="FILE")


def _bundle(arguments: argparse.Namespace) -> int:
    home = name_home(arguments)
    home.configuration()
    from clinic.shelf.bundling import bundle

    version = bundle(home, arguments.built, arguments.into)
    say(f"update: {arguments.into}, version {version}, {arguments.into.stat().st_size} bytes, signed by the clinic")
    return 0
