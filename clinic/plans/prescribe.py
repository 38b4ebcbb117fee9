"""A plan signed by a practitioner for a patient of theirs, and stopped by one."""

from django.db import transaction

from clinic.clock import now_ms
from clinic.errors import RecordError
from clinic.fleet.boxes import is_for
from clinic.fleet.models import Device
from clinic.people.admission import check_may_prescribe
from clinic.people.models import Patient, Practitioner
from clinic.plans.models import CarePlan, Order
from clinic.plans.orders import Pen
from clinic.plans.plan_file import PlanDraft, care_plan
from mqtt_bridge.contract.codec import encode
from mqtt_bridge.contract.identity import Patient as ContractPatient


def prescribe(draft: PlanDraft, patient: Patient, requester: Practitioner, device: Device, pen: Pen) -> CarePlan:
    """Sign the next version and order it to the box, in one transaction. Raises RecordError, ContractError."""
    plan = draft.id or f"plan-{patient.id}"
    check_may_prescribe(patient, requester)
    with transaction.atomic():
        if not is_for(device, patient):
            raise RecordError(f"the box {device.id} is not for {patient.id}")
        last = CarePlan.objects.select_for_update().filter(plan=plan).order_by("-version").first()
        if last is not None and last.patient_id != patient.id:
            raise RecordError(f"the plan {plan!r} is {last.patient_id}'s: give this one another id")
        told = ContractPatient(id=patient.id, address_as=patient.address_as)
        content = care_plan(draft, plan, last.version + 1 if last else 1, told, requester.as_told)
        if content.period.end_ms <= now_ms():
            raise RecordError(f"the plan ended on {draft.period.end}: a box would refuse it")
        signed = CarePlan.objects.create(
            plan=plan,
            version=content.version,
            patient=patient,
            device=device,
            document=encode(content),
            requester=requester,
            signed_ms=now_ms(),
        )
        pen.plan(signed)
        return signed


def stop(patient: Patient, device: Device, pen: Pen) -> Order:
    """No plan is in force any more on the box. Raises RecordError when none was."""
    with transaction.atomic():
        in_force = plan_in_force(patient, device)
        if in_force is None:
            raise RecordError(f"no plan of {patient.id} is in force on {device.id}")
        in_force.stopped_ms = now_ms()
        in_force.save(update_fields=["stopped_ms"])
        return pen.stop(device, in_force)


def plan_in_force(patient: Patient, device: Device | None = None) -> CarePlan | None:
    """The plan last signed for the patient (on this box), unless it was stopped."""
    plans = CarePlan.objects.filter(patient=patient).order_by("-signed_ms", "-id")
    if device is not None:
        plans = plans.filter(device=device)
    last = plans.select_related("requester", "device").first()
    return last if last is not None and last.stopped_ms is None else None
