"""help, message, delivery, standing, assign-box: the bedside from the command line."""

import argparse
import json
from typing import TYPE_CHECKING, Any

from clinic.commands.common import Subparsers, audit, command, open_home, pen_of, say, table
from clinic.errors import RecordError

if TYPE_CHECKING:
    from clinic.correspondence.models import Delivery, HelpRequest

STATES = ("received", "sent", "prepared", "on-the-way", "delivered", "refused")
STANDINGS = ("active", "access-withdrawn", "consent-withdrawn", "deceased")


def add(subparsers: Subparsers) -> None:
    _add_help_command(subparsers)
    _add_message_command(subparsers)
    _add_delivery_command(subparsers)
    _add_standing_command(subparsers)
    _add_assign_command(subparsers)


def _add_help_command(subparsers: Subparsers) -> None:
    made = command(
        subparsers,
        "help",
        _help,
        "The requests for help: those that wait, the oldest first, or one of them closed with what was done. "
        "Listing them here is not reading them: the box says « Lu par » when somebody opens one on the console.",
        'chevet-clinic help close 12 --by claire --done "seen, calmed"',
    )
    made.add_argument("action", choices=("list", "close"))
    made.add_argument("number", nargs="?", type=int, help="of the request, as the list tells it")
    made.add_argument("--by", metavar="USER", help="who answered")
    made.add_argument("--done", default="", metavar="WORDS", help="what was done")
    made.add_argument("--all", action="store_true", help="list the closed ones too")
    made.add_argument("--json", action="store_true", help="for a machine")


def _add_message_command(subparsers: Subparsers) -> None:
    made = command(
        subparsers,
        "message",
        _message,
        "Write to a patient, on their box. It is not for emergencies: nobody knows when they will open it.",
        'chevet-clinic message send martin --by claire --text "Je passe demain." --reply Oui --reply Non',
    )
    made.add_argument("action", choices=("send", "list"))
    made.add_argument("patient")
    made.add_argument("--by", required=True, metavar="USER", help="who writes or reads: one of the patient's care team")
    made.add_argument("--text", default="", metavar="WORDS", help="each line becomes a paragraph")
    made.add_argument("--reply", action="append", default=[], metavar="WORDS", help="a ready answer; several times")
    made.add_argument("--json", action="store_true", help="for a machine")


def _add_delivery_command(subparsers: Subparsers) -> None:
    made = command(
        subparsers,
        "delivery",
        _delivery,
        "The requests for medicines to be delivered, and where one of them is: the box is told.",
        'chevet-clinic delivery tell 3 --state on-the-way --note "Passage demain matin" --by claire',
    )
    made.add_argument("action", choices=("list", "tell"))
    made.add_argument("number", nargs="?", type=int, help="of the request, as the list tells it")
    made.add_argument("--state", choices=STATES)
    made.add_argument("--note", default="", metavar="WORDS", help="what the person must know, on one line")
    made.add_argument("--by", required=True, metavar="USER", help="one of the patient's care team")
    made.add_argument("--json", action="store_true", help="for a machine")


def _add_standing_command(subparsers: Subparsers) -> None:
    made = command(
        subparsers,
        "standing",
        _standing,
        "Note that an access or a consent is withdrawn, or a death, or lift it; every box of the person stops at once.",
        'chevet-clinic standing martin --state consent-withdrawn --by claire --words "by letter" --sure',
    )
    made.add_argument("patient")
    made.add_argument("--state", required=True, choices=STANDINGS)
    made.add_argument("--by", required=True, metavar="USER", help="who notes it: one of the patient's care team")
    made.add_argument("--words", default="", metavar="WORDS", help="who said so, and how")
    made.add_argument("--sure", action="store_true", help="without it nothing is done: what would follow is told")


def _add_assign_command(subparsers: Subparsers) -> None:
    made = command(
        subparsers,
        "assign-box",
        _assign,
        "Make a box the box of another patient too, or take it off one, and stop their plan there. "
        "On a shared box each plan needs a `code`.",
        "chevet-clinic assign-box box-12 --patient leroy",
    )
    made.add_argument("box")
    made.add_argument("--patient", required=True, metavar="P")
    made.add_argument("--remove", action="store_true", help="the box is no longer for this patient")


