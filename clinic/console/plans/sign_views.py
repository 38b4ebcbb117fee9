"""Signing: the référent sees what changes for the patient, and signs that and nothing else."""

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from clinic.console.gate import needs
from clinic.console.ordering import pen_here, ring
from clinic.console.plans.checking import problems_of
from clinic.console.plans.differences import differences
from clinic.console.plans.draft_views import opened, seen
from clinic.console.plans.editors import is_number
from clinic.console.plans.facts import facts_of, fingerprints_of, names_of, told_parts
from clinic.console.plans.plan_views import shown
from clinic.console.plans.plan_words import contraindication_said, refusal_said
from clinic.console.refusals import said
from clinic.console.signed_in import practitioner_of
from clinic.errors import RecordError
from clinic.fleet.boxes import boxes_of
from clinic.people.may import What
from clinic.people.models import Patient
from clinic.people.refusals import Refusal
from clinic.plans.beginning import from_plan
from clinic.plans.drafting import content_of
from clinic.plans.errors import PlanRefused
from clinic.plans.models import Draft
from clinic.shelf.choosing import look_up
from clinic.shelf.signing import Seen, last_signed, sign
from mqtt_bridge.contract.codec import ContractError


@needs(What.PRESCRIBE)
@require_http_methods(["GET", "HEAD", "POST"])
def sign_draft(request: HttpRequest, patient_id: str) -> HttpResponse:
    patient, draft, last = opened(request, patient_id, "plan: sign", What.PRESCRIBE)
    error, technical = "", ""
    if request.method == "POST":
        try:
            _sign(request, patient, draft)
        except (RecordError, ContractError, msgspec.ValidationError) as refused:
            error, technical = _said(refused)
        else:
            return HttpResponseRedirect(reverse("plan", args=[patient.id]))
    content, former = content_of(last), last_signed(patient)
    before = from_plan(former.content) if former else None
    known = [content, *([before] if before else [])]
    looked = look_up(patient, fingerprints_of(*known))
    names = names_of(*known, known=looked.known)
    here = fingerprints_of(content)
    context = {
        **shown(request, patient),
        "last": last,
        "former": former,
        "parts": told_parts(facts_of(content, names)),
        "differences": differences(before, content, names) if before else (),
        "problems": problems_of(content, looked),
        "overrides": [one for one in looked.overrides if one.fingerprint in here],
        "asked_nobody": [contraindication_said(code) for code in sorted(looked.precautions.never_asked)],
        "boxes": boxes_of(patient),
        "error": error,
        "technical": technical,
    }
    return render(request, "console/plans/sign.html", context, status=409 if error else 200)


def _sign(request: HttpRequest, patient: Patient, draft: Draft) -> None:
    device = next((one for one in boxes_of(patient) if one.id == request.POST.get("box")), None)
    if device is None:
        raise PlanRefused("not-their-box", "no such box is for the patient")
    told = request.POST.get("former", "")
    shown_then = Seen(seen(request), int(told) if is_number(told) else -1)
    sign(draft, shown_then, practitioner_of(request), device, pen_here())
    ring()


def _said(refused: Exception) -> tuple[str, str]:
    """(the page's words, the technical ones small beneath)."""
    if isinstance(refused, PlanRefused):
        return refusal_said(refused), ""
    if isinstance(refused, Refusal):
        return said(refused), ""
    return gettext("Rien n’est signé : la boîte refuserait ce plan."), str(refused)
