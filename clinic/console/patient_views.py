"""The practitioner's patients, and the sessions of one."""

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from clinic.audit import trail
from clinic.clock import now_ms
from clinic.console.bedside_words import standing_said
from clinic.console.gate import needs
from clinic.console.help_told import read_by, tell_help
from clinic.console.opening import open_patient
from clinic.console.ordering import read_now
from clinic.console.signed_in import practitioner_of
from clinic.console.told import asked_of, device_state, order_steps, ramps_of, tell_session
from clinic.correspondence import helping
from clinic.correspondence.messaging import unread_messages
from clinic.people.access import is_referring, patients_of
from clinic.people.may import What, may
from clinic.people.models import Patient, Practitioner
from clinic.plans.in_force import plan_in_force
from clinic.plans.models import CarePlan
from clinic.plans.orders import last_about_plans
from clinic.plans.standing import withdrawn
from clinic.results.models import Session
from clinic.results.reading import unread_forms, unread_sessions
from clinic.results.sessions import beside, known_ms, records, rows_of
from clinic.results.sessions import sessions as sessions_of

SESSIONS_A_PAGE = 20


@needs(What.OWN_SECURITY)  # whoever follows nobody is sent to the first page that is theirs
@require_safe
def patients(request: HttpRequest) -> HttpResponse:
    reader = practitioner_of(request)
    if not may(reader.role, What.READ_SOCIAL):
        return HttpResponseRedirect(reverse("boxes" if may(reader.role, What.SEE_BOXES) else "people"))
    found, reads = patients_of(reader, What.READ_SOCIAL), may(reader.role, What.READ_RECORD)
    mine = list(found.annotate(last_ms=Max(known_ms("care_sessions__"))) if reads else found)
    trail.record(reader.username, "read", "list of their patients")
    told = _news(reader, mine, reads=reads)
    return render(request, "console/patients.html", {"nav": "patients", "patients": told, **help_shown(reader)})


@dataclass(frozen=True)
class ToldPatient:
    """What is new of a patient, for this reader."""

    patient: Patient
    sessions: int
    forms: int
    messages: int
    standing: str
    """Empty while they are active."""


def _news(reader: Practitioner, mine: list[Patient], *, reads: bool) -> list[ToldPatient]:
    ids = [patient.id for patient in mine]
    none: dict[str, int] = {}
    sessions, forms, messages = (
        (unread_sessions(reader, ids), unread_forms(reader, ids), unread_messages(reader, ids))
        if reads
        else (none, none, none)
    )
    states = withdrawn(ids)
    return [
        ToldPatient(
            one,
            sessions.get(one.id, 0),
            forms.get(one.id, 0),
            messages.get(one.id, 0),
            standing_said(states[one.id]) if one.id in states else "",
        )
        for one in mine
    ]


def help_shown(reader: Practitioner) -> dict[str, object]:
    """Requests for help stand before everything else."""
    waiting = list(helping.still_open(reader)) if may(reader.role, What.READ_RECORD) else []
    return {"help_waiting": tell_help(waiting, read_by(waiting)), "now_ms": now_ms()}


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
    said = {"standing": standing_said(state) if state else ""}
    if in_force is None:
        return {"plan": None, **said}
    order = last_about_plans(in_force.device)
    return {
        **said,
        "plan": in_force,
        "plan_content": in_force.content,
        "plan_last_ms": in_force.content.period.end_ms - 1,
        "plan_expired": in_force.content.period.end_ms <= now_ms(),
        "steps": order_steps(order, in_force.signed_ms) if order else [],
        "device": in_force.device,
        "device_state": device_state(in_force.device),
    }
