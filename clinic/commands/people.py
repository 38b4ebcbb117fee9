"""add-practitioner, add-patient, add-to-team."""

import argparse

import msgspec

from clinic.commands.common import Subparsers, ask_password, audit, command, open_home, say
from clinic.errors import RecordError
from mqtt_bridge.contract.codec import Line
from mqtt_bridge.contract.identity import Identifier

ROLES = (
    "physician", "therapist", "nurse", "coordinating-nurse", "advanced-practice-nurse", "social-worker", "technician",
    "administrator",
)  # fmt: skip


def add(subparsers: Subparsers) -> None:
    _add_practitioner_command(subparsers)
    _add_patient_command(subparsers)
    team = command(
        subparsers,
        "add-to-team",
        _add_to_team,
        "Put a practitioner in a patient's care team: they may then read that record.",
        "chevet-clinic add-to-team martin --practitioner paul",
    )
    team.add_argument("patient")
    team.add_argument("--practitioner", required=True, metavar="USER")


def _add_practitioner_command(subparsers: Subparsers) -> None:
    made = command(
        subparsers,
        "add-practitioner",
        _add_practitioner,
        "Add a member of staff with an account on the console.",
        "chevet-clinic add-practitioner claire --given Claire --family Moreau --role nurse --shown-as infirmière",
    )
    made.add_argument("username")
    made.add_argument("--given", required=True, help="first name, which patients read")
    made.add_argument("--family", required=True)
    made.add_argument("--role", required=True, choices=ROLES)
    made.add_argument("--shown-as", required=True, metavar="WORDS", help="the role as patients read it: infirmière")
    made.add_argument(
        "--password-file", metavar="FILE", help="its first line; - reads standard input; else you type it"
    )


def _add_patient_command(subparsers: Subparsers) -> None:
    made = command(
        subparsers,
        "add-patient",
        _add_patient,
        "Add a patient, and who is in their care team.",
        'chevet-clinic add-patient martin --given Jeanne --family Martin --address-as "Madame Martin" --team claire',
    )
    made.add_argument("patient", help="their id here: letters, digits, dot, dash, underscore")
    made.add_argument("--given", required=True)
    made.add_argument("--family", required=True)
    made.add_argument("--address-as", required=True, metavar="WORDS", help="how they chose to be addressed")
    made.add_argument("--room", default="")
    made.add_argument(
        "--team", action="append", default=[], metavar="USER", help="several times; the first who may is the référent"
    )


def _add_practitioner(arguments: argparse.Namespace) -> int:
    open_home(arguments)
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    from clinic.people.models import Practitioner

    if Practitioner.objects.filter(username=arguments.username).exists():
        raise RecordError(f"the user name {arguments.username!r} is taken: choose another")
    who = Practitioner(
        username=_identifier(arguments.username),
        given=_shown(arguments.given, "--given"),
        family=arguments.family,
        role=arguments.role,
        role_shown=_shown(arguments.shown_as, "--shown-as"),
    )
    password = ask_password(arguments.password_file)
    try:
        validate_password(password, who)
    except ValidationError as error:
        raise RecordError(" ".join(error.messages)) from error
    who.set_password(password)
    who.save()
    audit("write", f"practitioner {who.username} added")
    say(f"add-practitioner: {who.username}, {who.given} {who.family}")
    return 0


def _add_patient(arguments: argparse.Namespace) -> int:
    open_home(arguments)
    from django.db import transaction

    from clinic.people.access import practitioner_named
    from clinic.people.may import What, may
    from clinic.people.models import Patient
    from clinic.people.team import join

    if Patient.objects.filter(id=arguments.patient).exists():
        raise RecordError(f"the patient {arguments.patient!r} is in the record already")
    team = [practitioner_named(username) for username in arguments.team]
    audit("write", "patient added", arguments.patient)
    with transaction.atomic():
        patient = Patient.objects.create(
            id=_identifier(arguments.patient),
            given=arguments.given,
            family=arguments.family,
            address_as=_shown(arguments.address_as, "--address-as"),
            room=arguments.room,
        )
        referent = next((who for who in team if may(who.role, What.DECIDE_ACCESS)), None)
        for practitioner in team:
            join(patient, practitioner, referring=practitioner == referent)
    say(f"add-patient: {patient.id}, care team of {len(team)}")
    return 0


def _add_to_team(arguments: argparse.Namespace) -> int:
    open_home(arguments)
    from clinic.people.access import patient_named, practitioner_named
    from clinic.people.team import join

    patient, practitioner = patient_named(arguments.patient), practitioner_named(arguments.practitioner)
    audit("write", f"{practitioner.username} joins the care team", patient.id)
    join(patient, practitioner)
    say(f"add-to-team: {practitioner.username} may read {patient.id}")
    return 0


def _shown(text: str, name: str) -> str:
    """What a box must be able to show: refused here, and not at the first plan."""
    try:
        return msgspec.convert(text, Line)
    except msgspec.ValidationError as error:
        raise RecordError(f"{name} {text!r:.60}: a box shows it on one line, of 1 to 90 characters") from error


def _identifier(text: str) -> str:
    try:
        return msgspec.convert(text, Identifier)
    except msgspec.ValidationError as error:
        raise RecordError(
            f"{text!r} is no identifier: letters, digits, dot, dash and underscore, at most 64"
        ) from error
