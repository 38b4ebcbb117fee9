"""A patient's care team and consents, and who has read their record."""

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.audit.models import AuditEvent
from clinic.console.forms import JoinForm
from clinic.console.gate import needs
from clinic.console.opening import open_patient
from clinic.console.refusals import said
from clinic.console.role_words import action_said, detail_said, role_said
from clinic.console.signed_in import practitioner_of
from clinic.people import emergency
from clinic.people.admission import last_decided
from clinic.people.may import What, may
from clinic.people.models import (
    AccessRequest,
    CareTeamParticipant,
    EmergencyAccess,
    Patient,
    Practitioner,
    SharingConsent,
)
from clinic.people.refusals import Refusal
from clinic.people.team import is_outside, join, leave, record_consent, withdraw_consent
from clinic.record.merging import records_of

ROWS_A_PAGE = 50


@needs(What.READ_SOCIAL)
@require_safe
def care_team(request: HttpRequest, patient_id: str) -> HttpResponse:
    patient = open_patient(request, patient_id, "care team", What.READ_SOCIAL)
    return _page(request, patient, JoinForm())


def _page(request: HttpRequest, patient: Patient, form: JoinForm, error: str = "") -> HttpResponse:
    who = practitioner_of(request)
    team = CareTeamParticipant.objects.filter(patient=patient, until_ms=None).select_related("practitioner", "consent")
    context = {
        "nav": "patients",
        "patient": patient,
        "team": [(kept, role_said(kept.practitioner.role)) for kept in team.order_by("-referring", "since_ms")],
        "consents": SharingConsent.objects.filter(patient=patient).select_related("practitioner", "recorded_by"),
        "access": last_decided(patient),
        "waiting": AccessRequest.objects.filter(patient=patient, decided_ms=None).select_related("asked_of").first(),
        "referring": patient.referring and may(who.role, What.CHOOSE_TEAM),
        "reads_record": may(who.role, What.READ_RECORD),
        "form": form,
        "error": error,
    }
    return render(request, "console/care_team.html", context)


@needs(What.CHOOSE_TEAM)
@require_POST
def add_to_team(request: HttpRequest, patient_id: str) -> HttpResponse:
    patient = open_patient(request, patient_id, "care team: added to", What.CHOOSE_TEAM)
    form = JoinForm(request.POST)
    if not form.is_valid():
        return _page(request, patient, form)
    whom, how = form.cleaned_data["practitioner"], form.cleaned_data["how"]
    try:
        if is_outside(patient, whom) and how.strip():
            record_consent(patient, whom, how, practitioner_of(request))
        join(patient, whom, referring=form.cleaned_data["referring"])
    except Refusal as refusal:
        form.add_error("how" if refusal.code == "consent-needed" else None, said(refusal))
        return _page(request, patient, form)
    return HttpResponseRedirect(reverse("care-team", args=[patient.id]))


@needs(What.CHOOSE_TEAM)
@require_POST
def leave_team(request: HttpRequest, patient_id: str, participant_id: int) -> HttpResponse:
    patient = open_patient(request, patient_id, "care team: ended a participation", What.CHOOSE_TEAM)
    participant = CareTeamParticipant.objects.filter(pk=participant_id, patient=patient, until_ms=None).first()
    if participant is None:
        raise Http404
    try:
        leave(participant)
    except Refusal as refusal:
        return _page(request, patient, JoinForm(), said(refusal))
    return HttpResponseRedirect(reverse("care-team", args=[patient.id]))


@needs(What.CHOOSE_TEAM)
@require_POST
def withdraw(request: HttpRequest, patient_id: str, consent_id: int) -> HttpResponse:
    patient = open_patient(request, patient_id, "consent withdrawn", What.CHOOSE_TEAM)
    consent = SharingConsent.objects.filter(pk=consent_id, patient=patient, withdrawn_ms=None).first()
    if consent is None:
        raise Http404
    withdraw_consent(consent)
    return HttpResponseRedirect(reverse("care-team", args=[patient.id]))


@dataclass(frozen=True)
class ToldEvent:
    event: AuditEvent
    who: str
    action: str
    detail: str
    """In the reader's language; empty: as it was written."""


@needs(What.READ_TRAIL)
@require_http_methods(["GET", "HEAD", "POST"])
def readers(request: HttpRequest, patient_id: str) -> HttpResponse:
    """« Qui a lu ce dossier »; a POST takes note of an emergency access."""
    patient = open_patient(request, patient_id, "who has read this record", What.READ_TRAIL)
    if request.method == "POST":
        return _take_note(request, patient)
    page = Paginator(AuditEvent.objects.filter(patient__in=records_of(patient)).order_by("-pk"), ROWS_A_PAGE).get_page(
        request.GET.get("page")
    )
    events = list(page)
    names = {
        who.username: f"{who.given} {who.family}, {who.role_shown}"
        for who in Practitioner.objects.filter(username__in={event.agent for event in events})
    }
    context = {
        "nav": "patients",
        "patient": patient,
        "page": page,
        "events": [
            ToldEvent(e, names.get(e.agent, e.agent), action_said(e.action), detail_said(e.detail)) for e in events
        ],
        "emergencies": EmergencyAccess.objects.filter(patient=patient)
        .select_related("practitioner", "seen_by")
        .order_by("-since_ms")[:ROWS_A_PAGE],
    }
    return render(request, "console/readers.html", context)


def _take_note(request: HttpRequest, patient: Patient) -> HttpResponse:
    told = request.POST.get("emergency", "")
    found = EmergencyAccess.objects.filter(pk=int(told), patient=patient).first() if _is_key(told) else None
    if found is None:
        raise Http404
    emergency.take_note(found, practitioner_of(request))
    return HttpResponseRedirect(reverse("readers", args=[patient.id]))


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 19
