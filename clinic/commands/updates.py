"""update: what the boxes' own system is brought up to date with."""

import argparse
from pathlib import Path

from clinic.commands.common import Subparsers, audit, command, name_home, open_home, pen_of, say

ABOUT = """\
Updates of the boxes' system: one file, signed by the clinic's authority, which a box writes into the slot that does not
run, tries, and leaves again by itself when its start is not a healthy one.
"""
EPILOG = """examples:
  chevet-clinic update bundle var/image/slot chevet-2026.12.1.raucb
  chevet-clinic update add chevet-2026.12.1.raucb
  chevet-clinic update offer --box box-12
  chevet-clinic update offer --all
  chevet-clinic package list                               (what each box says of it)
  chevet-clinic package withdraw chevet-system --box box-12

on a stick, the file is called chevet-update.raucb.
"""


def add(subparsers: Subparsers) -> None:
    group = subparsers.add_parser(
        "update",
        help="updates of the boxes' system: bundle, add, offer",
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
    taken = command(
        actions,
        "add",
        _add,
        "Put an update on the shelf. One that is not signed by this clinic's authority is refused. Needs rauc.",
        "chevet-clinic update add chevet-2026.12.1.raucb",
    )
    taken.add_argument("file", type=Path, metavar="FILE")
    offered = command(
        actions,
        "offer",
        _offer,
        "Offer the update last added. The box fetches it, writes it at night outside care, and tells what came of it.",
        "chevet-clinic update offer --box box-12",
    )
    offered.add_argument("--version", default="", help="default: the one last added")
    which = offered.add_mutually_exclusive_group(required=True)
    which.add_argument("--box", metavar="ID")
    which.add_argument("--all", action="store_true", help="every box that is not revoked")


def _add(arguments: argparse.Namespace) -> int:
    home, _ = open_home(arguments)
    from clinic.shelf.systems import take_system

    audit("write", f"update added: {arguments.file.name}")
    package, new = take_system(home, arguments.file)
    say(f"update: {package}, {package.size_bytes} bytes, {'on the shelf' if new else 'was on the shelf already'}")
    return 0


def _offer(arguments: argparse.Namespace) -> int:
    home, configuration = open_home(arguments)
    from clinic.bells import ring_ingest
    from clinic.fleet.boxes import box_named
    from clinic.fleet.models import Device
    from clinic.shelf.offers import offer, package_named
    from mqtt_bridge.contract.packages import SYSTEM

    package = package_named(SYSTEM, arguments.version)
    devices = list(Device.objects.filter(revoked_ms=None)) if arguments.all else [box_named(arguments.box)]
    for device in devices:
        audit("write", f"{package} offered to {device.id}")
        order = offer(package, device, pen_of(home, configuration))
        say(f"update: {package} offered, order {order.serial} to {device.id}")
    ring_ingest(home)
    return 0


def _bundle(arguments: argparse.Namespace) -> int:
    home = name_home(arguments)
    home.configuration()
    from clinic.shelf.bundling import bundle

    version = bundle(home, arguments.built, arguments.into)
    say(f"update: {arguments.into}, version {version}, {arguments.into.stat().st_size} bytes, signed by the clinic")
    return 0
