"""« Mes patients »: who they are, what is new of each; narrowed, and found as one types."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_safe

from clinic.audit import trail
from clinic.clock import now_ms
from clinic.console.bedside_words import standing_said
from clinic.console.gate import needs
from clinic.console.help_told import read_by, tell_help
from clinic.console.page_number import is_number, page_number
from clinic.console.parts import is_part
from clinic.console.signed_in import practitioner_of
from clinic.correspondence import helping
from clinic.people.may import What, may
from clinic.people.models import Patient, Practitioner
from clinic.plans.standing import withdrawn
from clinic.record.patients import (
    FOUND_MAX,
    PATIENTS_A_PAGE,
    Narrowed,
    Narrowing,
    New,
    establishments_of,
    last_session_of,
    my_patients,
    new_of,
)

WORDS_MAX = 100
NARROWED: dict[str, Narrowed] = {"new": "new", "due": "due"}


@dataclass(frozen=True)
class ToldPatient:
    """What is new of a patient, for this reader. `standing`: empty while they are active."""

    patient: Patient
    new: New
    last_ms: int | None
    standing: str


@needs(What.OWN_SECURITY)  # whoever follows nobody is sent to the first page that is theirs
@require_safe
def patients(request: HttpRequest) -> HttpResponse:
    reader = practitioner_of(request)
    if not may(reader.role, What.READ_SOCIAL):
        return HttpResponseRedirect(reverse("boxes" if may(reader.role, What.SEE_BOXES) else "people"))
    narrowing, number = narrowing_of(request), page_number(request)
    start = (number - 1) * PATIENTS_A_PAGE
    found = list(my_patients(reader, narrowing)[start : start + PATIENTS_A_PAGE + 1])
    trail.record(reader.username, "read", "list of their patients")
    context = {
        "nav": "patients",
        "patients": _told(reader, found[:PATIENTS_A_PAGE]),
        "narrowing": narrowing,
        "narrowed": narrowing != Narrowing(),
        "earlier": _query(narrowing, number - 1) if number > 1 else "",
        "later": _query(narrowing, number + 1) if len(found) > PATIENTS_A_PAGE else "",
    }
    if is_part(request):
        return render(request, "console/patients_found.html", context)
    return render(
        request, "console/patients.html", {**context, "establishments": establishments_of(reader), **help_shown(reader)}
    )


@needs(What.READ_SOCIAL)
@require_safe
def find_patient(request: HttpRequest) -> HttpResponse:
    """A few of one's own patients, for what is typed so far."""
    reader, words = practitioner_of(request), request.GET.get("q", "")[:WORDS_MAX].strip()
    found = list(my_patients(reader, Narrowing(words=words))[: FOUND_MAX + 1]) if words else []
    trail.record(reader.username, "read", "search among their patients")
    context = {"asked": words, "found": found[:FOUND_MAX], "more": len(found) > FOUND_MAX}
    return HttpResponse(render_to_string("console/found.html", context))


def narrowing_of(request: HttpRequest) -> Narrowing:
    """As it was asked for; what makes no sense narrows nothing."""
    place = request.GET.get("place", "")
    return Narrowing(
        words=request.GET.get("q", "")[:WORDS_MAX].strip(),
        establishment=int(place) if is_number(place) else None,
        only=NARROWED.get(request.GET.get("only", ""), ""),
    )


def _query(narrowing: Narrowing, number: int) -> str:
    place = "" if narrowing.establishment is None else narrowing.establishment
    return urlencode({"q": narrowing.words, "place": place, "only": narrowing.only, "page": number})


def _told(reader: Practitioner, mine: list[Patient]) -> list[ToldPatient]:
    ids, reads = [patient.id for patient in mine], may(reader.role, What.READ_RECORD)
    new, last = (new_of(reader, ids), last_session_of(ids)) if reads else ({}, {})
    states = withdrawn(ids)
    return [
        ToldPatient(
            one,
            new.get(one.id, New()),
            last.get(one.id),
            standing_said(states[one.id]) if one.id in states else "",
        )
        for one in mine
    ]


def help_shown(reader: Practitioner) -> dict[str, object]:
    """Requests for help stand before everything else."""
    waiting = list(helping.still_open(reader)) if may(reader.role, What.READ_RECORD) else []
    return {"help_waiting": tell_help(waiting, read_by(waiting) if waiting else {}), "now_ms": now_ms()}
