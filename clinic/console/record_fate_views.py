"""What becomes of a whole record: exported, merged with its duplicate, erased as far as the law lets it."""

import datetime as dt
from collections.abc import Iterable, Sequence

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from clinic.clock import now_ms
from clinic.console.events_told import ToldEvent, tell_event
from clinic.console.gate import needs
from clinic.console.opening import open_patient
from clinic.console.record_told import tell_patient, tell_precautions, tell_related
from clinic.console.refusals import said
from clinic.console.signed_in import practitioner_of
from clinic.console.typed import typed
from clinic.events import Place, Span
from clinic.people.access import patients_of
from clinic.people.contraindications import contraindications_of
from clinic.people.may import What
from clinic.people.models import CareTeamParticipant, Erasure, Patient, RecordMerge, RelatedPerson
from clinic.people.refusals import Refusal
from clinic.record import erasing, merging
from clinic.record.exporting import Table, archive
from clinic.record.fhir import instant
from clinic.record.timeline import page, told_of
from clinic.spreadsheet import Value

EVENTS_AT_ONCE = 500
DAY_MS = 86_400_000


@needs(What.EXPORT_RECORD)
@require_http_methods(["GET", "HEAD", "POST"])
def export(request: HttpRequest, patient_id: str) -> HttpResponse:
    """What the file holds, and that it leaves the house's protection; a POST makes it."""
    words = "record exported" if request.method == "POST" else "record: the export's page"
    patient = open_patient(request, patient_id, words, What.EXPORT_RECORD)
    if request.method != "POST":
        return render(request, "console/record_export.html", {"nav": "patients", "patient": patient})
    made_ms = now_ms()
    told = list(_every(patient))
    made = archive(patient, _readable(patient, told, made_ms), _table(told), made_ms)
    day = dt.datetime.fromtimestamp(made_ms / 1000, dt.UTC).date().isoformat()
    disposition = f'attachment; filename="dossier-{patient.id}-{day}.zip"'
    return HttpResponse(made, content_type="application/zip", headers={"Content-Disposition": disposition})


def _every(patient: Patient) -> Iterable[ToldEvent]:
    after: Place | None = None
    every = told_of(patient, health=True)
    while True:
        found = page(every, Span(after=after), size=EVENTS_AT_ONCE)
        yield from (tell_event(event, patient) for event in found.events)
        after = found.following
        if after is None:
            return


def _readable(patient: Patient, told: list[ToldEvent], made_ms: int) -> str:
    """A page that stands alone: no style, no script, no picture from elsewhere."""
    team = CareTeamParticipant.objects.filter(patient=patient, until_ms=None).select_related("practitioner")
    context = {
        "patient": patient,
        "told": tell_patient(patient),
        "precautions": tell_precautions(contraindications_of(patient)),
        "related": [tell_related(one) for one in RelatedPerson.objects.filter(patient=patient, until_ms=None)],
        "team": team,
        "events": told,
        "made_ms": made_ms,
    }
    return render_to_string("console/record_whole.html", context)


def _table(told: list[ToldEvent]) -> Table:
    head = ("at", "certain", "kind", "what", "words", "by")
    rows: list[Sequence[Value]] = [
        (instant(one.event.at_ms), not one.event.uncertain, one.event.kind, one.words, one.said, one.event.by.strip())
        for one in told
    ]
    return head, rows


@needs(What.MERGE_RECORDS)
@require_http_methods(["GET", "HEAD", "POST"])
def duplicates(request: HttpRequest, patient_id: str) -> HttpResponse:
    """The likely duplicates among one's own; the first POST asks again, the second, `sure`, merges."""
    patient = open_patient(request, patient_id, "record: duplicates", What.MERGE_RECORDS)
    who, error = practitioner_of(request), ""
    asked = _named(request, patient) if request.method == "POST" else None
    if asked is not None and request.POST.get("sure") == asked.id:
        open_patient(request, asked.id, "record merged into another", What.MERGE_RECORDS)
        try:
            merging.merge(patient, asked, who, typed(request, "reason"))
            return HttpResponseRedirect(reverse("record", args=[patient.id]))
        except Refusal as refusal:
            error = said(refusal)
    mine = patients_of(who, What.MERGE_RECORDS)
    context = {
        "nav": "patients",
        "patient": patient,
        "likely": merging.likely_duplicates(patient, mine),
        "merges": RecordMerge.objects.filter(kept=patient).select_related("duplicate", "agent").order_by("-pk"),
        "undo_from_ms": now_ms() - merging.UNDO_DAYS * DAY_MS,
        "asked": asked,
        "asked_told": tell_patient(asked) if asked else None,
        "told": tell_patient(patient),
        "typed": typed(request, "other"),
        "not_found": request.method == "POST" and asked is None,
        "reason": typed(request, "reason"),
        "error": error,
    }
    return render(request, "console/record_duplicates.html", context)


def _named(request: HttpRequest, patient: Patient) -> Patient | None:
    """One of their own, whose référent they are too, by its identifier."""
    mine = patients_of(practitioner_of(request), What.MERGE_RECORDS).exclude(pk=patient.pk)
    return mine.filter(pk=typed(request, "other").strip()).first()


@needs(What.MERGE_RECORDS)
@require_POST
def undo(request: HttpRequest, patient_id: str, merge_id: int) -> HttpResponse:
    patient = open_patient(request, patient_id, "record: a merge undone", What.MERGE_RECORDS)
    merged = RecordMerge.objects.filter(pk=merge_id, kept=patient).first()
    if merged is None:
        raise Http404
    try:
        merging.undo(merged, practitioner_of(request))
    except Refusal as refusal:
        return render(request, "console/error.html", {"title": gettext("Doublons"), "words": said(refusal)}, status=409)
    return HttpResponseRedirect(reverse("duplicates", args=[patient.id]))


@needs(What.ERASE_RECORD)
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest, patient_id: str) -> HttpResponse:
    """What would go and what stays, and why; a POST with `sure` does it."""
    patient = open_patient(request, patient_id, "record: erasure", What.ERASE_RECORD)
    error = ""
    if request.method == "POST" and request.POST.get("sure") == patient.id:
        try:
            done = erasing.erase(patient, practitioner_of(request), typed(request, "asked"))
            return HttpResponseRedirect(
                reverse("patients") if done.whole else reverse("erase-record", args=[patient.id])
            )
        except Refusal as refusal:
            error = said(refusal)
    context = {
        "nav": "patients",
        "patient": patient,
        "foreseen": erasing.prospect(patient),
        "done": Erasure.objects.filter(patient=patient).select_related("agent").order_by("-pk"),
        "asked": typed(request, "asked"),
        "error": error,
    }
    return render(request, "console/record_erase.html", context)
