"""Lessons: the house's and the clinic's own, written page by page, with what is asked at their end."""

from typing import Any, get_args

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from msgspec import ValidationError, convert

from clinic.console.gate import needs
from clinic.console.plans.editors import is_number
from clinic.console.plans.fields import LineField
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
from clinic.console.plans.plan_words import refusal_said, slug
from clinic.console.signed_in import practitioner_of
from clinic.console.typed import clean, typed
from clinic.people.may import What
from clinic.plans import publishing
from clinic.plans.errors import PlanRefused
from clinic.plans.lessons import Lesson
from clinic.plans.library import LESSON_URL, Kind, forms_listed, lesson_named, lessons_listed, lessons_of_the_house
from clinic.plans.models import CanonicalResource
from clinic.plans.plan_draft import TITLE_MAX
from clinic.plans.publishing import Written
from mqtt_bridge.contract.codec import ContractError, decode, encode
from mqtt_bridge.contract.teaching import Education, Page, Pictogram

KIND = Kind.LESSON
PAGES_MAX = 30
HEADING_MAX, TEXT_MAX = 60, 500


def picture_said(name: str) -> str:
    words = {
        "pill": gettext("médicament"), "water": gettext("eau"), "sleep": gettext("sommeil"), "walk": gettext("marche"),
        "breath": gettext("souffle"), "pain": gettext("douleur"), "meal": gettext("repas"),
        "phone": gettext("téléphone"), "hands": gettext("mains"), "sun": gettext("soleil"),
        "temperature": gettext("température"), "bed": gettext("lit"), "ear": gettext("oreille"),
    }  # fmt: skip
    return words.get(name, name)


class LessonForm(forms.Form):
    title = LineField(
        label=gettext_lazy("Titre de la leçon"), help_text=gettext_lazy("32 lettres au plus."), max_length=TITLE_MAX
    )


