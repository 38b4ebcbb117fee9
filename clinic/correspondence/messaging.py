"""Messages between the person and the team (A16), and how far each of them came."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet

from clinic.clock import now_ms
from clinic.correspondence.models import MessageFromPatient, MessageToPatient
from clinic.errors import RecordError
from clinic.fleet.boxes import boxes_of
from clinic.people.models import Patient, Practitioner
from clinic.plans.orders import Pen
from clinic.plans.standing import state_of
from clinic.results.models import Reading
from mqtt_bridge.contract import correspondence as contract
from mqtt_bridge.contract.codec import ContractError, decode, encode

PARAGRAPHS_MAX, PARAGRAPH_MAX = 10, 500
REPLIES_MAX, REPLY_MAX = 6, 35
"""A ready answer is one of six on a screen: longer ones are cut there."""
SHOWN_MAX = 200


def as_shown(lines: Collection[str]) -> tuple[str, ...]:
    """Of what was typed, what the box shows: without empty lines, one space between two words."""
    return tuple(filter(None, (" ".join(line.split()) for line in lines)))


def send(patient: Patient, sender: Practitioner, text: str, replies: Collection[str], pen: Pen) -> MessageToPatient:
    """Write to the person, on every box of theirs. `text`: an empty line, or a new one, begins another paragraph.

    Raises RecordError: nothing to say, too much, no box to say it on, or a person who is not to be written to.
    """
    paragraphs, ready = as_shown(text.splitlines()), as_shown(replies)
    if any(len(reply) > REPLY_MAX for reply in ready):
        raise RecordError(f"a ready answer has at most {REPLY_MAX} characters: the box shows it on one of six buttons")
    boxes = boxes_of(patient)
    if not boxes:
        raise RecordError(f"{patient.id} has no box: the message would reach nobody")
    if state_of(patient) != "active":
        raise RecordError(f"{patient.id}: {state_of(patient).value}; nothing is written to their box")
    word = _word(patient, sender, paragraphs, ready)
    with transaction.atomic():
        kept = MessageToPatient.objects.create(
            message=word.message,
            patient=patient,
            sender=sender,
            sent_ms=word.sent_ms,
            text=list(paragraphs),
            replies=list(ready),
        )
        kept.orders.set([pen.message(box, word) for box in boxes])
    return kept


def _word(
    patient: Patient, sender: Practitioner, paragraphs: tuple[str, ...], replies: tuple[str, ...]
) -> contract.MessageToPatient:
    word = contract.MessageToPatient(
        message=f"t-{uuid.uuid4().hex}",
        patient=patient.id,
        sender=sender.as_told,
        sent_ms=now_ms(),
        text=paragraphs,
        replies=replies,
    )
    try:
        return decode(encode(word), contract.MessageToPatient)
    except ContractError as error:
        raise RecordError(
            f"a message has 1 to {PARAGRAPHS_MAX} paragraphs of at most {PARAGRAPH_MAX} characters, and at most "
            f"{REPLIES_MAX} ready answers of {REPLY_MAX}: {error}"
        ) from error


@dataclass(frozen=True)
class Marks:
    """How far a message to the person came: each None until it did. None of them is guessed."""

    sent_ms: int | None
    received_ms: int | None
    opened_ms: int | None
    refused: str = ""


def marks_of(message: MessageToPatient) -> Marks:
    """Of several boxes the one that came farthest: the person reads at one of them."""
    orders = list(message.orders.all())
    taken = [order for order in orders if order.accepted]
    refused = [order.reason or "?" for order in orders if order.accepted is False]
    return Marks(
        sent_ms=min((ms for order in orders if (ms := order.sent_ms or order.received_ms)), default=None),
        received_ms=min((order.received_ms for order in taken if order.received_ms), default=None),
        opened_ms=min((one.known_ms for one in message.openings.all()), default=None),
        refused=refused[0] if refused and not taken else "",
    )


def thread(patient: Patient) -> list[MessageFromPatient | MessageToPatient]:
    """What was written both ways, the newest first."""
    theirs = list(MessageFromPatient.objects.filter(patient=patient).order_by("-received_ms", "-pk")[:SHOWN_MAX])
    ours = list(
        MessageToPatient.objects.filter(patient=patient)
        .select_related("sender")
        .prefetch_related("orders", "openings")
        .order_by("-sent_ms", "-pk")[:SHOWN_MAX]
    )
    both: list[MessageFromPatient | MessageToPatient] = [*theirs, *ours]
    return sorted(both, key=when, reverse=True)[:SHOWN_MAX]


def when(message: MessageFromPatient | MessageToPatient) -> int:
    return message.sent_ms if isinstance(message, MessageToPatient) else message.known_ms


def unread_messages(reader: Practitioner, patients: Collection[str]) -> dict[str, int]:
    """How many messages of each patient this reader has not read; those with none are left out."""
    found = unread_from_patients(reader).filter(patient__in=patients).order_by()
    return dict(found.values_list("patient_id").annotate(n=Count("pk")))


def unread_from_patients(reader: Practitioner) -> QuerySet[MessageFromPatient]:
    """The messages of patients that this reader has not read."""
    read = Reading.objects.filter(row=OuterRef("row"), reader=reader)
    return MessageFromPatient.objects.filter(~Exists(read))
