"""enrol, enrolment-code, revoke, take-back, returned, certificates: the life of the clinic's boxes."""

import argparse
import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

from clinic.commands.common import Subparsers, audit, command, open_home, pen_of, say, table
from clinic.errors import RecordError
from clinic.home import Configuration, Home

if TYPE_CHECKING:
    from clinic.fleet.models import Device
    from mqtt_bridge.authority import Facts
    from mqtt_bridge.seal import SecretKeys


def add(subparsers: Subparsers) -> None:
    _add_enrolling(subparsers)
    revoke = command(
        subparsers,
        "revoke",
        _revoke,
        "Refuse everything that a box sends from now on, tell it, where it is connected, that it is no longer linked, "
        "and close the broker's door to it. With --wipe the box is told to wipe itself, at its next contact.",
        "chevet-clinic revoke box-12 --reason 'volée au domicile' --wipe",
    )
    revoke.add_argument("box")
    revoke.add_argument("--reason", default="", help="why, for the audit trail and the page of boxes")
    revoke.add_argument("--wipe", action="store_true", help="stolen or lost: what it holds is to be destroyed")
    back = command(
        subparsers,
        "take-back",
        _take_back,
        "Ask a box back: it offers nothing more, and wipes itself once everything that it holds is in the record.",
        "chevet-clinic take-back box-12",
    )
    back.add_argument("box")
    returned = command(
        subparsers,
        "returned",
        _returned,
        "Note that a box is in the clinic's hands again, and that its headphones were disinfected.",
        "chevet-clinic returned box-12 --disinfected",
    )
    returned.add_argument("box")
    returned.add_argument("--disinfected", action="store_true", help="its headphones are clean for the next person")


def _add_enrolling(subparsers: Subparsers) -> None:
    enrol = command(
        subparsers,
        "enrol",
        _enrol,
        "Make a box's keys, certificate and enrolment files, and register it for a patient. "
        "Better is `enrolment-code`: the box then makes its own keys, and nobody carries them.",
        "chevet-clinic enrol box-12 --patient martin --out /media/key/box-12",
    )
    enrol.add_argument("box", help="its id: letters, digits, dot, dash, underscore")
    enrol.add_argument("--patient", required=True, metavar="P")
    enrol.add_argument(
        "--out", required=True, metavar="DIR", help="a new folder; it holds secrets: carry it to the box"
    )
    code = command(
        subparsers,
        "enrolment-code",
        _code,
        "Make a one-time code by which a box enrols itself for a patient: `chevet-link enrol` on the box. "
        "It is shown once, is good once, and needs `chevet-clinic registrar` to run.",
        "chevet-clinic enrolment-code --patient martin --box box-12",
    )
    code.add_argument("--patient", required=True, metavar="P")
    code.add_argument("--box", default="", metavar="ID", help="its name (default: the next free one)")
    code.add_argument("--hours", type=int, default=24, help="how long it is good (default: %(default)s)")
    code.add_argument("--out", metavar="FILE", help="also write the file for the box's boot partition")
    boxes = command(
        subparsers,
        "boxes",
        _boxes,
        "List the boxes: for whom, in which state of their loan, and since when.",
        "chevet-clinic boxes --json",
    )
    boxes.add_argument("--json", action="store_true", help="for a machine; times in ms since 1970")
    certificates = command(
        subparsers,
        "certificates",
        _certificates,
        "List the clinic's own certificates with their dates; with --renew make those anew that have a third of their "
        "life left, or less. Then restart the registrar; broker and shelf take theirs up by themselves, ingest at its "
        "next connection.",
        "chevet-clinic certificates --renew",
    )
    certificates.add_argument("--renew", action="store_true")
    certificates.add_argument("--all", action="store_true", help="with --renew: every one, however new")


def _enrol(arguments: argparse.Namespace) -> int:
    home, configuration = open_home(arguments)
    from django.db import transaction

    from clinic.fleet.boxes import check_name, register
    from clinic.fleet.certificates import note
    from clinic.people.access import patient_named
    from clinic.plans.addresses import remembered
    from mqtt_bridge import seal

    out = Path(arguments.out)
    if out.exists() and any(out.iterdir()):
        raise RecordError(f"{out} is not empty: give a new folder")
    patient = patient_named(arguments.patient)
    keys = seal.make_keys()
    check_name(arguments.box)
    if configuration.broker.kind == "rabbitmq":
        from mqtt_bridge.rabbitmq import check_name as check_name_there

        check_name_there(arguments.box)
    audit("write", f"box {arguments.box} enrolled", patient.id)
    with transaction.atomic():
        device = register(arguments.box, keys.public, patient, remembered(configuration))
        note(device, _write_files(home, configuration, arguments.box, keys, out))
    say(f"enrol: {arguments.box} for {patient.id}, files in {out}")
    return 0


def _write_files(home: Home, configuration: Configuration, box: str, keys: "SecretKeys", out: Path) -> "Facts":
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
        registrar_host=configuration.registrar_host,
        registrar_port=configuration.registrar.port,
    )
    enrolment.save(out, place, keys, load_secret(home.clinic_keys).public)
    (out / "ca.pem").write_bytes((home.authority / "ca.pem").read_bytes())
    return authority.issue(home.authority, box, out / "box")


