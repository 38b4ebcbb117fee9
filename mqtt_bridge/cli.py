"""`chevet-link`: the box's link to its clinic."""

import argparse
import datetime as dt
import json
import logging
import sys
from pathlib import Path

import msgspec

from mqtt_bridge import enrolment
from mqtt_bridge.clock import TRUST_CHOICES
from mqtt_bridge.contract.codec import ContractError
from mqtt_bridge.contract.report import CARE, HEALTH, URGENT
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.database import OnlyWriterError
from mqtt_bridge.link.process import Folders, run
from mqtt_bridge.link.spooling import Limits
from mqtt_bridge.link.status import PackageStatus, Status, read_status
from mqtt_bridge.mqtt.port import Client, Mailbox

_TEACH = """\
The link sends the box's sealed reports to the clinic and takes in its orders. It needs no network to start: it waits,
and nothing that the box recorded is lost meanwhile.

examples:
  chevet-link run --data var/box/data --run var/box/run --enrolment var/box/enrolment
  chevet-link status --data var/box/data            what is still here, and what is in the record
  chevet-link status --data var/box/data --json     the same for a machine
"""


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        return int(options.act(options))
    except (ContractError, OnlyWriterError, OSError) as error:
        print(f"chevet-link: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="chevet-link", description=_TEACH, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    go = commands.add_parser("run", help="carry reports and orders until told to stop")
    go.add_argument("--data", type=Path, required=True, help="folder of bedside.db and link.db")
    go.add_argument("--run", type=Path, required=True, help="folder of the sockets")
    go.add_argument("--enrolment", type=Path, required=True, help="folder that the clinic's enrolment made")
    go.add_argument("--clock", choices=TRUST_CHOICES, default="timesync", help="when the wall clock may be believed")
    go.add_argument("--packages", type=Path, help="folder of the session packages; without it none is fetched")
    _add_limits(go)
    go.set_defaults(act=_run)
    status = commands.add_parser("status", help="what is pending, in the record, held")
    status.add_argument("--data", type=Path, required=True, help="folder of bedside.db and link.db")
    status.add_argument("--json", action="store_true", help="for a machine")
    status.set_defaults(act=_status)
    return parser


def _add_limits(go: argparse.ArgumentParser) -> None:
    usual = Limits()
    go.add_argument(
        "--fetch-kib-s",
        type=int,
        default=usual.rate_bytes_s // 1024,
        help="how fast a package is fetched at most (default: %(default)s)",
    )
    go.add_argument(
        "--keep-free-mib",
        type=int,
        default=usual.kept_free_bytes // 2**20,
        help="room on the data partition that no package takes: it is the records' (default: %(default)s)",
    )


def _run(options: argparse.Namespace) -> int:
    logging.basicConfig(level=logging.INFO, format="link: %(message)s", stream=sys.stderr)
    limits = Limits(rate_bytes_s=options.fetch_kib_s * 1024, kept_free_bytes=options.keep_free_mib * 2**20)
    folders = Folders(options.data, options.run, options.enrolment, options.packages)
    run(folders, options.clock, _paho, lambda: print("link: ready", flush=True), limits)
    return 0


def _paho(enrolled: enrolment.Enrolment, mailbox: Mailbox) -> Client:
    from mqtt_bridge.mqtt.paho import PahoClient

    return PahoClient(enrolled.address(), mailbox)


def _status(options: argparse.Namespace) -> int:
    status = read_status(options.data / "bedside.db", options.data / "link.db")
    if options.json:
        print(json.dumps(msgspec.to_builtins(status)))
    else:
        print(_words(status))
    return 0


def _words(status: Status) -> str:
    lines = [
        f"{status.pending} report(s) not yet in the clinic's record{_by_level(status)}",
        f"{status.in_record} in the record, kept here for thirty days",
        f"{status.held} arrived and not yet readable",
        f"{status.orders} order(s) from the clinic",
        f"the clinic's ledger is {status.ledger}" if status.ledger else "the clinic has never answered",
        *([_answered_words(status.answered)] if status.answered else []),
    ]
    return "\n".join([*lines, *map(_package_words, status.packages)])


def _by_level(status: Status) -> str:
    """« : 1 of help, 12 of care, 3 of the box », those of which something waits."""
    names = {URGENT: "of help", CARE: "of care", HEALTH: "of the box"}
    waiting = [f"{one.pending} {names.get(one.priority, one.priority)}" for one in status.levels if one.pending]
    return f": {', '.join(waiting)}" if waiting else ""


def _answered_words(at: Stamp) -> str:
    told = dt.datetime.fromtimestamp(at.wall_ms / 1000, dt.UTC).isoformat(timespec="seconds")
    return f"it last answered on {told} by the box's clock" + ("" if at.trusted else ", which was not trusted")


def _package_words(told: PackageStatus) -> str:
    """« package riviere 1.2 «Rivière»: 43 % received, paused during the care »."""
    name = f"package {told.id} {told.version} «{told.title}»" if told.title else f"package {told.id}"
    received = f"{100 * told.received_bytes // told.size_bytes} % received" if told.size_bytes else ""
    words = {"offered": received, "withdrawn": "to be removed"}.get(told.stage, told.stage)
    waiting = "paused during the care" if told.paused else ""
    return f"{name}: {', '.join(word for word in (words, waiting, told.reason) if word)}"
