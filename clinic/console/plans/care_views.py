"""The cares of a draft: attributed from a protocol or from the shelf, changed, ordered, taken out."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST
from msgspec.structs import replace

from clinic.console.gate import needs
from clinic.console.plans.care_form import CareForm, Choices
from clinic.console.plans.checking import forms_of
from clinic.console.plans.differences import differences
from clinic.console.plans.draft_views import opened, seen, shelf_now
from clinic.console.plans.plan_views import shown
from clinic.console.plans.plan_words import contraindication_said, not_begun_said, title_said
from clinic.console.signed_in import practitioner_of
from clinic.console.typed import clean, typed
from clinic.people.may import What, may
from clinic.people.models import Patient, Practitioner
from clinic.plans.beginning import care_of, free_id
from clinic.plans.contraindications import REASON_MIN, override, overrides_of
from clinic.plans.drafting import ChangedMeanwhile, change, content_of, revision
from clinic.plans.errors import PlanRefused
from clinic.plans.forms import house_form
from clinic.plans.library import forms_listed, protocol_named, protocols_listed
from clinic.plans.models import Draft, DraftRevision
from clinic.plans.plan_draft import ActivityDraft, PackageDraft
from clinic.plans.protocols import CareTemplate, PlanDefinition
from clinic.plans.unfinished import UnfinishedPlan
from clinic.shelf.choosing import LookedUp, as_named, look_up, newest_packages, packages_known, told_of
from clinic.shelf.models import Package
from mqtt_bridge.contract.codec import ContractError

CARES_MAX = 40
TITLE_MAX = 32


@dataclass(frozen=True)
class Offer:
    """A care that can be attributed: `value` says which to the form; `against`: why not without a reason."""

    value: str
    title: str
    package: Package | None
    against: tuple[str, ...]
    there: bool


@needs(What.DRAFT_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def add_care(request: HttpRequest, patient_id: str) -> HttpResponse:
    """Several at once: a care's styles are packages, each a tile on the box."""
    patient, draft, last = opened(request, patient_id, "plan: cares")
    error = ""
    if request.method == "POST":
        try:
            _attribute(request, patient, draft, last)
        except (PlanRefused, ContractError) as refused:
            error = not_begun_said(refused)
        else:
            return HttpResponseRedirect(f"{reverse('draft', args=[patient.id])}#cares")
    shelf = newest_packages()
    looked = look_up(patient, [one.fingerprint for one in shelf])
    here = {one.package.fingerprint for one in content_of(last).activity}
    by_name = {one.package: one for one in shelf}
    protocols = [
        (one, title_said(one), [_offer(one, care, by_name, looked, here) for care in one.activity])
        for one in protocols_listed()
        if not one.pathway
    ]
    context = {
        **shown(request, patient),
        "last": last,
        "protocols": protocols,
        "shelf": [_on_shelf(one, looked, here) for one in shelf],
        "error": error,
    }
    return render(request, "console/plans/add.html", context)


def _offer(
    protocol: PlanDefinition, care: CareTemplate, shelf: dict[str, Package], looked: LookedUp, here: set[str]
) -> Offer:
    package = shelf.get(care.package)
    there = package is not None and package.fingerprint in here
    return Offer(f"{protocol.canonical}#{care.id}", care.title, package, _against(package, looked), there)


def _on_shelf(package: Package, looked: LookedUp, here: set[str]) -> Offer:
    against = _against(package, looked)
    return Offer(f"package:{package.fingerprint}", package.title, package, against, package.fingerprint in here)


def _against(package: Package | None, looked: LookedUp) -> tuple[str, ...]:
    found = looked.against(package.package, package.fingerprint) if package else frozenset()
    return tuple(contraindication_said(one) for one in sorted(found))


def _attribute(request: HttpRequest, patient: Patient, draft: Draft, last: DraftRevision) -> None:
    """Raises PlanRefused: one of them is contraindicated; its own page takes the référent's reason."""
    chosen = list(dict.fromkeys(map(clean, request.POST.getlist("care"))))
    _check_room(chosen, content_of(last))
    cares = [_chosen(one) for one in chosen]
    looked = look_up(patient, [care.package.fingerprint for care in cares])
    against = looked.all_against((care.package.id, care.package.fingerprint) for care in cares)
    if against and not _takes_on(request, patient, looked, against):
        raise PlanRefused("contraindicated", f"contraindicated for {patient.id}: {sorted(against)}")

    def with_them(plan: UnfinishedPlan) -> UnfinishedPlan:
        activity = plan.activity
        for care in cares:
            activity = (*activity, replace(care, id=free_id(care.id, [one.id for one in activity])))
        _check_room(cares, plan)
        return replace(plan, activity=activity)

    change(draft, last.number, practitioner_of(request), _nothing, with_them)


def _check_room(more: Sequence[object], plan: UnfinishedPlan) -> None:
    """Raises PlanRefused: the box holds CARES_MAX."""
    if len(more) + len(plan.activity) > CARES_MAX:
        raise PlanRefused("too-many-cares", f"a plan has at most {CARES_MAX} cares: nothing was added")


def _nothing(_: UnfinishedPlan) -> object:
    """Cares that are added stand in nobody's way."""
    return ()


def _takes_on(request: HttpRequest, patient: Patient, looked: LookedUp, against: dict[str, frozenset[str]]) -> bool:
    """Whether the référent gave a reason for these on the page; it is kept for each."""
    reason, who = typed(request, "reason").strip(), practitioner_of(request)
    if len(reason) < REASON_MIN or not signs(who, patient):
        return False
    for fingerprint, what in against.items():
        override(patient, told_of(looked.known.get(fingerprint), "", fingerprint), what, reason, who)
    return True


