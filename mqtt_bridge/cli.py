"""`chevet-link`: the box's link to its clinic."""

import argparse
import json
import logging
import sys
from pathlib import Path
from typing import Any

import msgspec

from mqtt_bridge import enrolment
from mqtt_bridge.clock import TRUST_CHOICES, system_clock
from mqtt_bridge.contract.codec import ContractError
from mqtt_bridge.database import OnlyWriterError
from mqtt_bridge.link.folders import Folders
from mqtt_bridge.link.process import run
from mqtt_bridge.link.renewal import Credentials
from mqtt_bridge.link.spool_means import Limits
from mqtt_bridge.link.status import Beside, read_status
from mqtt_bridge.link.status_words import LANGUAGES, in_words
from mqtt_bridge.mqtt.port import Client, Mailbox

_TEACH = """\
The link sends the box's sealed reports to the clinic and takes in its orders. It needs no network to start: it waits,
and nothing that the box recorded is lost meanwhile.

examples:
  chevet-link enrol --enrolment var/box/enrolment --clinic-url https://clinic.example:8885    it asks for the code
  chevet-link enrol --enrolment var/box/enrolment --from /boot/firmware/chevet-enrol.toml
  chevet-link run --data var/box/data --run var/box/run --enrolment var/box/enrolment
  chevet-link status --data var/box/data            what is still here, and what is in the record
  chevet-link status --data var/box/data --run var/box/run --enrolment var/box/enrolment --language fr
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
    go.add_argument(
        "--updates", type=Path, help="folder where updates of the box's system wait; without it none is taken"
    )
    _add_limits(go)
    go.set_defaults(act=_run)
    _add_enrol(commands)
    status = commands.add_parser("status", help="what is pending, in the record, held")
    status.add_argument("--data", type=Path, required=True, help="folder of bedside.db and link.db")
    status.add_argument("--run", type=Path, help="folder of the sockets: then the link's connection is told")
    status.add_argument("--enrolment", type=Path, help="then the end of its certificate is told")
    status.add_argument("--clock", choices=TRUST_CHOICES, default="timesync", help="as the link's own")
    status.add_argument("--language", choices=LANGUAGES, default="en", help="of the words (default: en)")
    status.add_argument("--json", action="store_true", help="for a machine")
    status.set_defaults(act=_status)
    return parser


def _add_enrol(commands: Any) -> None:
    enrol = commands.add_parser("enrol", help="make this box one of the clinic's, with the code that it gave")
    enrol.add_argument("--clinic-url", default="", help="https://host:port, as the clinic shows it beside the code")
    enrol.add_argument(
        "--code", default="", help="nine groups of four letters; without it, it is read from standard input, where no "
        "list of processes and no history of a shell shows it",
    )  # fmt: skip
    enrol.add_argument(
        "--from", dest="from_file", type=Path, metavar="FILE", help="both from a file: the boot partition's"
    )
    enrol.add_argument("--enrolment", type=Path, required=True, help="the folder to make: the box's identity")
    enrol.set_defaults(act=_enrol)
    wireless = commands.add_parser("wireless", help="make wpa_supplicant's configuration of a technician's file")
    wireless.add_argument("--from", type=Path, required=True, dest="source", metavar="FILE", help="chevet-wifi.toml")
    wireless.add_argument("--into", type=Path, required=True, metavar="FILE", help="what wpa_supplicant reads")
    wireless.set_defaults(act=_wireless)


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
    folders = Folders(options.data, options.run, options.enrolment, options.packages, options.updates)
    run(folders, options.clock, _paho, lambda: print("link: ready", flush=True), limits)
    return 0


def _paho(_enrolled: enrolment.Enrolment, mailbox: Mailbox, credentials: Credentials) -> Client:
    from mqtt_bridge.mqtt.paho import PahoClient

    return PahoClient(credentials, mailbox)


def _enrol(options: argparse.Namespace) -> int:
    from mqtt_bridge.enrolling import EnrolError, enrol, from_file, paper

    try:
        if options.from_file is None and not options.clinic_url:
            raise EnrolError("give --clinic-url as the clinic shows it and type the code, or --from FILE")
        told = from_file(options.from_file) if options.from_file else paper(options.clinic_url, _code(options))
        place = enrol(options.enrolment, told)
    except EnrolError as error:
        print(f"chevet-link enrol: {error}", file=sys.stderr)
        return 1
    print(f"enrolled: {place.box} of the clinic {place.clinic}, in {options.enrolment}")
    return 0


def _wireless(options: argparse.Namespace) -> int:
    """Whole or not at all: a bad file gives no network, and says why."""
    from mqtt_bridge import wireless

    try:
        text = wireless.wpa_supplicant(wireless.read(options.source))
        wireless.write(options.into, text)
    except (wireless.WirelessError, OSError) as error:
        print(f"chevet-link wireless: {error}", file=sys.stderr)
        return 1
    print(f"chevet-link wireless: the network of {options.source.name} is used")
    return 0


def _code(options: argparse.Namespace) -> str:
    """Typed where it was not given. It is shown as it is typed: thirty-six letters are read again before Enter."""
    if options.code:
        return str(options.code)
    print("code: ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline()


def _status(options: argparse.Namespace) -> int:
    certificate = options.enrolment / "box.crt" if options.enrolment else None
    beside = Beside(options.run, certificate, system_clock(options.clock))
    status = read_status(options.data / "bedside.db", options.data / "link.db", beside)
    print(json.dumps(msgspec.to_builtins(status)) if options.json else in_words(status, options.language))
    if not options.data.is_dir():
        print(f"chevet-link: there is no folder {options.data}: is --data right?", file=sys.stderr)
    return 1 if status.unreadable else 0
