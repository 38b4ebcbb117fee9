"""The practitioner's patients, and the sessions of one."""

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from clinic.audit import trail
from clinic.bells import ring_ingest
from clinic.clock import now_ms
from clinic.console.gate import needs
from clinic.console.opening import open_patient
from clinic.console.signed_in import practitioner_of
from clinic.console.told import Ramps, device_state, order_steps, ramps_of, tell_session
from clinic.errors import HomeError
from clinic.home import Home
from clinic.people.access import is_referring, patients_of
from clinic.people.may import What, may
from clinic.people.models import Patient
from clinic.plans.in_force import plan_in_force
from clinic.plans.models import CarePlan
from clinic.plans.orders import Pen, last_about_plans
from clinic.results.models import Session
from clinic.results.reading import mark_read, unread_sessions
from clinic.results.sessions import known_ms, records, rows_of
from clinic.results.sessions import sessions as sessions_of
from mqtt_bridge.seal import load_secret

SESSIONS_A_PAGE = 20


@needs(What.OWN_SECURITY)  # whoever follows nobody is sent to the first page that is theirs
@require_safe
def patients(request: HttpRequest) -> HttpResponse:
    reader = practitioner_of(request)
    if not may(reader.role, What.READ_SOCIAL):
        return HttpResponseRedirect(reverse("boxes" if may(reader.role, What.SEE_BOXES) else "people"))
    found, reads = patients_of(reader, What.READ_SOCIAL), may(reader.role, What.READ_RECORD)
    mine = list(found.annotate(last_ms=Max(known_ms("care_sessions__"))) if reads else found)
    unread = unread_sessions(reader, [patient.id for patient in mine]) if reads else {}
    told = [(patient, unread.get(patient.id, 0)) for patient in mine]
    trail.record(reader.username, "read", "list of their patients")
    return render(request, "console/patients.html", {"nav": "patients", "patients": told})


@require_safe
def sessions(request: HttpRequest, patient_id: str) -> HttpResponse:
    patient = open_patient(request, patient_id, "sessions")
    page = Paginator(sessions_of(patient.id), SESSIONS_A_PAGE).get_page(request.GET.get("page"))
    shown = list(page)  # fetched once: what arrives from here on is neither shown nor marked
    new = _mark_read(request, rows_of(shown))
    ramps = _ramps(shown)
    told = [tell_session(kept, ramps, new=kept.rows & new) for kept in records(shown)]
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


def _mark_read(request: HttpRequest, shown: set[int]) -> set[int]:
    """The reports (keys of ledger rows) that are read now. Only a human being reads: not a HEAD, not a prefetch."""
    if request.method != "GET" or "prefetch" in request.headers.get("Sec-Purpose", ""):
        return set()
    home: Home | None = settings.HOME
    if home is None:
        raise HomeError("the console runs without a clinic: start it with `chevet-clinic console`")
    pen = Pen(settings.CLINIC_ID, load_secret(home.clinic_keys))
    readings = mark_read(practitioner_of(request), shown, pen)
    if readings:
        ring_ingest(home)
    return {reading.row_id for reading in readings}


def _ramps(shown: list[Session]) -> Ramps:
    versions = {(session.plan, session.plan_version) for session in shown if session.plan_version}
    plans = [CarePlan.objects.filter(plan=plan, version=version).first() for plan, version in versions]
    return ramps_of([plan for plan in plans if plan])


def _plan(patient: Patient) -> dict[str, object]:
    in_force = plan_in_force(patient)
    if in_force is None:
        return {"plan": None}
    order = last_about_plans(in_force.device)
    return {
        "plan": in_force,
        "plan_content": in_force.content,
        "plan_last_ms": in_force.content.period.end_ms - 1,
        "plan_expired": in_force.content.period.end_ms <= now_ms(),
        "steps": order_steps(order, in_force.signed_ms) if order else [],
        "device": in_force.device,
        "device_state": device_state(in_force.device),
    }
