"""« Lieu »: whether the place where a box is to stand suits it (B6): the checklist, its versions, its tasks."""

import contextlib

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.console.gate import needs
from clinic.console.once import once
from clinic.console.opening import open_patient
from clinic.console.signed_in import practitioner_of
from clinic.console.suitability_form import SuitabilityForm
from clinic.console.suitability_words import tell_checklist, tell_heading
from clinic.errors import RecordError
from clinic.people.access import patients_of
from clinic.people.may import What
from clinic.people.models import Patient
from clinic.suitability.assessing import Answered, ask_for, checklists_of, sign
from clinic.suitability.models import HomeChecklist, HomeChecklistAnswer


@require_safe
def suitability(request: HttpRequest, patient_id: str) -> HttpResponse:
    """The last checklist, and the way to those before."""
    patient = open_patient(request, patient_id, "place of the box")
    every = list(checklists_of(patient))
    return _page(request, patient, every, every[0] if every else None)


@require_safe
def one_checklist(request: HttpRequest, patient_id: str, checklist_id: int) -> HttpResponse:
    patient = open_patient(request, patient_id, "place of the box")
    every = list(checklists_of(patient))
    shown = next((one for one in every if one.pk == checklist_id), None)
    if shown is None:
        raise Http404
    return _page(request, patient, every, shown)


def _page(
    request: HttpRequest, patient: Patient, every: list[HomeChecklist], shown: HomeChecklist | None
) -> HttpResponse:
    context = {
        "nav": "patients",
        "patient": patient,
        "told": tell_checklist(shown) if shown else None,
        "newest": every[0] if every else None,
        "others": [tell_heading(one) for one in every if one is not shown],
        "writes": patients_of(practitioner_of(request), What.LEND_BOXES).filter(pk=patient.pk).exists(),
    }
    return render(request, "console/suitability.html", context)


@needs(What.LEND_BOXES)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def new_checklist(request: HttpRequest, patient_id: str) -> HttpResponse:
    """A POST signs one more; those before it stay as they are."""
    patient = open_patient(request, patient_id, "place of the box: checklist", What.LEND_BOXES)
    form = SuitabilityForm(patient, _before(patient), request.POST if request.method == "POST" else None)
    if form.is_valid():
        sign(patient, practitioner_of(request), form.assessment)
        return HttpResponseRedirect(reverse("suitability", args=[patient.id]))
    return render(request, "console/suitability_form.html", {"nav": "patients", "patient": patient, "form": form})


def _before(patient: Patient) -> dict[str, Answered]:
    last = checklists_of(patient).prefetch_related("answers").first()
    return {one.item: Answered(one.answer, one.remark) for one in last.answers.all()} if last else {}


@needs(What.LEND_BOXES)
@require_POST
@once
def make_task(request: HttpRequest, patient_id: str, line_id: int) -> HttpResponse:
    """Of what is missing; a second click, or another's, finds it made."""
    patient = open_patient(request, patient_id, "place of the box: task", What.LEND_BOXES)
    lines = HomeChecklistAnswer.objects.select_related("checklist__patient")
    line = lines.filter(pk=line_id, checklist__patient=patient).first()
    if line is None:
        raise Http404
    with contextlib.suppress(RecordError):  # made already, or nothing is missing: the page says so
        ask_for(line, practitioner_of(request))
    return HttpResponseRedirect(reverse("one-checklist", args=[patient.id, line.checklist_id]))
