"""Which plans are in force: of a person, and on a box that several residents share."""

from collections.abc import Collection

from django.db.models import OuterRef, Subquery

from clinic.fleet.models import Device, DeviceAssociation
from clinic.people.models import Patient, Standing
from clinic.plans.models import CarePlan


def plan_in_force(patient: Patient, device: Device | None = None) -> CarePlan | None:
    """The plan last signed for the patient (on this box), unless it was stopped."""
    plans = CarePlan.objects.filter(patient=patient).order_by("-signed_ms", "-id")
    if device is not None:
        plans = plans.filter(device=device)
    last = plans.select_related("requester", "device").first()
    return last if last is not None and last.stopped_ms is None else None


def plans_in_force(patients: Collection[str]) -> dict[str, CarePlan]:
    """The same of many people; who has none is not in it."""
    last = CarePlan.objects.filter(patient=OuterRef("pk")).order_by("-signed_ms", "-id").values("pk")[:1]
    which = Patient.objects.filter(pk__in=patients).annotate(last=Subquery(last)).order_by().values("last")
    return {plan.patient_id: plan for plan in CarePlan.objects.filter(pk__in=which, stopped_ms=None)}


def residents(device: Device) -> list[Patient]:
    """For whom the box is now, who came first first."""
    here = DeviceAssociation.objects.filter(device=device, until_ms=None).select_related("patient").order_by("pk")
    return [association.patient for association in here]


def plans_of_others(device: Device, patient: Patient) -> list[CarePlan]:
    """The plans in force on the box of its other residents, but of those who have withdrawn or died."""
    others = [other for other in residents(device) if other != patient and _is_active(other)]
    found = [plan_in_force(other, device) for other in others]
    return [plan for plan in found if plan]


def _is_active(patient: Patient) -> bool:
    last = Standing.objects.filter(patient=patient).order_by("-id").first()
    return last is None or last.state == Standing.State.ACTIVE
