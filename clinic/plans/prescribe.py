"""A plan signed by a practitioner for a patient of theirs, and stopped by one."""

from django.db import transaction

from clinic.clock import now_ms
from clinic.errors import RecordError
from clinic.fleet.boxes import is_for
from clinic.fleet.models import Device
from clinic.people.admission import check_may_prescribe
from clinic.people.models import Patient, Practitioner, Standing
from clinic.plans.errors import PlanRefused
from clinic.plans.in_force import plan_in_force, plans_of_others, residents
from clinic.plans.models import CarePlan, Order
from clinic.plans.orders import Pen
from clinic.plans.plan_file import PlanDraft, care_plan
from clinic.plans.standing import state_of
from mqtt_bridge.contract.codec import encode
from mqtt_bridge.contract.identity import Patient as ContractPatient


def prescribe(draft: PlanDraft, patient: Patient, requester: Practitioner, device: Device, pen: Pen) -> CarePlan:
    """Sign the next version and order it to the box, in one transaction. Raises RecordError, ContractError."""
    plan = draft.id or f"plan-{patient.id}"
    check_may_prescribe(patient, requester)
    _check_standing(patient)
    with transaction.atomic():
        if not is_for(device, patient):
            raise PlanRefused("not-their-box", f"the box {device.id} is not for {patient.id}")
        _check_codes(draft, patient, device)
        last = CarePlan.objects.select_for_update().filter(plan=plan).order_by("-version").first()
        if last is not None and last.patient_id != patient.id:
            raise PlanRefused("others-plan", f"the plan {plan!r} is {last.patient_id}'s: give this one another id")
        told = ContractPatient(id=patient.id, address_as=patient.address_as)
        content = care_plan(draft, plan, last.version + 1 if last else 1, told, requester.as_told)
        if content.period.end_ms <= now_ms():
            raise PlanRefused("plan-over", f"the plan ended on {draft.period.end}: a box would refuse it")
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


def stop(patient: Patient, device: Device, pen: Pen, *, seen: CarePlan | None = None) -> Order:
    """No plan of theirs is in force any more on the box; `seen`: unless it is another than this one by now.

    Raises RecordError when none was, or another.
    """
    with transaction.atomic():
        Device.objects.select_for_update().get(pk=device.pk)  # who signs at this instant comes before, or after
        in_force = plan_in_force(patient, device)
        if in_force is None:
            raise RecordError(f"no plan of {patient.id} is in force on {device.id}")
        if seen is not None and in_force != seen:
            raise RecordError(f"another plan of {patient.id} was signed meanwhile: look at it first")
        in_force.stopped_ms = now_ms()
        in_force.save(update_fields=["stopped_ms"])
        return pen.stop(device, in_force)


def _check_standing(patient: Patient) -> None:
    state = state_of(patient)
    if state != Standing.State.ACTIVE:
        raise PlanRefused(
            "standing", f"{patient.id}: {state.value}; nothing is prescribed until their standing is active again"
        )


def _check_codes(draft: PlanDraft, patient: Patient, device: Device) -> None:
    """On a shared box everybody signs in, so everybody has a code (A3)."""
    others = [one.id for one in residents(device) if one != patient]
    if not others:
        return
    if draft.code is None:
        raise PlanRefused(
            "code-missing",
            f"the box {device.id} is shared with {', '.join(others)}: give this plan a `code`, or each would see "
            "the other's care",
        )
    without = [plan.patient_id for plan in plans_of_others(device, patient) if plan.content.code is None]
    if without:
        raise PlanRefused(
            "others-code", f"the plan of {', '.join(without)} on the box {device.id} has no `code`: sign theirs first"
        )
