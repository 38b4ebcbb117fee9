"""validate-access, reset-second-factor, audit: who may be cared for, who may enter, and what the trail says."""

import argparse

from clinic.commands.common import Subparsers, audit, command, open_home, say
from clinic.errors import ClinicError


def add(subparsers: Subparsers) -> None:
    _add_validate_command(subparsers)
    reset = command(
        subparsers,
        "reset-second-factor",
        _reset,
        "Forget a practitioner's second factor and recovery codes: for a lost telephone. They are signed out, and set "
        "up another at their next signing in. Make sure that it is they who ask.",
        "chevet-clinic reset-second-factor claire",
    )
    reset.add_argument("username")
    made = command(
        subparsers,
        "audit",
        _audit,
        "Verify the audit trail. It finds an entry that was altered, removed or put elsewhere; exit 1 when there is "
        "one. Note the head that it prints away from this machine: --head finds whether it is still there.",
        "chevet-clinic audit verify --head 5f0c...",
    )
    made.add_argument("action", choices=("verify",))
    made.add_argument("--head", metavar="HASH", help="a head that was noted before: it must still be in the trail")


def _add_validate_command(subparsers: Subparsers) -> None:
    made = command(
        subparsers,
        "validate-access",
        _validate,
        "Enter a request for the care and the référent's yes to it: nothing is prescribed before. "
        "On the console this is the page « Demandes ».",
        "chevet-clinic validate-access martin --by claire --asked-by relative --asker 'Anne Martin, her daughter' "
        '--why "sleeps badly" --reason "relaxation before the night"',
    )
    made.add_argument("patient")
    made.add_argument("--by", required=True, metavar="USER", help="the référent: a physician, a therapist or a nurse")
    made.add_argument("--asked-by", default="patient", choices=("patient", "relative", "staff"))
    made.add_argument("--asker", default="", metavar="WORDS", help="who the relative or the member of staff is")
    made.add_argument("--why", required=True, metavar="WORDS", help="why the care is asked for")
    made.add_argument("--reason", required=True, metavar="WORDS", help="the référent's reason for the yes")


def _validate(arguments: argparse.Namespace) -> int:
    open_home(arguments)
    from django.db import transaction

    from clinic.people.access import patient_named, practitioner_named
    from clinic.people.admission import decide, request_access
    from clinic.people.models import Asker

    patient, referent = patient_named(arguments.patient), practitioner_named(arguments.by)
    audit("write", "access validated by the command line", patient.id, referent.username)
    with transaction.atomic():
        asker = Asker(arguments.asked_by)
        asked = request_access(patient, referent, asker, arguments.asker, arguments.why, None)
        decide(asked, referent, accepted=True, reason=arguments.reason)
    say(f"validate-access: {patient.id}, {referent.username} is their référent")
    return 0


def _reset(arguments: argparse.Namespace) -> int:
    open_home(arguments)
    from clinic.console.sessions import end_all_of
    from clinic.people.access import practitioner_named
    from clinic.people.second_factor import remove

    who = practitioner_named(arguments.username)
    audit("write", f"second factor of {who.username} reset by the command line")
    remove(who)
    end_all_of(who)
    say(f"reset-second-factor: {who.username} sets up another at their next signing in")
    return 0


def _audit(arguments: argparse.Namespace) -> int:
    open_home(arguments)
    from clinic.audit.verify import verify

    found = verify(arguments.head)
    for fault in found.faults:
        say(f"audit: {fault}")
    told = f"{found.entries} entries in {found.chains} chains, {found.unchained} from before chains; head {found.head}"
    if found.faults:
        raise ClinicError(f"the trail was tampered with or damaged ({len(found.faults)} faults): keep it; {told}")
    say(f"audit: whole; {told}")
    return 0
