"""Questionnaires: the house's and the clinic's own; written question by question, in and out as FHIR R4."""

import msgspec
from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from msgspec.structs import replace

from clinic.console.gate import needs
from clinic.console.plans.editors import is_number
from clinic.console.plans.fields import LineField
from clinic.console.plans.item_form import ItemForm, item_kind_said
from clinic.console.plans.library_views import (
    InLibrary,
    listed,
    noted,
    own,
    own_draft,
    picture_of,
    pictures,
    url_of,
    writes,
)
from clinic.console.plans.obstacles import obstacle, obstacles
from clinic.console.plans.plan_words import refusal_said, slug
from clinic.console.signed_in import practitioner_of
from clinic.people.may import What
from clinic.plans import publishing
from clinic.plans.errors import PlanRefused
from clinic.plans.forms.editing import ITEMS_MAX, UnfinishedForm, as_questionnaire, as_shorthand
from clinic.plans.library import Kind, form_named, forms_listed, forms_of_the_house
from clinic.plans.models import CanonicalResource
from clinic.plans.publishing import Written
from mqtt_bridge.contract.codec import BYTES_MAX, ContractError, decode, encode
from mqtt_bridge.contract.fhir_form import read_form
from mqtt_bridge.contract.forms import Questionnaire

KIND = Kind.QUESTIONNAIRE


class NewForm(forms.Form):
    title = LineField(label=gettext_lazy("Titre du questionnaire"), max_length=90)


