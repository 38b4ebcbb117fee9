"""« Séance par séance » and « Commentaires »: the single sessions behind the results, to narrow, read and print."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from clinic.clock import now_ms
from clinic.console.gate import needs
from clinic.console.opening import open_patient
from clinic.console.ordering import read_now
from clinic.console.patient_views import plans_of
from clinic.console.picture import cells
from clinic.console.session_lines import commented_rows, lines, table
from clinic.console.signed_in import practitioner_of
from clinic.console.told import asked_of, ramps_of, tell_session
from clinic.people.may import What
from clinic.people.models import Patient
from clinic.results.listing import Narrowed, cares_of, listed, narrowed
from clinic.results.models import Session
from clinic.results.sessions import Beside, SessionRecord, beside, records, rows_of, sessions
from clinic.spreadsheet import table as spreadsheet

LINES_A_PAGE = 40
COMMENTS_A_PAGE = 20
DAY_MS = 86_400_000
PERIODS = (30, 90, 365)
"""Days; everything where none of them is asked for."""


@dataclass(frozen=True)
class Asked:
    """What the address asks for: what makes no sense narrows nothing."""

    care: str
    days: int
    number: int

    def narrowed(self, at_ms: int, *, commented: bool = False) -> Narrowed:
        return Narrowed(self.care, at_ms - self.days * DAY_MS if self.days else 0, commented)

    def address(self, number: int = 1) -> str:
        page = {"page": number} if number > 1 else {}
        return urlencode({"soin": self.care, "jours": self.days or "", **page})


def _asked(request: HttpRequest, cares: dict[str, str]) -> Asked:
    care, days, page = (request.GET.get(name, "") for name in ("soin", "jours", "page"))
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < 6 else 1
    return Asked(care if care in cares else "", int(days) if days in map(str, PERIODS) else 0, max(1, number))


@require_safe
def session_list(request: HttpRequest, patient_id: str) -> HttpResponse:
    """One line a session. It marks nothing as read: of a comment it shows the beginning."""
    patient = open_patient(request, patient_id, "results, session by session")
    cares = cares_of(patient.id)
    asked, at_ms = _asked(request, cares), now_ms()
    found = listed(patient.id, asked.narrowed(at_ms), (asked.number - 1) * LINES_A_PAGE, LINES_A_PAGE)
    names, told = lines(found[:LINES_A_PAGE])
    context = {**_frame(patient, cares, asked), "names": names, "lines": told, "here": "list"}
    return render(request, "console/session_list.html", {**context, **_pages(asked, len(found) > LINES_A_PAGE)})


@require_safe
def comments(request: HttpRequest, patient_id: str) -> HttpResponse:
    """Everything that was written, in full, with all that was answered beside it: that is read now."""
    patient = open_patient(request, patient_id, "results, comments")
    cares = cares_of(patient.id)
    asked, at_ms = _asked(request, cares), now_ms()
    to = asked.narrowed(at_ms, commented=True)
    found = listed(patient.id, to, (asked.number - 1) * COMMENTS_A_PAGE, COMMENTS_A_PAGE)
    more, found = len(found) > COMMENTS_A_PAGE, found[:COMMENTS_A_PAGE]
    unread = commented_rows(found) - _read_by(request, found)
    new = read_now(request, unread) if unread else set()
    last = records([one.session for one in found], Beside({}, {})) if new else found
    plans = plans_of([one.session for one in last])
    ramps, others = ramps_of(plans), asked_of(plans)
    told = [tell_session(one, ramps, others, new=one.rows & new) for one in last]
    context = {**_frame(patient, cares, asked), "told": told, "here": "comments"}
    return render(request, "console/comments.html", {**context, **_pages(asked, more)})


def _read_by(request: HttpRequest, found: list[SessionRecord]) -> set[int]:
    who = practitioner_of(request).pk
    return {one.row_id for record in found for one in record.readings if one.reader_id == who}


@require_safe
def one_session(request: HttpRequest, patient_id: str, session_id: int) -> HttpResponse:
    """One session whole, as on « Séances »: what it shows is read now."""
    patient = open_patient(request, patient_id, "session")
    found = list(sessions(patient.id).filter(pk=session_id))
    if not found:
        raise Http404
    more = beside(found)
    [kept] = records(found, more)
    new = read_now(request, unread) if (unread := rows_of(found, more) - _read_by(request, [kept])) else set()
    [last] = records(found, more) if new else [kept]
    plans = plans_of(found)
    told = tell_session(last, ramps_of(plans), asked_of(plans), new=last.rows & new)
    context = {
        **_person(patient),
        "told": told,
        "ramps": sorted({one.ramp for one in told.indicators}),
        "cells": cells(),
    }
    return render(request, "console/one_session.html", context)


@needs(What.EXPORT_RECORD)
@require_safe
def session_table(request: HttpRequest, patient_id: str) -> HttpResponse:
    """The same list, whole, for a spreadsheet."""
    patient = open_patient(request, patient_id, "results exported, session by session", What.EXPORT_RECORD)
    asked = _asked(request, cares_of(patient.id))
    found: list[Session] = list(narrowed(patient.id, asked.narrowed(now_ms())))
    made = spreadsheet(*table(records(found, Beside({}, {}))))
    disposition = f'attachment; filename="seances-{patient.id}.csv"'
    return HttpResponse(made, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": disposition})


def _person(patient: Patient) -> dict[str, object]:
    return {"nav": "patients", "patient": patient, "referring": patient.referring, "now_ms": now_ms()}


def _frame(patient: Patient, cares: dict[str, str], asked: Asked) -> dict[str, object]:
    narrowing = {"cares": cares.items(), "periods": PERIODS, "asked": asked, "address": asked.address()}
    return {**_person(patient), **narrowing}


def _pages(asked: Asked, more: bool) -> dict[str, str]:  # noqa: FBT001
    earlier = asked.address(asked.number - 1) if asked.number > 1 else ""
    return {"newer": earlier, "older": asked.address(asked.number + 1) if more else ""}
