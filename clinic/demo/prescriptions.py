"""A signed plan for everybody in follow-up, in the words of the catalogue; the last one is ordered to their box."""

import datetime as dt
import hashlib

from clinic.demo.cast import Followed, Staff
from clinic.demo.course import Care, Course
from clinic.fleet.models import Device
from clinic.people.models import Patient
from clinic.plans.forms import house_form
from clinic.plans.models import CarePlan, Order
from clinic.plans.orders import Pen
from clinic.plans.plan_draft import ActivityDraft, FormDraft, LimitsDraft, PackageDraft, PeriodDraft, PlanDraft
from clinic.plans.plan_file import care_plan
from mqtt_bridge.contract.codec import encode
from mqtt_bridge.contract.framing import Hours
from mqtt_bridge.contract.identity import Patient as ContractPatient
from mqtt_bridge.contract.schedule import FollowUp

FORMS = ("cinq-cones.fr", "jour-apres.fr", "suivi-semaine.fr", "aidant.fr")
AFTER, WEEK, RELATIVE = "lendemain", "semaine", "aidant"
_EXPLANATION = "Vous allez écouter avec le casque. Le soin va jusqu’au bout, sans pause. Vous pouvez l’arrêter."
_ADVICE = "Installez-vous bien, dans un fauteuil ou dans le lit."


def plan_id(patient: str) -> str:
    return f"plan-{patient}"


def prescribe(one: Followed, course: Course, box: str, staff: Staff, pen: Pen, now_ms: int) -> CarePlan:
    """Version 1 of a plan that began with the follow-up and goes on for two months; the box has it."""
    patient, device = Patient.objects.get(pk=one.id), Device.objects.get(pk=box)
    told = ContractPatient(id=one.id, address_as=one.person.address_as)
    draft = _draft(course, _day(one.since_ms), _day(now_ms + 60 * 86_400_000))
    content = care_plan(draft, plan_id(one.id), 1, told, staff.user.as_told)
    signed = CarePlan.objects.create(
        plan=content.id,
        version=1,
        patient=patient,
        device=device,
        document=encode(content),
        requester=staff.user,
        signed_ms=one.since_ms,
    )
    order = pen.plan(signed)
    Order.objects.filter(pk=order.pk).update(
        issued_ms=one.since_ms, sent_ms=one.since_ms + 400, received_ms=one.since_ms + 2_100, accepted=True
    )
    return signed


def _draft(course: Course, start: dt.date, end: dt.date) -> PlanDraft:
    cones, after, week, relative = (house_form(name) for name in FORMS)
    cares = [one.care for one in course.prescribed]
    return PlanDraft(
        period=PeriodDraft(start=start, end=end),
        activity=tuple(_activity(care) for care in cares),
        questionnaires=(cones, after, week, relative),
        forms=(
            FormDraft(
                id=WEEK, title="Votre semaine", questionnaire=week.canonical, purpose="monitoring", every_days=7
            ),
            FormDraft(
                id=RELATIVE, title="Pour la personne qui aide", questionnaire=relative.canonical, purpose="caregiver",
                every_days=30, respondent="relative", about_relative=True,
            ),
        ),
        follow_ups=(FollowUp(id=AFTER, title="Depuis votre soin", questionnaire=after.canonical, days=(1, 3)),),
        messages=True,
    )  # fmt: skip


def _activity(care: Care) -> ActivityDraft:
    night = LimitsDraft(hours=(Hours(start="19:30", end="02:00"),), per_day_max=2)
    return ActivityDraft(
        id=care.id,
        title=care.title,
        kind=care.kind,  # type: ignore[arg-type]  # of the catalogue; the contract checks it
        duration_s=care.duration_s,
        package=PackageDraft(id=care.id, fingerprint=fingerprint(care)),
        explanation=(_EXPLANATION,),
        advice=(_ADVICE,),
        level_dba=care.level_dba,
        level_max_dba=care.level_dba + 8,
        limits=night if care.kind == "sleep" else LimitsDraft(per_day_max=4),
    )


def fingerprint(care: Care) -> str:
    return hashlib.sha256(care.id.encode()).hexdigest()


def _day(at_ms: int) -> dt.date:
    return dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC).date()