def _code(arguments: argparse.Namespace) -> int:
    home, configuration = open_home(arguments)
    from clinic.audit.trail import command_agent
    from clinic.fleet.codes import make_code
    from clinic.people.access import patient_named

    patient = patient_named(arguments.patient)
    ca = (home.authority / "ca.pem").read_bytes()
    made = make_code(patient, arguments.box, ca, command_agent(), arguments.hours)
    audit("write", f"enrolment code {made.code.name} for box {made.code.box}", patient.id)
    paper = f'clinic_url = "{configuration.registrar_url}"\ncode = "{made.text}"\n'
    if arguments.out:
        _write_secret(Path(arguments.out), paper)
    say(f"enrolment-code: box {made.code.box} for {patient.id}, good once within {arguments.hours} h")
    say(paper.rstrip())
    say(f"on the box: chevet-link enrol --enrolment DIR --clinic-url {configuration.registrar_url}, and type the code")
    return 0


def _write_secret(file: Path, words: str) -> None:
    """Whoever reads the code first has the box: nobody else on this machine does (where the file has rights at all)."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w") as written, contextlib.suppress(PermissionError):  # a boot partition has none
        written.write(words)
        written.flush()
        os.fsync(descriptor)
        os.fchmod(descriptor, 0o600)


def _revoke(arguments: argparse.Namespace) -> int:
    home, configuration = open_home(arguments)
    from clinic.bells import ring_ingest
    from clinic.fleet.boxes import box_named
    from clinic.plans.ending import revoke_box

    device = box_named(arguments.box)
    wiped = " and to be wiped" if arguments.wipe else ""
    audit("write", f"box {device.id} revoked{wiped}: {arguments.reason}")
    revoke_box(device, arguments.reason, pen_of(home, configuration), wipe=arguments.wipe)
    ring_ingest(home)
    if arguments.wipe:
        _say_what_it_plays(device)
        say(f"revoke: {device.id}; it is wiped at its next contact, then the broker's door is closed")
        return 0
    _wait_while_told(device)
    _say_what_it_plays(device)
    return _close_the_door(home, configuration, device)


def _wait_while_told(device: "Device") -> None:
    """Until it has said that it knows that it is no longer linked, or the door waits for that no longer."""
    import time

    from clinic.clock import now_ms
    from clinic.fleet.open_doors import TOLD_MS, being_told

    until_s = time.monotonic() + TOLD_MS / 1000
    while time.monotonic() < until_s and being_told(now_ms()).filter(pk=device.pk).exists():
        time.sleep(0.1)  # another process's row: there is no event to wait for


def _say_what_it_plays(device: "Device") -> None:
    from clinic.fleet.loans import Loan
    from clinic.plans.ending import knows_since_ms, plays_until_ms

    if knows_since_ms(device) is not None:
        say("it knows that it is no longer linked: it offers nothing more, and says whom to tell and what to ring")
        return
    until_ms = plays_until_ms(device)
    if until_ms is not None:
        day = Loan.when(until_ms)
        say(f"until {day} it may play what its plan allows, unless wiped or switched off; help asked on it is lost")


def _close_the_door(home: Home, configuration: Configuration, device: "Device") -> int:
    from clinic.registrar.doors import Doors

    try:
        Doors(home, configuration).turn()
    except (OSError, ValueError) as error:
        say(f"revoke: {device.id}; what it sends goes to quarantine. THE BROKER'S DOOR IS STILL OPEN to it: {error}")
        say("the registrar, where it runs, goes on trying; « Boîtes » shows when it is closed")
        return 0
    say(f"revoke: {device.id}; what it sends goes to quarantine, the broker's door is closed")
    return 0


def _take_back(arguments: argparse.Namespace) -> int:
    home, configuration = open_home(arguments)
    from clinic.bells import ring_ingest
    from clinic.fleet.boxes import box_named
    from clinic.plans.ending import take_back

    device = box_named(arguments.box)
    audit("write", f"box {device.id} is asked back")
    take_back(device, pen_of(home, configuration))
    ring_ingest(home)
    say(f"take-back: {device.id}; it is wiped once everything that it holds is in the record")
    return 0


def _returned(arguments: argparse.Namespace) -> int:
    open_home(arguments)
    from clinic.audit.trail import command_agent
    from clinic.fleet.boxes import note_disinfected, note_returned

    device = _known(arguments.box)
    audit("write", f"box {device.id} is back" + (", headphones disinfected" if arguments.disinfected else ""))
    note_returned(device)
    if arguments.disinfected:
        note_disinfected(device, command_agent())
    say(f"returned: {device.id}")
    return 0


def _known(box: str) -> "Device":
    """A box in whatever state. Raises RecordError."""
    from clinic.fleet.models import Device

    device = Device.objects.filter(id=box).first()
    if device is None:
        raise RecordError(f"no box {box!r}: see `Boîtes` on the console")
    return device


def _boxes(arguments: argparse.Namespace) -> int:
    open_home(arguments)
    import json

    from clinic.fleet.loans import Loan, loans

    found = loans()
    audit("read", "boxes")
    if arguments.json:
        say(json.dumps([loan.as_dict() for loan in found]))
        return 0
    rows = [(loan.device.id, ", ".join(loan.patients), loan.state, Loan.when(loan.since_ms)) for loan in found]
    say(table(rows, ("box", "for", "state", "since")))
    return 0


def _certificates(arguments: argparse.Namespace) -> int:
    home, configuration = open_home(arguments)
    from clinic.fleet.own_certificates import look, renew

    if arguments.renew:
        audit("write", "the clinic's own certificates renewed where due")
        for name in renew(home, configuration, everything=arguments.all):
            say(f"renewed: {name}")
    rows = [(one.name, one.common_name, one.until, one.days_said, one.remark) for one in look(home, configuration)]
    say(table(rows, ("certificate", "of", "until", "days left", "remark")))
    return 0