@needs(What.DRAFT_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def form_library(request: HttpRequest) -> HttpResponse:
    """The list; a POST begins a new one, or takes in a FHIR Questionnaire."""
    form, error = NewForm(), ""
    if request.method == "POST":
        if not writes(request):
            raise Http404
        form = NewForm(request.POST if "title" in request.POST else None)
        try:
            made = _taken_in(request) if "file" in request.FILES else _begun(request, form)
        except (PlanRefused, ContractError) as refused:
            made, error = None, _said(refused)
        if made is not None:
            return HttpResponseRedirect(_address(made))
    mine = listed(KIND)
    house = [InLibrary(one.canonical, one.title, *_size(one)) for one in forms_of_the_house().values()]
    context = {"nav": "library", "form": form, "error": error, "house": house, "own": mine, "writes": writes(request)}
    return render(request, "console/plans/forms.html", context)


def _size(form: Questionnaire) -> tuple[int, str]:
    """How many questions, and the first of them."""
    asked = [one.text for one in form.item if one.type != "display"]
    return len(asked), next(iter(asked), "")


def _said(refused: Exception) -> str:
    if isinstance(refused, PlanRefused):
        return refusal_said(refused)
    return f"{_refused()} {refused}"


def _refused() -> str:
    return gettext("La boîte ne peut pas poser ce questionnaire :")


def _address(one: CanonicalResource) -> str:
    if one.status == CanonicalResource.Status.DRAFT:
        return reverse("form-draft", args=[one.pk])
    return f"{reverse('form-shown')}?{urlencode({'nom': one.canonical})}"


def _begun(request: HttpRequest, form: NewForm) -> CanonicalResource | None:
    if not form.is_valid():
        return None
    title = form.cleaned_data["title"]
    url = url_of(KIND, slug(title))
    blank = UnfinishedForm(url, publishing.next_version(KIND, url), title, "fr")
    made = publishing.begin(KIND, url, blank.version, Written(title, b"", encode(blank)), practitioner_of(request))
    noted(request, "questionnaire begun", made.canonical)
    return made


def _taken_in(request: HttpRequest) -> CanonicalResource:
    """A file from elsewhere: kept as it came, and as the box asks it. Raises ContractError, PlanRefused."""
    file = request.FILES["file"]
    if not isinstance(file, UploadedFile) or (file.size or 0) > BYTES_MAX:
        raise ContractError(f"at most {BYTES_MAX} bytes are read")
    raw = file.read()
    form = read_form(raw)
    short = as_shorthand(form)
    written = Written(form.title[:200], encode(form), encode(short) if short else b"", raw)
    made = publishing.begin(KIND, form.url[:200], form.version[:20], written, practitioner_of(request))
    noted(request, "questionnaire taken in", made.canonical)
    return made


def _named(request: HttpRequest) -> Questionnaire:
    try:
        return form_named(request.GET.get("nom", ""))
    except ContractError as error:
        raise Http404 from error


@needs(What.DRAFT_PLAN)
@require_safe
def form_shown(request: HttpRequest) -> HttpResponse:
    """One that may be named in plans: its screens, drawn by the box. Without a name: the list."""
    if not request.GET.get("nom"):
        return form_library(request)
    form = _named(request)
    mine = CanonicalResource.objects.filter(kind=KIND, url=form.url, version=form.version).first()
    context = {
        "nav": "library",
        "form": form,
        "size": _size(form)[0],
        "own": mine,
        "writes": writes(request),
        "editable": as_shorthand(form) is not None,
        **pictures(form, "form-picture", nom=form.canonical),
    }
    return render(request, "console/plans/form_shown.html", context)


@needs(What.DRAFT_PLAN)
@require_safe
def form_picture(request: HttpRequest, position: int) -> HttpResponse:
    told = request.GET.get("brouillon", "")
    if told:
        kept = own(KIND, int(told) if is_number(told) else 0)
        if not kept.document:
            raise Http404
        return picture_of(decode(bytes(kept.document), Questionnaire), position)
    return picture_of(_named(request) if request.GET.get("nom") else form_named(next(iter(forms_listed()))), position)


@needs(What.DRAFT_PLAN)
@require_safe
def form_fhir(request: HttpRequest) -> HttpResponse:
    """As other systems read it; without a name, the first of the list."""
    form = _named(request) if request.GET.get("nom") else form_named(next(iter(forms_listed())))
    raw = msgspec.json.format(encode(form), indent=1)
    answer = HttpResponse(raw, content_type="application/fhir+json")
    answer["Content-Disposition"] = f'attachment; filename="{slug(form.title)}-{slug(form.version)}.json"'
    return answer


@needs(What.WRITE_LIBRARY)
@require_POST
def copy_form(request: HttpRequest) -> HttpResponse:
    """A new version of one of the clinic's, or the clinic's own copy of one of the house's."""
    try:
        form = form_named(request.POST.get("nom", ""))
    except ContractError as error:
        raise Http404 from error
    short = as_shorthand(form)
    if short is None:
        raise Http404
    ours = CanonicalResource.objects.filter(kind=KIND, url=form.url).exists()
    url = form.url if ours else url_of(KIND, slug(form.title))
    made = replace(short, url=url, version=publishing.next_version(KIND, url))
    try:
        kept = publishing.begin(KIND, url, made.version, _written(made), practitioner_of(request))
    except PlanRefused as refused:
        raise Http404 from refused
    noted(request, "questionnaire begun", kept.canonical)
    return HttpResponseRedirect(_address(kept))


def _written(form: UnfinishedForm) -> Written:
    """Its document is empty while the box could not ask it."""
    try:
        return Written(form.title, encode(as_questionnaire(form)), encode(form))
    except ContractError:
        return Written(form.title, b"", encode(form))


@needs(What.WRITE_LIBRARY)
@require_http_methods(["GET", "HEAD", "POST"])
def form_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """The questions of a draft; a POST publishes, retitles, moves, takes out, or forgets it."""
    kept, error = own_draft(KIND, pk), ""
    if request.method == "POST":
        try:
            return HttpResponseRedirect(_act(request, kept))
        except PlanRefused as refused:
            error, kept = refusal_said(refused), own(KIND, pk)
    form = decode(bytes(kept.editing), UnfinishedForm) if kept.editing else None
    document = decode(bytes(kept.document), Questionnaire) if kept.document else None
    shown = pictures(document, "form-picture", brouillon=kept.pk) if document else {"screens": [], "no_kiosk": False}
    context = {
        "nav": "library",
        "kept": kept,
        "items": [(one, item_kind_said(one.kind)) for one in form.item] if form else [],
        "editable": form is not None,
        "wrong": obstacle(form) if form else "",
        "obstacles": obstacles(form) if form else [],
        "error": error,
        **shown,
    }
    return render(request, "console/plans/form_draft.html", context, status=409 if error else 200)


def _act(request: HttpRequest, kept: CanonicalResource) -> str:
    """Where to go then. Raises PlanRefused, Http404."""
    told, who, act = request.POST.get("revision", ""), practitioner_of(request), request.POST.get("act", "")
    seen = int(told) if is_number(told) else 0
    if act == "publish":
        made = publishing.publish(kept, seen, who)
        noted(request, "questionnaire published", made.canonical)
        return _address(made)
    if act == "forget":
        publishing.forget(kept, seen)
        noted(request, "questionnaire given up", kept.canonical)
        return reverse("forms")
    name, _, item = act.partition(":")
    if not kept.editing or name not in ("up", "out"):
        raise Http404
    form = decode(bytes(kept.editing), UnfinishedForm)
    publishing.change(kept, seen, _written(_moved(form, item, name)), who)
    return _address(kept)


def _moved(form: UnfinishedForm, item_id: str, act: str) -> UnfinishedForm:
    items = list(form.item)
    at = next((place for place, one in enumerate(items) if one.id == item_id), None)
    if at is None:
        raise Http404
    one = items.pop(at)
    if act == "up":
        items.insert(max(0, at - 1), one)
    return replace(form, item=tuple(items))


@needs(What.WRITE_LIBRARY)
@require_http_methods(["GET", "HEAD", "POST"])
def form_item(request: HttpRequest, pk: int, item: str) -> HttpResponse:
    """One question; `nouvelle` is one more."""
    kept, error = own_draft(KIND, pk), ""
    if not kept.editing:
        raise Http404
    form = decode(bytes(kept.editing), UnfinishedForm)
    was = form.named(item)
    if was is None and (item != "nouvelle" or len(form.item) >= ITEMS_MAX):
        raise Http404
    before = form.item[: form.item.index(was)] if was else form.item
    shown = ItemForm(was, before, request.POST if request.method == "POST" else None)
    told = request.POST.get("revision", "")
    if request.method == "POST" and shown.is_valid():
        made = shown.item(["nouvelle", *(one.id for one in form.item)])
        items = tuple(made if one.id == made.id else one for one in form.item) if was else (*form.item, made)
        try:
            changed = _written(replace(form, item=items))
            publishing.change(kept, int(told) if is_number(told) else 0, changed, practitioner_of(request))
        except PlanRefused as refused:
            error, kept = refusal_said(refused), own(KIND, pk)
        else:
            noted(request, "questionnaire changed", kept.canonical)
            return HttpResponseRedirect(_address(kept))
    revision = kept.revision if error or request.method != "POST" else told
    context = {"nav": "library", "kept": kept, "form": shown, "error": error, "revision": revision, "item": was}
    return render(request, "console/plans/form_item.html", context, status=409 if error else 200)


@needs(What.WRITE_LIBRARY)
@require_POST
def retire_form(request: HttpRequest, pk: int) -> HttpResponse:
    kept = own(KIND, pk)
    try:
        publishing.retire(kept, practitioner_of(request))
    except PlanRefused as refused:
        raise Http404 from refused
    noted(request, "questionnaire retired", kept.canonical)
    return HttpResponseRedirect(reverse("forms"))
