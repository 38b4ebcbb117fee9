"""What was asked for and written: help, messages both ways, medicines."""

from clinic.correspondence.models import DeliveryStep, DeliveryWord, HelpRequest, MessageFromPatient, MessageToPatient
from clinic.events import Rows, rows
from clinic.people.events import full_name
from clinic.people.models import Patient
from clinic.results.events import uncertain, when


def events_of(patient: Patient) -> list[Rows]:
    helped = HelpRequest.objects.filter(patient=patient)
    words = DeliveryWord.objects.filter(patient=patient)
    steps = DeliveryStep.objects.filter(delivery__patient=patient)
    return [
        rows("help-asked", helped, at=when(), uncertain=uncertain(), code="rule", ref="id"),
        rows("help-closed", helped.exclude(closed_ms=None), at="closed_ms", said="done", by=full_name("closed_by"),
             ref="id"),
        rows("message-from", MessageFromPatient.objects.filter(patient=patient), at=when(), uncertain=uncertain(),
             said="text"),
        rows("message-to", MessageToPatient.objects.filter(patient=patient), at="sent_ms", said="text",
             by=full_name("sender")),
        rows("delivery-word", words, at=when(), uncertain=uncertain(), code="kind", said="note", ref="delivery_id"),
        rows("delivery-step", steps, at="told_ms", code="state", said="note", by=full_name("told_by"),
             ref="delivery_id"),
    ]  # fmt: skip