def signs(who: Practitioner, patient: Patient) -> bool:
    return may(who.role, What.PRESCRIBE) and patient.referring


def _chosen(told: str) -> ActivityDraft:
    """Raises PlanRefused, ContractError."""
    if told.startswith("package:"):
        wanted = told.removeprefix("package:")
        package = packages_known([wanted]).get(wanted)
        if package is None:
            raise PlanRefused("no-package", "no such package on the shelf")
        return _from_package(package)
    protocol, _, care = told.rpartition("#")
    made = care_of(protocol_named(protocol).care(care), shelf_now())
    if not made.package.fingerprint:
        raise PlanRefused("no-package", f"{made.package.id} is not on the shelf")
    return made


def _from_package(package: Package) -> ActivityDraft:
    """A care of its own; what it says to the person is still to be written."""
    named = as_named(package)
    kind = package.kind
    return ActivityDraft(
        id=named.id[:60],
        title=package.title[:TITLE_MAX].strip() or named.id[:TITLE_MAX],
        kind=kind,  # type: ignore[arg-type]  # the shelf takes in no other kind
        duration_s=named.duration_s,
        package=PackageDraft(named.id, named.fingerprint),
        questionnaire=house_form().canonical,
        level_dba=66.0,
        level_max_dba=76.0,
    )


@needs(What.DRAFT_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def care(request: HttpRequest, patient_id: str, care_id: str) -> HttpResponse:
    """One care; a contraindicated package is refused, or taken on by the référent with a reason."""
    patient, draft, last = opened(request, patient_id, "plan: a care")
    plan = content_of(last)
    kept = plan.care(care_id)
    if kept is None:
        raise Http404
    choices = _choices(plan)
    form = CareForm(choices, kept, request.POST if request.method == "POST" else None)
    mine: DraftRevision | None = None
    if request.method == "POST" and form.is_valid() and _may_give(request, patient, form, choices):
        made = form.care()
        try:
            change(
                draft,
                seen(request),
                practitioner_of(request),
                lambda one: one.care(care_id),
                lambda one: _with(one, made),
            )
        except ChangedMeanwhile as moved:
            mine, last = revision(draft, seen(request)), moved.theirs
        except PlanRefused:
            raise Http404 from None
        else:
            return HttpResponseRedirect(f"{reverse('draft', args=[patient.id])}#cares")
    context = {
        **shown(request, patient),
        "care": kept,
        "form": form,
        "last": last,
        "revision": last.number if mine or request.method != "POST" else seen(request),
        "moved": mine is not None,
        "theirs": differences(content_of(mine), content_of(last)) if mine else (),
        "overrides": overrides_of(patient, [kept.package.fingerprint]),
    }
    return render(request, "console/plans/care.html", context, status=409 if mine else 200)


def _choices(plan: UnfinishedPlan) -> Choices:
    """The newest of each package, and the versions that the draft names already."""
    named = {one.package.fingerprint: one.package.id for one in plan.activity if one.package.fingerprint}
    known = packages_known(named.keys())
    packages = {one.fingerprint: one for one in (*known.values(), *newest_packages())}
    carried = {form.canonical: form.title for form in forms_of(plan)}
    return Choices(packages, {**carried, **forms_listed()}, {k: v for k, v in named.items() if k not in packages})


def _with(plan: UnfinishedPlan, made: ActivityDraft) -> UnfinishedPlan:
    return replace(plan, activity=tuple(made if one.id == made.id else one for one in plan.activity))


def _may_give(request: HttpRequest, patient: Patient, form: CareForm, choices: Choices) -> bool:
    """Puts on the form what speaks against it; the référent's reason is kept, and lets it pass."""
    fingerprint = form.cleaned_data["package"]
    package = told_of(choices.packages.get(fingerprint), choices.kept.get(fingerprint, ""), fingerprint)
    against = look_up(patient, [fingerprint]).against(package.id, fingerprint)
    if not against:
        return True
    what, reason = ", ".join(map(contraindication_said, sorted(against))), form.cleaned_data["reason"].strip()
    if not signs(practitioner_of(request), patient):
        words = gettext(
            "Contre-indiqué pour ce patient : %(what)s. Seul un référent peut passer outre, avec une raison."
        )
        form.add_error("package", words % {"what": what})
        return False
    if len(reason) < REASON_MIN:
        form.add_error("package", gettext("Contre-indiqué pour ce patient : %(what)s.") % {"what": what})
        form.add_error("reason", gettext("Écrivez pourquoi, en dix lettres au moins, ou choisissez une autre séance."))
        return False
    override(patient, package, against, reason, practitioner_of(request))
    return True


@needs(What.DRAFT_PLAN)
@require_POST
def move_care(request: HttpRequest, patient_id: str, care_id: str) -> HttpResponse:
    """`up` brings it one place forward, `out` takes it from the draft."""
    patient, draft, _ = opened(request, patient_id, "plan: a care")
    act = request.POST.get("act", "")
    if act not in ("up", "out"):
        raise Http404

    def moved(plan: UnfinishedPlan) -> UnfinishedPlan:
        ids = [one.id for one in plan.activity]
        if care_id not in ids:
            return plan
        cares, at = list(plan.activity), ids.index(care_id)
        one = cares.pop(at)
        if act == "up":
            cares.insert(max(0, at - 1), one)
        return replace(plan, activity=tuple(cares))

    try:
        change(draft, seen(request), practitioner_of(request), lambda plan: [one.id for one in plan.activity], moved)
    except PlanRefused as refused:
        if refused.code != "draft-moved":
            raise Http404 from None
    return HttpResponseRedirect(f"{reverse('draft', args=[patient.id])}#cares")
