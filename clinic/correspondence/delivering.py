"""Medicines to be delivered (C6): where a request is, and telling the box so."""

import re

import msgspec
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from clinic.clock import now_ms
from clinic.correspondence.models import Delivery, DeliveryStep, DeliveryWord
from clinic.errors import RecordError
from clinic.people.access import of_their_patients
from clinic.people.may import What
from clinic.people.models import Practitioner
from clinic.plans.orders import Pen
from mqtt_bridge.contract import correspondence as contract
from mqtt_bridge.contract.codec import TEXT

NOTE_MAX = 90
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""What comes with words that are pasted, and what no line of the box may hold: it could not read the order."""
OVER_SHOWN_MAX = 30


def seen_by(who: Practitioner, what: What = What.READ_RECORD) -> QuerySet[Delivery]:
    found = Delivery.objects.filter(of_their_patients(who, what)).select_related("patient", "device")
    return found.prefetch_related("words", "steps__told_by", "steps__order")


def under_way(who: Practitioner) -> QuerySet[Delivery]:
    """Those that are neither refused nor in the person's hands, the oldest first."""
    return seen_by(who).exclude(_OVER | _there()).order_by("first_received_ms", "pk")


def deliveries_under_way() -> QuerySet[Delivery]:
    """Of everybody: for a question about patients, never for a page."""
    return Delivery.objects.exclude(_OVER | _there())


def over(who: Practitioner) -> QuerySet[Delivery]:
    return seen_by(who).filter(_OVER | _there()).order_by("-first_received_ms")[:OVER_SHOWN_MAX]


_OVER = Q(state=Delivery.State.REFUSED)


def _there() -> Q:
    """The person has said that the parcel is there."""
    return Q(Exists(DeliveryWord.objects.filter(delivery=OuterRef("pk"), kind=DeliveryWord.Kind.THERE)))


def tell(delivery: Delivery, state: Delivery.State, note: str, by: Practitioner, pen: Pen) -> DeliveryStep:
    """Note where it is and tell the box that asked. Raises RecordError: a note that the box cannot show."""
    if state == Delivery.State.ASKED:
        raise RecordError("say where the request is: received, sent, prepared, on-the-way, delivered or refused")
    said = " ".join(CONTROLS.sub(" ", note).split())
    if not re.search(TEXT, said):
        said = ""  # nothing that can be seen
    if len(said) > NOTE_MAX:
        raise RecordError(f"the note is shown on one line of the box: at most {NOTE_MAX} characters, not {len(said)}")
    told: contract.DeliveryState = msgspec.convert(state.value, contract.DeliveryState)
    with transaction.atomic():
        kept = Delivery.objects.select_for_update().get(pk=delivery.pk)
        word = contract.DeliveryTold(
            delivery=kept.delivery, patient=kept.patient_id, state=told, told_ms=now_ms(), note=said or None
        )
        order = pen.delivery(kept.device, word) if kept.device.revoked_ms is None else None
        kept.state = state
        kept.save(update_fields=["state"])
        return DeliveryStep.objects.create(
            delivery=kept, state=state, note=said, told_by=by, told_ms=word.told_ms, order=order
        )
