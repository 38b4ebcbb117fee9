"""enrol and revoke: boxes that are the clinic's, and that are no more."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from clinic.commands.common import Subparsers, audit, command, open_home, say
from clinic.errors import RecordError
from clinic.home import Configuration, Home

if TYPE_CHECKING:
    from mqtt_bridge.seal import SecretKeys


def add(subparsers: Subparsers) -> None:
    enrol = command(
        subparsers,
        "enrol",
        _enrol,
        "Make a box's keys, certificate and enrolment files, and register it for a patient.",
        "chevet-clinic enrol box-12 --patient martin --out /media/key/box-12",
    )
    enrol.add_argument("box", help="its id: letters, digits, dot, dash, underscore")
    enrol.add_argument("--patient", required=True, metavar="P")
    enrol.add_argument(
        "--out", required=True, metavar="DIR", help="a new folder; it holds secrets: carry it to the box"
    )
    revoke = command(
        subparsers,
        "revoke",
        _revoke,
        "Refuse everything that a box sends from now on, and send it nothing more.",
        "chevet-clinic revoke box-12",
    )
    revoke.add_argument("box")


def _enrol(arguments: argparse.Namespace) -> int:
    home, configuration = open_home(arguments)
    from django.db import transaction

    from clinic.fleet.boxes import register
    from clinic.people.access import patient_named
    from mqtt_bridge import seal

    out = Path(arguments.out)
    if out.exists() and any(out.iterdir()):
        raise RecordError(f"{out} is not empty: give a new folder")
    patient = patient_named(arguments.patient)
    keys = seal.make_keys()
    _check_name(arguments.box, configuration)
    audit("write", f"box {arguments.box} enrolled", patient.id)
    with transaction.atomic():
        register(arguments.box, keys.public, patient)
        _write_files(home, configuration, arguments.box, keys, out)
    say(f"enrol: {arguments.box} for {patient.id}, files in {out}")
    return 0


def _check_name(box: str, configuration: Configuration) -> None:
    from mqtt_bridge.contract.codec import decode, encode
    from mqtt_bridge.enrolment import Place

    if box == "ingest":
        raise RecordError("`ingest` is the clinic's own name at the broker: give the box another")
    if configuration.broker.kind == "rabbitmq":
        from mqtt_bridge.rabbitmq import check_name

        check_name(box)
    place = Place(clinic=configuration.clinic, box=box, broker_host="", broker_port=0)
    decode(encode(place), Place)


def _write_files(home: Home, configuration: Configuration, box: str, keys: "SecretKeys", out: Path) -> None:
    from mqtt_bridge import authority, enrolment
    from mqtt_bridge.seal import load_secret

    broker = configuration.broker
    place = enrolment.Place(
        clinic=configuration.clinic,
        box=box,
        broker_host=broker.host,
        broker_port=broker.port,
        protocol=broker.protocol,
        shelf_host=configuration.shelf_host,
        shelf_port=configuration.shelf.port,
    )
    enrolment.save(out, place, keys, load_secret(home.clinic_keys).public)
    (out / "ca.pem").write_bytes((home.authority / "ca.pem").read_bytes())
    authority.issue(home.authority, box, out / "box")


def _revoke(arguments: argparse.Namespace) -> int:
    open_home(arguments)
    from clinic.fleet.boxes import box_named, revoke

    device = box_named(arguments.box)
    audit("write", f"box {device.id} revoked")
    revoke(device)
    say(f"revoke: {device.id}; what it sends goes to quarantine")
    return 0
