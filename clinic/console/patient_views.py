"""The sessions of one patient."""

from functools import reduce
from operator import or_

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic.clock import now_ms
from clinic.console.bedside_words import standing_said
from clinic.console.boxes_told import device_state, silence_said
from clinic.console.opening import open_patient
from clinic.console.ordering import read_now
from clinic.console.picture import cells
from clinic.console.signed_in import practitioner_of
from clinic.console.told import asked_of, order_steps, ramps_of, tell_session
from clinic.people.access import is_referring
from clinic.people.models import Patient, Practitioner
from clinic.plans.in_force import plan_in_force
from clinic.plans.models import CarePlan
from clinic.plans.orders import last_about_plans
from clinic.plans.standing import withdrawn
from clinic.results.asked import silence_of
from clinic.results.models import Session
from clinic.results.sessions import SessionRecord, beside, records, rows_of
from clinic.results.sessions import sessions as sessions_of

SESSIONS_A_PAGE = 10


@require_safe
def sessions(request: HttpRequest, patient_id: str) -> HttpResponse:
    patient = open_patient(request, patient_id, "sessions")
    page = Paginator(sessions_of(patient.id), SESSIONS_A_PAGE).get_page(request.GET.get("page"))
    shown = list(page)  # fetched once: what arrives from here on is neither shown nor marked
    more = beside(shown)
    kept = records(shown, more)
    unread = rows_of(shown, more) - _read_by(practitioner_of(request), kept)
    new = read_now(request, unread) if unread else set()
    plans = plans_of(shown)
    ramps, asked = ramps_of(plans), asked_of(plans)
    last = records(shown, more) if new else kept
    told = [tell_session(one, ramps, asked, new=one.rows & new) for one in last]
    context = {
        "nav": "patients",
        "patient": patient,
        "referring": is_referring(practitioner_of(request), patient),
        "page": page,
        "sessions": told,
        "ramps": sorted({one.ramp for session in told for one in session.indicators}),
        "cells": cells(),
        "now_ms": now_ms(),
        **_plan(patient),
    }
    return render(request, "console/sessions.html", context)


def _read_by(who: Practitioner, kept: list[SessionRecord]) -> set[int]:
    return {reading.row_id for one in kept for reading in one.readings if reading.reader_id == who.pk}


def plans_of(shown: list[Session]) -> list[CarePlan]:
    """The plans that these sessions were made under, as far as they are known here."""
    versions = {(session.plan, session.plan_version) for session in shown if session.plan_version}
    if not versions:
        return []
    named = reduce(or_, (Q(plan=plan, version=version) for plan, version in versions))
    return list(CarePlan.objects.filter(named).order_by("version"))


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
