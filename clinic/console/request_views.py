"""Requests for the care (A1): entered by staff, decided by the référent who is asked."""

import secrets

from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from clinic.audit import trail
from clinic.console.forms import AskForm, NewRequestForm
from clinic.console.gate import needs
from clinic.console.once import once
from clinic.console.opening import open_patient
from clinic.console.refusals import said
from clinic.console.role_words import asker_said
from clinic.console.signed_in import practitioner_of
from clinic.console.typed import typed
from clinic.people.admission import decide, request_access
from clinic.people.may import What
from clinic.people.models import AccessRequest, Asker, Patient, Practitioner
from clinic.people.refusals import Refusal

DECIDED_SHOWN_MAX = 30


def _mine(who: Practitioner) -> Q:
    """Those asked of them, and those that they entered."""
    return Q(asked_of=who) | Q(entered_by=who)


def _last_decided(who: Practitioner) -> QuerySet[AccessRequest]:
    """The last ones of those asked of them and of those that they entered: each side has its index."""
    last = AccessRequest.objects.exclude(decided_ms=None).order_by("-decided_ms")
    sides = [last.filter(**{side: who}).values("pk")[:DECIDED_SHOWN_MAX] for side in ("asked_of", "entered_by")]
    found = last.filter(Q(pk__in=sides[0]) | Q(pk__in=sides[1]))
    return found.select_related("patient", "asked_of", "entered_by")[:DECIDED_SHOWN_MAX]


@needs(What.REQUEST_ACCESS)
@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    who = practitioner_of(request)
    trail.record(who.username, "read", "requests for the care")
    mine = AccessRequest.objects.filter(_mine(who)).select_related("patient", "asked_of", "entered_by")
    context = {
        "nav": "requests",
        "to_decide": mine.filter(asked_of=who, decided_ms=None).order_by("entered_ms"),
        "elsewhere": mine.filter(decided_ms=None).exclude(asked_of=who).order_by("entered_ms"),
        "decided": _last_decided(who),
    }
    return render(request, "console/requests.html", context)


@needs(What.REQUEST_ACCESS)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def new_request(request: HttpRequest) -> HttpResponse:
    """For somebody who is not in the record yet: they enter it, and nobody reads anything before the référent's yes."""
    who = practitioner_of(request)
    form = NewRequestForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        cleaned = form.cleaned_data
        key = f"p-{secrets.token_hex(6)}"
        trail.record(who.username, "write", "request for the care of a new patient", key)
        names = ("given", "family", "address_as", "room", "establishment")
        with transaction.atomic():
            patient = Patient.objects.create(id=key, **{name: cleaned[name] for name in names})
            _ask(form, patient, who)
        return HttpResponseRedirect(reverse("requests"))
    return render(request, "console/request_form.html", {"nav": "requests", "form": form})


@needs(What.REQUEST_ACCESS)
@require_http_methods(["GET", "HEAD", "POST"])
def request_for(request: HttpRequest, patient_id: str) -> HttpResponse:
    """For a patient who is in the record: by somebody of their team. An emergency access reads, and asks nothing."""
    what = What.EDIT_SOCIAL if request.method == "POST" else What.READ_SOCIAL
    patient = open_patient(request, patient_id, "request for the care", what)
    form = AskForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            _ask(form, patient, practitioner_of(request))
            return HttpResponseRedirect(reverse("care-team", args=[patient.id]))
        except Refusal as refusal:
            form.add_error(None, said(refusal))
    return render(request, "console/request_form.html", {"nav": "requests", "form": form, "patient": patient})


def _ask(form: AskForm, patient: Patient, by: Practitioner) -> None:
    cleaned = form.cleaned_data
    asker = Asker(cleaned["asker"])
    request_access(patient, cleaned["asked_of"], asker, cleaned["asker_name"], cleaned["words"], by)


@needs(What.REQUEST_ACCESS)
@require_http_methods(["GET", "HEAD", "POST"])
def one_request(request: HttpRequest, request_id: int) -> HttpResponse:
    """One request, for who entered it and who is asked; a POST decides."""
    who = practitioner_of(request)
    mine = AccessRequest.objects.filter(_mine(who)).select_related("patient", "asked_of", "entered_by")
    found = mine.filter(pk=request_id).first()
    if found is None:
        trail.record(who.username, "refused", f"request {request_id}")
        raise Http404
    error = ""
    if request.method == "POST":
        error = _decided(request, found, who)
        if not error:
            return HttpResponseRedirect(reverse("requests"))
    trail.record(who.username, "read", f"request {found.pk}", found.patient_id)
    context = {
        "nav": "requests",
        "asked": found,
        "asker": asker_said(found.asker),
        "mine_to_decide": found.decided_ms is None and found.asked_of_id == who.pk,
        "error": error,
        "reason": typed(request, "reason"),
    }
    return render(request, "console/request.html", context)


def _decided(request: HttpRequest, found: AccessRequest, who: Practitioner) -> str:
    """Why not; empty when it is."""
    accepted = request.POST.get("answer") == "yes"
    if not accepted and request.POST.get("answer") != "no":
        raise Http404
    words = "validated" if accepted else "refused"
    trail.record(who.username, "write", f"request {found.pk}: {words}", found.patient_id)
    try:
        decide(found, who, accepted=accepted, reason=typed(request, "reason"))
    except Refusal as refusal:
        return said(refusal)
    return ""