class EndForm(LessonForm):
    read_back = forms.ChoiceField(label=gettext_lazy("Demandé à la fin"), required=False)

    def __init__(self, data: Any = None, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        told = [("", gettext("rien")), *forms_listed().items()]
        self.fields["read_back"].choices = told  # type: ignore[attr-defined]


class PageForm(forms.Form):
    heading = LineField(label=gettext_lazy("Titre de la page"), max_length=HEADING_MAX)
    text = LineField(
        label=gettext_lazy("Texte"),
        help_text=gettext_lazy("Des phrases courtes, 500 lettres au plus ; moins de 260 se lit en grand."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=TEXT_MAX,
    )
    picture = forms.ChoiceField(label=gettext_lazy("Image"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        told = [("", gettext("aucune")), *((name, picture_said(name)) for name in get_args(Pictogram))]
        self.fields["picture"].choices = told  # type: ignore[attr-defined]


PageRows: Any = forms.formset_factory(
    PageForm,
    extra=1,
    can_delete=True,
    can_order=False,
    max_num=PAGES_MAX,
    validate_max=True,
    absolute_max=PAGES_MAX + 1,
)


@needs(What.DRAFT_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def lesson_library(request: HttpRequest) -> HttpResponse:
    """The list; a POST begins a new one."""
    form, error = LessonForm(request.POST if request.method == "POST" else None), ""
    if request.method == "POST":
        if not writes(request):
            raise Http404
        if form.is_valid():
            try:
                return HttpResponseRedirect(_begun(request, form.cleaned_data["title"], None))
            except PlanRefused as refused:
                error = refusal_said(refused)
    mine = listed(KIND)
    house = [
        InLibrary(canonical, one.title, len(one.page), one.page[0].heading)
        for canonical, one in lessons_of_the_house().items()
    ]
    context = {"nav": "library", "form": form, "error": error, "house": house, "own": mine, "writes": writes(request)}
    return render(request, "console/plans/lessons.html", context)


def _begun(request: HttpRequest, title: str, like: Lesson | None, url: str = "") -> str:
    """A new version, empty or as another. Where to go then. Raises PlanRefused."""
    address = url or url_of(KIND, slug(title))
    version = publishing.next_version(KIND, address)
    document = encode(Lesson(int(version), title, like.page, like.read_back)) if like else b""
    made = publishing.begin(KIND, address, version, Written(title, document), practitioner_of(request))
    noted(request, "lesson begun", made.canonical)
    return reverse("lesson-draft", args=[made.pk])


def _named(told: str) -> Lesson:
    try:
        return lesson_named(told)
    except ContractError as error:
        raise Http404 from error


def _taught(lesson: Lesson) -> Education:
    return Education(id="lesson", version=lesson.version, title=lesson.title, pages=lesson.page)


@needs(What.DRAFT_PLAN)
@require_safe
def lesson_shown(request: HttpRequest) -> HttpResponse:
    """One that may be prescribed, as the box shows it. Without a name: the list."""
    told = clean(request.GET.get("nom", ""))
    if not told:
        return lesson_library(request)
    lesson = _named(told)
    url, _, version = told.rpartition("|")
    context = {
        "nav": "library",
        "lesson": lesson,
        "canonical": told,
        "read_back": forms_listed().get(_canonical(lesson.read_back), lesson.read_back),
        "own": CanonicalResource.objects.filter(kind=KIND, url=url, version=version).first(),
        "writes": writes(request),
        **pictures(_taught(lesson), "lesson-picture", nom=told),
    }
    return render(request, "console/plans/lesson_shown.html", context)


def _canonical(read_back: str) -> str:
    from clinic.plans.library import form_named

    return form_named(read_back).canonical if read_back else ""


@needs(What.DRAFT_PLAN)
@require_safe
def lesson_picture(request: HttpRequest, position: int) -> HttpResponse:
    draft = request.GET.get("brouillon", "")
    if draft:
        kept = own(KIND, int(draft) if is_number(draft) else 0)
        if not kept.document:
            raise Http404
        return picture_of(_taught(decode(bytes(kept.document), Lesson)), position)
    return picture_of(_taught(_named(request.GET.get("nom") or next(iter(lessons_listed())))), position)


@needs(What.WRITE_LIBRARY)
@require_POST
def copy_lesson(request: HttpRequest) -> HttpResponse:
    """A new version of one of the clinic's, or the clinic's own copy of one of the house's."""
    told = typed(request, "nom")
    lesson, url = _named(told), told.rpartition("|")[0]
    ours = "" if url.startswith(LESSON_URL) or not url else url
    try:
        return HttpResponseRedirect(_begun(request, lesson.title, lesson, ours))
    except PlanRefused as refused:
        raise Http404 from refused


@needs(What.WRITE_LIBRARY)
@require_http_methods(["GET", "HEAD", "POST"])
def lesson_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """The pages of a draft; « enregistrer », one more row, « publier » or « abandonner »."""
    kept, error = own_draft(KIND, pk), ""
    lesson = decode(bytes(kept.document), Lesson) if kept.document else None
    form, rows = _shown(kept, lesson)
    told = request.POST.get("revision", "")
    if request.method == "POST":
        form, rows = EndForm(request.POST), PageRows(_more(request.POST), prefix="rows")
        try:
            gone = _act(request, kept, form, rows, int(told) if is_number(told) else 0)
        except PlanRefused as refused:
            error, kept = refusal_said(refused), own(KIND, pk)
        else:
            if gone:
                return HttpResponseRedirect(gone)
    shown = pictures(_taught(lesson), "lesson-picture", brouillon=kept.pk) if lesson else {"screens": []}
    revision = kept.revision if error or request.method != "POST" else told
    context = {
        "nav": "library",
        "kept": kept,
        "form": form,
        "rows": rows,
        "error": error,
        "revision": revision,
        **shown,
    }
    return render(request, "console/plans/lesson_draft.html", context, status=409 if error else 200)


def _shown(kept: CanonicalResource, lesson: Lesson | None) -> tuple[EndForm, Any]:
    pages = lesson.page if lesson else ()
    back = _canonical(lesson.read_back) if lesson else ""
    initial = [{"heading": one.heading, "text": one.text, "picture": one.picture or ""} for one in pages]
    return EndForm(initial={"title": kept.title, "read_back": back}), PageRows(initial=initial, prefix="rows")


def _more(data: Any) -> Any:
    """What was typed, with one more row where that is asked."""
    total = data.get("rows-TOTAL_FORMS", "")
    if data.get("act") != "more" or not is_number(total):
        return data
    told = data.copy()
    told["rows-TOTAL_FORMS"] = str(min(PAGES_MAX, int(total) + 1))
    return told


def _act(request: HttpRequest, kept: CanonicalResource, form: EndForm, rows: Any, seen: int) -> str:
    """Where to go then; empty: the page again. Raises PlanRefused."""
    who, act = practitioner_of(request), request.POST.get("act", "")
    if act == "forget":
        publishing.forget(kept, seen)
        noted(request, "lesson given up", kept.canonical)
        return reverse("lessons")
    if act == "more" or not (form.is_valid() and rows.is_valid()):
        return ""
    changed = publishing.change(kept, seen, _written(kept, form, rows), who)
    noted(request, "lesson changed", kept.canonical)
    if act != "publish":
        return reverse("lesson-draft", args=[kept.pk])
    made = publishing.publish(changed, changed.revision, who)
    noted(request, "lesson published", made.canonical)
    return f"{reverse('lesson-shown')}?{urlencode({'nom': made.canonical})}"


def _written(kept: CanonicalResource, form: EndForm, rows: Any) -> Written:
    told = [row.cleaned_data for row in rows.forms if row.cleaned_data and row not in rows.deleted_forms]
    pages = tuple(Page(row["heading"], row["text"], row["picture"] or None) for row in told)
    title = form.cleaned_data["title"]
    made = Lesson(int(kept.version), title, pages, form.cleaned_data["read_back"])
    try:
        checked = decode(encode(made), Lesson)
    except (ContractError, ValidationError):
        return Written(title, b"")
    return Written(title, encode(convert(checked, Lesson)))


@needs(What.WRITE_LIBRARY)
@require_POST
def retire_lesson(request: HttpRequest, pk: int) -> HttpResponse:
    kept = own(KIND, pk)
    try:
        publishing.retire(kept, practitioner_of(request))
    except PlanRefused as refused:
        raise Http404 from refused
    noted(request, "lesson retired", kept.canonical)
    return HttpResponseRedirect(reverse("lessons"))