def _help(arguments: argparse.Namespace) -> int:
    open_home(arguments)
    from clinic.correspondence.models import HelpRequest

    if arguments.action == "close":
        return _close_help(arguments)
    found = HelpRequest.objects.select_related("patient", "owner", "closed_by").order_by("received_ms", "pk")
    chosen = [one for one in found if arguments.all or one.closed_ms is None]
    audit("read", "requests for help by the command line")
    if arguments.json:
        say(json.dumps([_help_json(one) for one in chosen], ensure_ascii=False, indent=1))
    elif chosen:
        cells = [
            [str(one.pk), one.patient_id or "-", one.device_id, _when(one.known_ms), _state(one)] for one in chosen
        ]
        say(table(cells, ("number", "patient", "box", "asked", "state")))
    else:
        say("help: nobody waits")
    return 0


def _state(asked: "HelpRequest") -> str:
    if asked.closed_ms is not None:
        return f"closed: {asked.done}"
    return f"taken by {asked.owner.username}" if asked.owner else "open"


def _help_json(asked: "HelpRequest") -> dict[str, Any]:
    return {
        "number": asked.pk,
        "patient": asked.patient_id,
        "box": asked.device_id,
        "rule": asked.rule,
        "asked_ms": asked.at_ms,
        "error_ms": asked.error_ms,
        "received_ms": asked.received_ms,
        "owner": asked.owner.username if asked.owner else None,
        "closed_ms": asked.closed_ms,
        "closed_by": asked.closed_by.username if asked.closed_by else None,
        "done": asked.done,
    }


def _close_help(arguments: argparse.Namespace) -> int:
    from clinic.correspondence.helping import close, seen_by
    from clinic.people.access import practitioner_named
    from clinic.people.may import What

    if arguments.number is None or not arguments.by:
        raise RecordError("help close: which one, and who answered? Give its number and --by USER")
    who = practitioner_named(arguments.by)
    asked = seen_by(who, What.ANSWER_HELP).filter(pk=arguments.number).first()
    if asked is None:
        raise RecordError(f"no request for help {arguments.number} that {who.username} may answer: see `help list`")
    audit("write", "request for help closed", asked.patient_id or "", who.username)
    close(asked, who, arguments.done)
    say(f"help: {asked.pk} closed")
    return 0


def _message(arguments: argparse.Namespace) -> int:
    home, configuration = open_home(arguments)
    from clinic.bells import ring_ingest
    from clinic.coordination.threads import answer
    from clinic.people.access import patient_of, practitioner_named
    from clinic.people.may import What

    who = practitioner_named(arguments.by)
    if arguments.action == "list":
        return _list_messages(arguments)
    patient = patient_of(who, arguments.patient, What.WRITE_MESSAGES)
    audit("write", "message to the patient by the command line", patient.id, who.username)
    sent = answer(patient, who, arguments.text, arguments.reply, pen_of(home, configuration))
    ring_ingest(home)
    boxes = [order.device_id for order in sent.orders.all()]
    told = {"message": sent.message, "patient": patient.id, "boxes": boxes}
    say(json.dumps(told) if arguments.json else f"message: to {patient.id}, on {', '.join(boxes)}")
    return 0


