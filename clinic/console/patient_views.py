"""The sessions of one patient."""

from functools import reduce
from operator import or_

from django.db.models import Q, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic.clock import now_ms
from clinic.console.bedside_words import standing_said
from clinic.console.boxes_told import device_state
from clinic.console.opening import open_patient
from clinic.console.ordering import read_now
from clinic.console.page_number import page_number
from clinic.console.picture import cells
from clinic.console.signed_in import practitioner_of
from clinic.console.told import asked_of, order_steps, ramps_of, tell_session
from clinic.people.models import Patient, Practitioner, Standing
from clinic.plans.models import CarePlan
from clinic.plans.orders import way_of, with_the_way
from clinic.results.models import Session
from clinic.results.sessions import SessionRecord, beside, records, rows_of
from clinic.results.sessions import sessions as sessions_of

SESSIONS_A_PAGE = 10


@require_safe
def sessions(request: HttpRequest, patient_id: str) -> HttpResponse:
    patient = open_patient(request, patient_id, "sessions")
    number = page_number(request)
    first = (number - 1) * SESSIONS_A_PAGE
    found = list(sessions_of(patient.id)[first : first + SESSIONS_A_PAGE + 1])
    shown = found[:SESSIONS_A_PAGE]  # fetched once: what arrives from here on is neither shown nor marked
    more = beside(shown)
    kept = records(shown, more)
    unread = rows_of(shown, more) - _read_by(practitioner_of(request), kept)
    new = read_now(request, unread) if unread else set()
    made_under, last_plan = _plans(patient, shown)
    ramps, asked = ramps_of(made_under), asked_of(made_under)
    last = records(shown, more) if new else kept
    told = [tell_session(one, ramps, asked, new=one.rows & new) for one in last]
    context = {
        "nav": "patients",
        "patient": patient,
        "referring": patient.referring,
        "number": number,
        "earlier": len(found) > SESSIONS_A_PAGE,
        "sessions": told,
        "ramps": sorted({one.ramp for session in told for one in session.indicators}),
        "cells": cells(),
        "now_ms": now_ms(),
        **_plan(patient, last_plan),
    }
    return render(request, "console/sessions.html", context)


def _read_by(who: Practitioner, kept: list[SessionRecord]) -> set[int]:
    return {reading.row_id for one in kept for reading in one.readings if reading.reader_id == who.pk}


def plans_of(shown: list[Session]) -> list[CarePlan]:
    """The plans that these sessions were made under, as far as they are known here."""
    versions = _versions(shown)
    return list(CarePlan.objects.filter(_named(versions)).order_by("version")) if versions else []


def _versions(shown: list[Session]) -> set[tuple[str, int]]:
    return {(session.plan, session.plan_version) for session in shown if session.plan_version}


def _named(versions: set[tuple[str, int]]) -> Q:
    return reduce(or_, (Q(plan=plan, version=version) for plan, version in versions), Q(pk=None))


def _plans(patient: Patient, shown: list[Session]) -> tuple[list[CarePlan], CarePlan | None]:
    """The same, and the patient's last one, in one question."""
    versions = _versions(shown)
    newest = CarePlan.objects.filter(patient=patient).order_by("-signed_ms", "-id").values("pk")[:1]
    found = CarePlan.objects.filter(_named(versions) | Q(pk=Subquery(newest))).select_related("requester", "device")
    plans = list(with_the_way(found).order_by("version"))
    own = [plan for plan in plans if plan.patient_id == patient.id]
    last = max(own, key=lambda plan: (plan.signed_ms, plan.pk), default=None)
    return [plan for plan in plans if (plan.plan, plan.version) in versions], last


def _plan(patient: Patient, last: CarePlan | None) -> dict[str, object]:
    at_ms = now_ms()
    active = patient.standing in (None, Standing.State.ACTIVE)
    said = {"standing": "" if active else standing_said(patient.standing or "")}
    if last is None or last.stopped_ms is not None:
        return {"plan": None, **said}
    in_force, way = last, way_of(last)
    return {
        **said,
        "plan": in_force,
        "plan_content": in_force.content,
        "plan_last_ms": in_force.content.period.end_ms - 1,
        "plan_expired": in_force.content.period.end_ms <= at_ms,
        "steps": order_steps(way, in_force.signed_ms) if way else [],
        "device": in_force.device,
        "device_state": device_state(in_force.device, at_ms),
    }
