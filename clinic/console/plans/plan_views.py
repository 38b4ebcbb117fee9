"""« Plan »: the plan in force, what is being written, every version that was signed; and its end."""

import contextlib

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from clinic.console.bedside_words import standing_said
from clinic.console.gate import needs
from clinic.console.opening import open_patient
from clinic.console.ordering import pen_here, ring
from clinic.console.plans.differences import differences
from clinic.console.plans.facts import facts_of, names_of, told_parts
from clinic.console.plans.life import lives_of
from clinic.console.plans.preview_views import screens_shown
from clinic.console.signed_in import practitioner_of
from clinic.errors import RecordError
from clinic.people.may import What, may
from clinic.people.models import Patient, Standing
from clinic.plans.beginning import from_plan
from clinic.plans.contraindications import overrides_of
from clinic.plans.drafting import last_revision_of
from clinic.plans.in_force import plan_in_force
from clinic.plans.prescribe import stop


def shown(request: HttpRequest, patient: Patient) -> dict[str, object]:
    """What every page of a patient's plan shows."""
    who = practitioner_of(request)
    return {
        "standing": "" if patient.standing in (None, Standing.State.ACTIVE) else standing_said(patient.standing),
        "nav": "patients",
        "patient": patient,
        "referring": patient.referring,
        "signs": patient.referring and may(who.role, What.PRESCRIBE),
    }


@require_safe
def plan(request: HttpRequest, patient_id: str) -> HttpResponse:
    patient = open_patient(request, patient_id, "plan")
    lives = lives_of(patient)
    in_force = lives[0] if lives and lives[0].state in ("in-force", "over") else None
    content = from_plan(in_force.version.content) if in_force else None
    last = last_revision_of(patient)
    told = shown(request, patient)
    context = {
        **told,
        "in_force": in_force,
        "parts": told_parts(facts_of(content, names_of(content))) if content else (),
        "overrides": overrides_of(patient, [one.package.fingerprint for one in content.activity]) if content else (),
        "lives": lives,
        "draft": last.draft if last else None,
        "last": last,
        "may_draft": may(practitioner_of(request).role, What.DRAFT_PLAN),
    }
    return render(request, "console/plans/plan.html", context)


@require_safe
def version(request: HttpRequest, patient_id: str, number: int) -> HttpResponse:
    """One version as it was signed, and what it changed for the patient."""
    patient = open_patient(request, patient_id, "a version of the plan")
    lives = lives_of(patient)
    at = next((at for at, life in enumerate(lives) if life.version.pk == number), None)
    if at is None:
        raise Http404
    content = from_plan(lives[at].version.content)
    former = from_plan(lives[at + 1].version.content) if at + 1 < len(lives) else None
    names = names_of(content, *([former] if former else []))
    context = {
        **shown(request, patient),
        "life": lives[at],
        "parts": told_parts(facts_of(content, names)),
        "former": lives[at + 1] if former else None,
        "differences": differences(former, content, names) if former else (),
        **screens_shown(patient, content, number),
    }
    return render(request, "console/plans/version.html", context)


@needs(What.PRESCRIBE)
@require_http_methods(["GET", "HEAD", "POST"])
def stop_plan(request: HttpRequest, patient_id: str) -> HttpResponse:
    """Asked once; only the version that the page showed is stopped."""
    patient = open_patient(request, patient_id, "plan: stop", What.PRESCRIBE)
    in_force = plan_in_force(patient)
    if request.method == "POST" and in_force is not None and request.POST.get("version") == str(in_force.pk):
        with contextlib.suppress(RecordError):  # stopped or replaced at this instant: the page says what is in force
            stop(patient, in_force.device, pen_here(), seen=in_force)
            ring()
            return HttpResponseRedirect(reverse("plan", args=[patient.id]))
        in_force = plan_in_force(patient)
    context = {**shown(request, patient), "version": in_force, "moved": request.method == "POST"}
    return render(request, "console/plans/stop.html", context, status=409 if request.method == "POST" else 200)
