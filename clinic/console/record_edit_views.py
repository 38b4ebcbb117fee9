"""Changing a record's first page. Who writes over a newer version is told what changed, with their own words kept."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from clinic.console.events_told import changes_said
from clinic.console.gate import needs
from clinic.console.once import once
from clinic.console.opening import open_patient
from clinic.console.record_forms import IdentityForm, PrecautionsForm, RelatedPersonForm, SocialForm, VersionedForm
from clinic.console.refusals import said
from clinic.console.signed_in import practitioner_of
from clinic.people.contraindications import Contraindications, contraindications_of, note
from clinic.people.editing import ChangedMeanwhile, add_related, edit_patient, edit_related, end_related
from clinic.people.may import What
from clinic.people.models import Flag, Patient, RelatedPerson
from clinic.people.refusals import Refusal


@needs(What.EDIT_RECORD)
@require_http_methods(["GET", "HEAD", "POST"])
def identity(request: HttpRequest, patient_id: str) -> HttpResponse:
    patient = open_patient(request, patient_id, "record: identity", What.EDIT_RECORD)
    return _patient_form(request, patient, IdentityForm, gettext("Identité et parcours"))


@needs(What.EDIT_SOCIAL)
@require_http_methods(["GET", "HEAD", "POST"])
def social(request: HttpRequest, patient_id: str) -> HttpResponse:
    patient = open_patient(request, patient_id, "record: social part", What.EDIT_SOCIAL)
    return _patient_form(request, patient, SocialForm, gettext("Vie et protection"))


def _patient_form(request: HttpRequest, patient: Patient, kind: type[VersionedForm], title: str) -> HttpResponse:
    if request.method != "POST":
        return _page(request, patient, _filled(kind, patient), title)
    form = kind(request.POST)
    if not form.is_valid():
        return _page(request, patient, form, title)
    by, version = practitioner_of(request), form.cleaned_data["version"]
    how = form.cleaned_data.get("consent_how", "")
    return _saved(request, patient, form, title, lambda: edit_patient(patient, version, form.values, by, how))


def _filled(kind: type[VersionedForm], row: Patient | RelatedPerson) -> VersionedForm:
    return kind(initial={name: getattr(row, name) for name in kind.base_fields if hasattr(row, name)})


def _saved(
    request: HttpRequest, patient: Patient, form: VersionedForm, title: str, save: Callable[[], object]
) -> HttpResponse:
    try:
        save()
    except ChangedMeanwhile as meanwhile:
        _shown_again(form, "version", meanwhile.version)
        return _page(request, patient, form, title, meanwhile)
    except Refusal as refusal:
        form.add_error(None, said(refusal))
        return _page(request, patient, form, title)
    return _to_record(patient)


def _shown_again(form: VersionedForm | PrecautionsForm, name: str, newest: int) -> None:
    """The same words over what is newest: to save them now is to have seen it."""
    form.data = {**dict(form.data.items()), name: str(newest)}


def _to_record(patient: Patient) -> HttpResponse:
    return HttpResponseRedirect(reverse("record", args=[patient.id]))


def _page(
    request: HttpRequest, patient: Patient, form: object, title: str, meanwhile: ChangedMeanwhile | None = None
) -> HttpResponse:
    since = [(one, changes_said(one.changes)) for one in meanwhile.since] if meanwhile else []
    context = {"nav": "patients", "patient": patient, "form": form, "title": title, "since": since}
    return render(
        request,
        "console/record_form.html",
        {**context, "conflict": meanwhile is not None},
        status=409 if meanwhile else 200,
    )


@needs(What.EDIT_SOCIAL)
@require_http_methods(["GET", "HEAD", "POST"])
@once
def new_related(request: HttpRequest, patient_id: str) -> HttpResponse:
    patient = open_patient(request, patient_id, "record: a related person added", What.EDIT_SOCIAL)
    title = gettext("Ajouter un proche")
    if request.method != "POST":
        return _page(request, patient, RelatedPersonForm(initial={"version": 1}), title)
    form = RelatedPersonForm(request.POST)
    if not form.is_valid():
        return _page(request, patient, form, title)
    by = practitioner_of(request)
    return _saved(request, patient, form, title, lambda: add_related(patient, form.values, by))


@needs(What.EDIT_SOCIAL)
@require_http_methods(["GET", "HEAD", "POST"])
def related(request: HttpRequest, patient_id: str, related_id: int) -> HttpResponse:
    patient = open_patient(request, patient_id, "record: a related person", What.EDIT_SOCIAL)
    person = _person(patient, related_id)
    if request.method != "POST":
        return _page(request, patient, _filled(RelatedPersonForm, person), person.name)
    form = RelatedPersonForm(request.POST)
    if not form.is_valid():
        return _page(request, patient, form, person.name)
    by, version = practitioner_of(request), form.cleaned_data["version"]
    return _saved(request, patient, form, person.name, lambda: edit_related(person, version, form.values, by))


@needs(What.EDIT_SOCIAL)
@require_POST
def end(request: HttpRequest, patient_id: str, related_id: int) -> HttpResponse:
    patient = open_patient(request, patient_id, "record: a related person ended", What.EDIT_SOCIAL)
    person = _person(patient, related_id)
    try:
        end_related(person, practitioner_of(request))
    except ChangedMeanwhile:
        return HttpResponseRedirect(reverse("related", args=[patient.id, person.pk]))
    return _to_record(patient)


def _person(patient: Patient, related_id: int) -> RelatedPerson:
    found = RelatedPerson.objects.filter(pk=related_id, patient=patient, until_ms=None).first()
    if found is None:
        raise Http404
    return found


@needs(What.EDIT_RECORD)
@require_http_methods(["GET", "HEAD", "POST"])
def precautions(request: HttpRequest, patient_id: str) -> HttpResponse:
    patient = open_patient(request, patient_id, "record: contraindications", What.EDIT_RECORD)
    told, title = contraindications_of(patient), gettext("Précautions avant d’attribuer un soin")
    if request.method != "POST":
        return _page(request, patient, PrecautionsForm(told, initial={"last": _last(told)}), title)
    form = PrecautionsForm(told, request.POST)
    if not form.is_valid():
        return _page(request, patient, form, title)
    if form.cleaned_data["last"] != _last(told):
        form.add_error(
            None,
            gettext(
                "Quelqu’un a noté une précaution entre-temps. Rien n’est enregistré : relisez les notes du dossier."
            ),
        )
        _shown_again(form, "last", _last(told))
        return _page(request, patient, form, title)
    for code, present, words in form.answers():
        note(patient, code, present=present, words=words, by=practitioner_of(request))
    return _to_record(patient)


def _last(told: Contraindications) -> int:
    """The newest word on any of them."""
    return max((flag.pk for flag in told.values() if isinstance(flag, Flag)), default=0)
