"""The sessions of one patient."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic.clock import now_ms
from clinic.console.bedside_words import standing_said
from clinic.console.boxes_told import device_state, silence_said
from clinic.console.opening import open_patient
from clinic.console.ordering import read_now
from clinic.console.signed_in import practitioner_of
from clinic.console.told import asked_of, order_steps, ramps_of, tell_session
from clinic.people.access import is_referring
from clinic.people.models import Patient
from clinic.plans.in_force import plan_in_force
from clinic.plans.models import CarePlan
from clinic.plans.orders import last_about_plans
from clinic.plans.standing import withdrawn
from clinic.results.asked import silence_of
from clinic.results.models import Session
from clinic.results.sessions import beside, records, rows_of
from clinic.results.sessions import sessions as sessions_of

SESSIONS_A_PAGE = 20


@require_safe
def sessions(request: HttpRequest, patient_id: str) -> HttpResponse:
    patient = open_patient(request, patient_id, "sessions")
    page = Paginator(sessions_of(patient.id), SESSIONS_A_PAGE).get_page(request.GET.get("page"))
    shown = list(page)  # fetched once: what arrives from here on is neither shown nor marked
    more = beside(shown)
    new = read_now(request, rows_of(shown, more))
    plans = _plans(shown)
    ramps, asked = ramps_of(plans), asked_of(plans)
    told = [tell_session(kept, ramps, asked, new=kept.rows & new) for kept in records(shown, more)]
    context = {
        "nav": "patients",
        "patient": patient,
        "referring": is_referring(practitioner_of(request), patient),
        "page": page,
        "sessions": told,
        "now_ms": now_ms(),
        **_plan(patient),
    }
    return render(request, "console/sessions.html", context)


def _plans(shown: list[Session]) -> list[CarePlan]:
    """The plans that these sessions were made under, as far as they are known here."""
    versions = {(session.plan, session.plan_version) for session in shown if session.plan_version}
    plans = [CarePlan.objects.filter(plan=plan, version=version).first() for plan, version in versions]
    return [plan for plan in plans if plan]


def _plan(patient: Patient) -> dict[str, object]:
    in_force = plan_in_force(patient)
    state = withdrawn([patient.id]).get(patient.id)
    at_ms = now_ms()
    said = {
        "standing": standing_said(state) if state else "",
        "silence": silence_said(silence_of(patient, at_ms), at_ms),
    }
    if in_force is None:
        return {"plan": None, **said}
    order = last_about_plans(in_force.device)
    return {
        **said,
        "plan": in_force,
        "plan_content": in_force.content,
        "plan_last_ms": in_force.content.period.end_ms - 1,
        "plan_expired": in_force.content.period.end_ms <= at_ms,
        "steps": order_steps(order, in_force.signed_ms) if order else [],
        "device": in_force.device,
        "device_state": device_state(in_force.device, at_ms),
    }
