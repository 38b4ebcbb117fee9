"""Pictures of a plan on the box's screen, for those who may read it."""

import logging

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from clinic.console.gate import needs
from clinic.console.opening import open_patient
from clinic.console.ordering import home_here
from clinic.console.plans.preview import PreviewError, as_shown, overview, picture, program
from clinic.people.may import What
from clinic.people.models import Patient
from clinic.plans.beginning import from_plan
from clinic.plans.drafting import content_of, last_revision_of
from clinic.plans.models import CarePlan
from clinic.plans.unfinished import UnfinishedPlan
from mqtt_bridge.contract.care import CarePlan as ContractCarePlan

log = logging.getLogger(__name__)


def screens_shown(patient: Patient, plan: UnfinishedPlan, number: int | None = None) -> dict[str, object]:
    """For a page: each picture's address. number: of a signed version; None: of the draft."""
    shown = as_shown(plan, patient.address_as)
    if shown is None or program() is None:
        return {"screens": [], "no_kiosk": shown is not None}
    about: list[str | int] = [patient.id] if number is None else [patient.id, number]
    name = "draft-picture" if number is None else "plan-picture"
    told = [{"words": one.words, "address": reverse(name, args=[*about, one.name])} for one in overview(shown)]
    return {"screens": told, "no_kiosk": False}


@needs(What.DRAFT_PLAN)
@require_safe
def draft_picture(request: HttpRequest, patient_id: str, screen: str) -> HttpResponse:
    patient = open_patient(request, patient_id, "plan: preview", What.DRAFT_PLAN)
    last = last_revision_of(patient)
    if last is None:
        raise Http404
    return _picture(patient, content_of(last), screen)


@require_safe
def plan_picture(request: HttpRequest, patient_id: str, number: int, screen: str) -> HttpResponse:
    patient = open_patient(request, patient_id, "plan: preview")
    found = CarePlan.objects.filter(patient=patient, pk=number).first()
    if found is None:
        raise Http404
    return _picture(patient, from_plan(found.content), screen)


def _picture(patient: Patient, plan: UnfinishedPlan, screen: str) -> HttpResponse:
    shown = as_shown(plan, patient.address_as)
    names = [one.name for one in overview(shown)] if shown else []
    if shown is None or screen not in names:
        raise Http404
    return drawn(shown, screen, names)


def drawn(plan: ContractCarePlan, screen: str, names: list[str]) -> HttpResponse:
    """The picture; where it cannot be drawn its alternative text stands, and the log says why."""
    try:
        return HttpResponse(picture(home_here(), plan, screen, names), content_type="image/png")
    except PreviewError as error:
        log.warning("preview: %s", error)
        return HttpResponse(status=503)
