"""package: what stands on the shelf, and which box is offered it."""

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from clinic.commands.common import Subparsers, audit, command, open_home, pen_of, say, table

if TYPE_CHECKING:
    from clinic.shelf.models import Offer, Package

ABOUT = """\
The session packages of the clinic: checked, signed and kept on the shelf, then offered to boxes, which fetch them
outside care, resume where they were cut off, check every byte and install them. What a plan names is offered when it
is prescribed.
"""
EPILOG = """examples:
  chevet-clinic package add riviere.chevet
  chevet-clinic package list
  chevet-clinic package offer riviere --box box-12
  chevet-clinic package withdraw riviere --box box-12
"""


def add(subparsers: Subparsers) -> None:
    group = subparsers.add_parser(
        "package",
        help="session packages: add, list, offer, withdraw",
        description=ABOUT,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = group.add_subparsers(required=True, metavar="ACTION")
    taken = command(
        actions,
        "add",
        _add,
        "Check a package, sign it with the clinic's key and put it on the shelf. Nothing of a damaged one stays.",
        "chevet-clinic package add riviere.chevet",
    )
    taken.add_argument("package", type=Path, metavar="FILE|FOLDER")
    listed = command(
        actions,
        "list",
        _list,
        "What is on the shelf, and what each box says of it.",
        "chevet-clinic package list --json",
    )
    listed.add_argument("--json", action="store_true")
    _for_a_box(actions, "offer", _offer, "Offer a package to a box, which fetches and installs it outside care.")
    _for_a_box(
        actions, "withdraw", _withdraw, "Take an offer back. The box removes the package unless a plan names it."
    )


def _for_a_box(actions: Subparsers, name: str, run: object, about: str) -> None:
    made = command(actions, name, run, about, f"chevet-clinic package {name} riviere --box box-12")  # type: ignore[arg-type]
    made.add_argument("package", metavar="ID")
    made.add_argument("--version", default="", help="default: the one last added")
    made.add_argument("--box", required=True)


def _add(arguments: argparse.Namespace) -> int:
    home, configuration = open_home(arguments)
    from clinic.shelf.taking import take

    audit("write", f"package added: {arguments.package.name}")
    package, new = take(home, configuration.clinic, arguments.package, _progress)
    say(f"package: {package}, {package.size_bytes} bytes, {'on the shelf' if new else 'was on the shelf already'}")
    return 0


def _progress(step: str, fraction: float) -> None:
    """One line that is written over, for whoever watches."""
    if sys.stderr.isatty():
        print(f"\r{step} {100 * fraction:3.0f} %\033[K", end="" if fraction < 1 else "\n", file=sys.stderr, flush=True)


def _list(arguments: argparse.Namespace) -> int:
    open_home(arguments)
    from clinic.shelf.models import Package

    rows = [
        _told(package) for package in Package.objects.prefetch_related("offers__device").order_by("package", "added_ms")
    ]
    if arguments.json:
        say(json.dumps(rows, ensure_ascii=False, indent=1))
    elif rows:
        say(table([_cells(row) for row in rows], ("package", "version", "title", "minutes", "boxes")))
    else:
        say("package: nothing on the shelf; `chevet-clinic package add FILE`")
    return 0


def _told(package: "Package") -> dict[str, object]:
    return {
        "id": package.package,
        "version": package.version,
        "title": package.title,
        "kind": package.kind,
        "duration_s": package.duration_s,
        "fingerprint": package.fingerprint,
        "archive": package.archive,
        "size_bytes": package.size_bytes,
        "boxes": {offer.device_id: _offer_told(offer) for offer in package.offers.all()},
    }


def _offer_told(offer: "Offer") -> dict[str, object]:
    return {
        "state": offer.state,
        "withdrawn": offer.withdrawn_ms is not None,
        "reason": offer.reason,
        "remedy": offer.remedy,
    }


def _cells(row: dict[str, object]) -> list[str]:
    boxes: dict[str, dict[str, object]] = row["boxes"]  # type: ignore[assignment]
    said = [
        f"{box}: {told['state']}{' ' + str(told['reason']) if told['reason'] else ''}" for box, told in boxes.items()
    ]
    minutes = f"{float(str(row['duration_s'])) / 60:.0f}"
    return [str(row["id"]), str(row["version"]), str(row["title"]), minutes, ", ".join(said) or "-"]


def _offer(arguments: argparse.Namespace) -> int:
    home, configuration = open_home(arguments)
    from clinic.bells import ring_ingest
    from clinic.fleet.boxes import box_named
    from clinic.shelf.offers import offer, package_named

    package, device = package_named(arguments.package, arguments.version), box_named(arguments.box)
    audit("write", f"package {package} offered to {device.id}")
    order = offer(package, device, pen_of(home, configuration))
    ring_ingest(home)
    say(f"package: {package} offered, order {order.serial} to {device.id}")
    return 0


def _withdraw(arguments: argparse.Namespace) -> int:
    home, configuration = open_home(arguments)
    from clinic.bells import ring_ingest
    from clinic.fleet.boxes import box_named
    from clinic.shelf.offers import package_named, withdraw

    package, device = package_named(arguments.package, arguments.version), box_named(arguments.box)
    audit("write", f"package {package} withdrawn from {device.id}")
    order = withdraw(package, device, pen_of(home, configuration))
    ring_ingest(home)
    say(f"package: {package} withdrawn, order {order.serial} to {device.id}")
    return 0
