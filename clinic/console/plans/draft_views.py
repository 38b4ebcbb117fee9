"""Writing a plan: where it begins, its parts, each its own form; nothing plays before the référent has signed."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.console.gate import needs
from clinic.console.opening import open_patient
from clinic.console.plans.checking import problems_of
from clinic.console.plans.differences import differences
from clinic.console.plans.editors import EDITORS, Editor, is_number
from clinic.console.plans.facts import facts_of, fingerprints_of, names_of, told_parts
from clinic.console.plans.plan_views import shown
from clinic.console.plans.plan_words import (
    PARTS,
    contraindication_said,
    not_begun_said,
    part_said,
    purpose_of,
    title_said,
)
from clinic.console.plans.preview_views import screens_shown
from clinic.console.signed_in import practitioner_of
from clinic.console.suitability_words import newest_said
from clinic.people.may import What
from clinic.people.models import Patient
from clinic.plans.beginning import OnShelf, Shelf, blank, from_plan, from_protocol
from clinic.plans.drafting import (
    ChangedMeanwhile,
    change,
    content_of,
    draft_of,
    give_up,
    last_revision_of,
    open_draft,
    revision,
)
from clinic.plans.errors import PlanRefused
from clinic.plans.library import protocol_named, protocols_listed
from clinic.plans.models import CarePlan, Draft, DraftRevision
from clinic.plans.protocols import PlanDefinition
from clinic.shelf.choosing import as_named, look_up, newest_packages
from clinic.shelf.signing import last_signed
from clinic.suitability.assessing import newest_of
from mqtt_bridge.contract.codec import ContractError


def shelf_now() -> Shelf:
    """The packages of the shelf, asked once."""
    there = {one.package: as_named(one) for one in newest_packages()}

    def found(name: str) -> OnShelf | None:
        return there.get(name)

    return found


@needs(What.DRAFT_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest, patient_id: str) -> HttpResponse:
    """From a protocol, from nothing, or from a version that was signed."""
    patient = open_patient(request, patient_id, "plan: begin", What.DRAFT_PLAN)
    error = ""
    if request.method == "POST":
        try:
            _begin(patient, request)
        except (PlanRefused, ContractError) as refused:
            error = not_begun_said(refused)
        else:
            return HttpResponseRedirect(reverse("draft", args=[patient.id]))
    protocols = [(one, title_said(one), purpose_of(one)) for one in protocols_listed()]
    context = {
        **shown(request, patient),
        "pathways": sorted(
            (told for told in protocols if told[0].pathway), key=lambda told: not _is_theirs(told, patient)
        ),
        "protocols": [told for told in protocols if not told[0].pathway],
        "last": last_signed(patient),
        "draft": draft_of(patient),
        "place": newest_said(newest_of([patient.id]).get(patient.id)),
        "error": error,
    }
    return render(request, "console/plans/begin.html", context)


def _is_theirs(told: tuple[PlanDefinition, str, str], patient: Patient) -> bool:
    """Whether it is of the group in which the record has them."""
    return bool(patient.pathway) and told[0].pathway == patient.pathway


def _begin(patient: Patient, request: HttpRequest) -> Draft:
    by, today = practitioner_of(request), timezone.localdate()
    told = request.POST.get("from", "")
    if told == "blank":
        return open_draft(patient, by, blank(today))
    if told.startswith("version:"):
        number = told.removeprefix("version:")
        found = CarePlan.objects.filter(patient=patient, pk=int(number)).first() if is_number(number) else None
        if found is None:
            raise Http404
        return open_draft(patient, by, from_plan(found.content), based_on=found)
    definition = protocol_named(told)
    content = from_protocol(definition, today, shelf_now())
    return open_draft(patient, by, content, protocol=definition.canonical)


def opened(
    request: HttpRequest, patient_id: str, page: str, what: What = What.DRAFT_PLAN
) -> tuple[Patient, Draft, DraftRevision]:
    """The draft of a patient of theirs. Raises Http404: none is open."""
    patient = open_patient(request, patient_id, page, what)
    last = last_revision_of(patient)
    if last is None:
        raise Http404
    return patient, last.draft, last


@needs(What.DRAFT_PLAN)
@require_safe
def draft(request: HttpRequest, patient_id: str) -> HttpResponse:
    patient, open_now, last = opened(request, patient_id, "plan: draft")
    content = content_of(last)
    former = last_signed(patient)
    before = from_plan(former.content) if former else None
    known = [content, *([before] if before else [])]
    looked = look_up(patient, fingerprints_of(*known))
    names = names_of(*known, known=looked.known)
    context = {
        **shown(request, patient),
        "draft": open_now,
        "last": last,
        "content": content,
        "parts": told_parts(facts_of(content, names)),
        "problems": problems_of(content, looked),
        "asked_nobody": [contraindication_said(code) for code in sorted(looked.precautions.never_asked)],
        "former": former,
        "differences": differences(before, content, names) if before else (),
        **screens_shown(patient, content),
    }
    return render(request, "console/plans/draft.html", context)


@needs(What.DRAFT_PLAN)
@require_POST
def discard(request: HttpRequest, patient_id: str) -> HttpResponse:
    patient, open_now, _ = opened(request, patient_id, "plan: draft given up")
    give_up(open_now)
    return HttpResponseRedirect(reverse("plan", args=[patient.id]))


@needs(What.DRAFT_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def part(request: HttpRequest, patient_id: str, name: str) -> HttpResponse:
    """One part of the draft; what is not right is not kept, and stands there with its reason."""
    if name not in PARTS:
        raise Http404
    patient, open_now, last = opened(request, patient_id, f"plan: {PARTS[name]}")
    editor = EDITORS[PARTS[name]](content_of(last))
    data = request.POST if request.method == "POST" and "more" not in request.POST else None
    if data is not None and editor.read(data):
        try:
            change(open_now, seen(request), practitioner_of(request), editor.part, editor.changed)
        except ChangedMeanwhile as moved:
            return _part_page(request, patient, name, editor, moved.theirs, mine=revision(open_now, seen(request)))
        except PlanRefused:
            raise Http404 from None
        return HttpResponseRedirect(f"{reverse('draft', args=[patient.id])}#{PARTS[name]}")
    if request.method == "POST" and "more" in request.POST:
        editor.more(request.POST)
    return _part_page(request, patient, name, editor, last)


def seen(request: HttpRequest) -> int:
    """The revision that the page showed; one that nobody can have seen is 0."""
    told = request.POST.get("revision", "")
    return int(told) if is_number(told) else 0


def _part_page(
    request: HttpRequest,
    patient: Patient,
    name: str,
    editor: Editor,
    last: DraftRevision,
    mine: DraftRevision | None = None,
) -> HttpResponse:
    """mine: what the page had shown, when somebody else was first: what was typed stands beside what they changed."""
    context = {
        **shown(request, patient),
        "part": name,
        "title": part_said(PARTS[name]),
        "editor": editor,
        "last": last,
        "revision": last.number if mine or request.method != "POST" else seen(request),
        "moved": mine is not None,
        "theirs": differences(content_of(mine), content_of(last)) if mine else (),
    }
    return render(request, "console/plans/part.html", context, status=409 if mine else 200)
