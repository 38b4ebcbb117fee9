"""prescribe and stop-plan: a plan signed, ordered to a box, and stopped."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from clinic.commands.common import Subparsers, audit, command, open_home, pen_of, say

if TYPE_CHECKING:
    from clinic.shelf.models import Package


def add(subparsers: Subparsers) -> None:
    made = command(
        subparsers,
        "prescribe",
        _prescribe,
        "Sign a plan for a patient and order it to their box. The file is TOML or JSON: clinic/README.md shows one.",
        "chevet-clinic prescribe plan.toml --patient martin --by claire --box box-12",
    )
    made.add_argument("plan", metavar="PLAN", help="PLAN.toml or PLAN.json")
    made.add_argument("--patient", required=True, metavar="P")
    made.add_argument("--by", required=True, metavar="USER", help="who signs: one of the patient's care team")
    made.add_argument("--box", required=True)
    made.add_argument("--json", action="store_true", help="print what was signed, for a machine")
    made.add_argument(
        "--despite", metavar="REASON", help="why a contraindicated care is given all the same; it is kept"
    )
    stop = command(
        subparsers,
        "stop-plan",
        _stop,
        "Stop the plan in force on a box: nothing of it plays once the box has heard.",
        "chevet-clinic stop-plan --patient martin --by claire --box box-12",
    )
    stop.add_argument("--patient", required=True, metavar="P")
    stop.add_argument("--by", required=True, metavar="USER")
    stop.add_argument("--box", required=True)


def _prescribe(arguments: argparse.Namespace) -> int:
    home, configuration = open_home(arguments)
    from django.db import transaction

    from clinic.bells import ring_ingest
    from clinic.fleet.boxes import box_named
    from clinic.people.access import patient_of, practitioner_named
    from clinic.people.admission import check_may_prescribe
    from clinic.plans.plan_file import read
    from clinic.plans.prescribe import prescribe
    from clinic.shelf.offers import offer_missing
    from clinic.shelf.signing import check_contraindications, prescribe_despite

    requester, device = practitioner_named(arguments.by), box_named(arguments.box)
    patient = patient_of(requester, arguments.patient)
    draft = read(Path(arguments.plan), _ask_code)
    audit("write", f"plan ordered to {device.id} by the command line", patient.id, requester.username)
    pen = pen_of(home, configuration)
    with transaction.atomic():
        if arguments.despite is not None:
            check_may_prescribe(patient, requester)
            prescribe_despite(draft, patient, requester, arguments.despite)
        check_contraindications(draft, patient)
        signed = prescribe(draft, patient, requester, device, pen)
        offered, unknown = offer_missing(signed, pen)
    ring_ingest(home)
    order = signed.orders.get()
    told = {"plan": signed.plan, "version": signed.version, "order": order.order, "serial": order.serial}
    say(json.dumps(told) if arguments.json else f"prescribe: {signed}, order {order.serial} to {device.id}")
    _say_packages(offered, unknown, device.id)
    return 0


def _ask_code(kind: str) -> str:
    """A person's code, where the plan's file leaves it out."""
    from getpass import getpass

    words = {"pin": "Code (4 to 6 digits): ", "pictures": "Code (3 or 4 pictures, as « soleil chat clé »): "}
    return getpass(words[kind])


def _say_packages(offered: "Sequence[Package]", unknown: Sequence[str], box: str) -> None:
    for package in offered:
        print(f"prescribe: offered {package} to {box}, which fetches it outside care", file=sys.stderr)
    for name in unknown:
        print(
            f"prescribe: the package {name} of this plan is not on the shelf: the box has it already, or "
            f"`chevet-clinic package add` it and prescribe again",
            file=sys.stderr,
        )


def _stop(arguments: argparse.Namespace) -> int:
    home, configuration = open_home(arguments)
    from clinic.bells import ring_ingest
    from clinic.fleet.boxes import box_named
    from clinic.people.access import patient_of, practitioner_named
    from clinic.plans.prescribe import stop

    requester, device = practitioner_named(arguments.by), box_named(arguments.box)
    patient = patient_of(requester, arguments.patient)
    audit("write", f"plan stopped on {device.id} by the command line", patient.id, requester.username)
    order = stop(patient, device, pen_of(home, configuration))
    ring_ingest(home)
    say(f"stop-plan: {order.care_plan}, order {order.serial} to {device.id}")
    return 0
