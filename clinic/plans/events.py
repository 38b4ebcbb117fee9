"""What happened to a patient's plans: signed, received by the box, stopped."""

from clinic.events import Rows, rows
from clinic.people.events import full_name
from clinic.people.models import Patient
from clinic.plans.models import CarePlan, ContraindicationOverride, Order


def events_of(patient: Patient) -> list[Rows]:
    signed = CarePlan.objects.filter(patient=patient)
    answered = Order.objects.filter(care_plan__patient=patient, kind=Order.Kind.PLAN).exclude(received_ms=None)
    overridden = ContraindicationOverride.objects.filter(patient=patient)
    return [
        rows("contraindication-overridden", overridden, at="at_ms", what="contraindication", said="reason",
             by=full_name("by"), ref="package"),
        rows("plan-signed", signed, at="signed_ms", what="version", by=full_name("requester"), ref="plan"),
        rows("plan-stopped", signed.exclude(stopped_ms=None), at="stopped_ms", what="version", ref="plan"),
        rows(
            "plan-received", answered, at="received_ms", code="accepted", what="care_plan__version", said="reason",
            ref="device_id",
        ),
    ]  # fmt: skip
