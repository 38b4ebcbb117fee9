"""Where a person stands with the clinic (E2): noted, and told to each of their boxes at once."""

from collections.abc import Collection

import msgspec
from django.db import transaction
from django.db.models import QuerySet

from clinic.clock import now_ms
from clinic.errors import RecordError
from clinic.fleet.boxes import boxes_of
from clinic.people.models import Patient, Practitioner, Standing
from clinic.plans.in_force import plan_in_force
from clinic.plans.models import CarePlan, Order
from clinic.plans.orders import DAY_MS, Pen
from mqtt_bridge.contract import correspondence as contract

STANDING_DAYS = 365
WORDS_MAX = 1000


def state_of(patient: Patient) -> Standing.State:
    last = standing_of(patient)
    return Standing.State(last.state) if last else Standing.State.ACTIVE


def standing_of(patient: Patient) -> Standing | None:
    """The last word on it, None when there never was one: active."""
    return Standing.objects.filter(patient=patient).select_related("told_by").order_by("-id").first()


def withdrawn(patients: Collection[str] | QuerySet[Patient, str]) -> dict[str, str]:
    """The state of those of these patients who are not active."""
    last = Standing.objects.filter(patient__in=patients).order_by("id").values_list("patient_id", "state")
    return {patient: state for patient, state in dict(last).items() if state != Standing.State.ACTIVE}


def declare(
    patient: Patient,
    state: Standing.State,
    pen: Pen,
    *,
    by: Practitioner | None = None,
    box: str = "",
    words: str = "",
) -> Standing:
    """Note it and order it to every box of the person, in one transaction. The same again changes nothing."""
    with transaction.atomic():
        Patient.objects.select_for_update().get(pk=patient.pk)
        last = standing_of(patient)
        if last is not None and last.state == state:
            return last
        if last is None and state == Standing.State.ACTIVE:
            raise RecordError(f"{patient.id} is active already: nothing was withdrawn")
        noted = Standing.objects.create(
            patient=patient, state=state, since_ms=now_ms(), words=words.strip()[:WORDS_MAX], told_by=by, box=box
        )
        _tell(noted, pen)
        if state == Standing.State.ACTIVE:
            _put_back(patient, pen)
        return noted


def _put_back(patient: Patient, pen: Pen) -> None:
    """Their plan again among those of a shared box, which may have been written without it meanwhile."""
    for device in boxes_of(patient):
        in_force = plan_in_force(patient, device)
        if in_force is not None and in_force.content.period.end_ms > now_ms():
            pen.plan(in_force)


def _tell(noted: Standing, pen: Pen) -> None:
    state: contract.StandingState = msgspec.convert(noted.state, contract.StandingState)
    word = contract.Standing(patient=noted.patient_id, state=state, since_ms=noted.since_ms)
    for device in boxes_of(noted.patient):
        pen.standing(device, word, _expires_ms(noted))


def _expires_ms(noted: Standing) -> int:
    """It outlives every plan of the person that a box could still hold."""
    plans = CarePlan.objects.filter(patient=noted.patient_id)
    return max([noted.since_ms + STANDING_DAYS * DAY_MS, *(plan.content.period.end_ms for plan in plans)])


def orders_of(patient: Patient) -> list[Order]:
    """The last word on their standing to each of their boxes: how far it came."""
    boxes = [device.pk for device in boxes_of(patient)]
    found = Order.objects.filter(device__in=boxes, kind=Order.Kind.STANDING, patient=patient).defer("letter")
    last = {order.device_id: order for order in found.order_by("serial")}
    return [last[box] for box in boxes if box in last]