def _list_messages(arguments: argparse.Namespace) -> int:
    from clinic.correspondence.messaging import marks_of, thread
    from clinic.correspondence.models import MessageToPatient
    from clinic.people.access import patient_of, practitioner_named

    patient = patient_of(practitioner_named(arguments.by), arguments.patient)
    audit("read", "messages by the command line", patient.id, arguments.by)
    rows: list[dict[str, Any]] = []
    for one in reversed(thread(patient)):
        if isinstance(one, MessageToPatient):
            marks = marks_of(one)
            told = {"sent_ms": marks.sent_ms, "received_ms": marks.received_ms, "opened_ms": marks.opened_ms}
            rows.append({"from": one.sender.username, "at_ms": one.sent_ms, "text": "\n".join(one.text), **told})
        else:
            rows.append({"from": patient.id, "at_ms": one.known_ms, "text": one.text})
    if arguments.json:
        say(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        say(table([[row["from"], _when(row["at_ms"]), " ".join(row["text"].split())] for row in rows], HEADS))
    return 0


HEADS = ("from", "when", "text")


def _delivery(arguments: argparse.Namespace) -> int:
    home, configuration = open_home(arguments)
    from clinic.bells import ring_ingest
    from clinic.correspondence.delivering import seen_by, tell
    from clinic.correspondence.models import Delivery
    from clinic.people.access import practitioner_named
    from clinic.people.may import What

    who = practitioner_named(arguments.by)
    if arguments.action == "list":
        audit("read", "deliveries by the command line", agent=who.username)
        return _list_deliveries(list(seen_by(who).order_by("pk")), as_json=arguments.json)
    if arguments.number is None or arguments.state is None:
        raise RecordError("delivery tell: which one, and where is it? Give its number and --state")
    delivery = seen_by(who, What.TELL_DELIVERIES).filter(pk=arguments.number).first()
    if delivery is None:
        raise RecordError(f"no delivery {arguments.number} that {who.username} may speak of: see `delivery list`")
    audit("write", "delivery", delivery.patient_id, who.username)
    tell(delivery, Delivery.State(arguments.state), arguments.note, who, pen_of(home, configuration))
    ring_ingest(home)
    say(f"delivery: {delivery.pk} is {arguments.state}")
    return 0


def _list_deliveries(found: "list[Delivery]", *, as_json: bool) -> int:
    rows = [
        {"number": one.pk, "patient": one.patient_id, "state": one.state, "received_ms": one.first_received_ms}
        for one in found
    ]
    if as_json:
        say(json.dumps(rows, ensure_ascii=False, indent=1))
    elif rows:
        cells = [[str(one.pk), one.patient_id, one.state, _when(one.first_received_ms)] for one in found]
        say(table(cells, ("number", "patient", "state", "asked")))
    else:
        say("delivery: nothing was asked for")
    return 0


def _standing(arguments: argparse.Namespace) -> int:
    home, configuration = open_home(arguments)
    from clinic.bells import ring_ingest
    from clinic.fleet.boxes import boxes_of
    from clinic.people.access import patient_of, practitioner_named
    from clinic.people.may import What
    from clinic.people.models import Standing
    from clinic.plans.standing import declare

    who = practitioner_named(arguments.by)
    patient = patient_of(who, arguments.patient, What.DECLARE_STANDING)
    boxes = ", ".join(box.id for box in boxes_of(patient)) or "no box"
    if not arguments.sure:
        raise RecordError(
            f"nothing done: {patient.given} {patient.family} would be {arguments.state}, told to {boxes}; "
            "give it again with --sure"
        )
    audit("write", f"standing: {arguments.state}", patient.id, who.username)
    pen = pen_of(home, configuration)
    declare(patient, Standing.State(arguments.state), pen, by=who, words=arguments.words)
    ring_ingest(home)
    say(f"standing: {patient.id} is {arguments.state}, told to {boxes}")
    return 0


def _assign(arguments: argparse.Namespace) -> int:
    home, configuration = open_home(arguments)
    from django.db import transaction

    from clinic.bells import ring_ingest
    from clinic.fleet.boxes import assign, box_named, take_off
    from clinic.people.access import patient_named
    from clinic.plans.in_force import plan_in_force, residents
    from clinic.plans.prescribe import stop

    device, patient = box_named(arguments.box), patient_named(arguments.patient)
    audit("write", f"box {device.id} {'taken off' if arguments.remove else 'assigned to'} the patient", patient.id)
    with transaction.atomic():
        if not arguments.remove:
            assign(device, patient)
        else:
            if plan_in_force(patient, device) is not None:
                stop(patient, device, pen_of(home, configuration))
            take_off(device, patient)
    ring_ingest(home)
    say(f"assign-box: {device.id} is for {', '.join(one.id for one in residents(device)) or 'nobody'}")
    return 0


def _when(at_ms: int) -> str:
    import datetime as dt

    from django.utils import timezone

    return f"{timezone.localtime(dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC)):%Y-%m-%d %H:%M:%S}"
