"""The cares of a draft: attributed from a protocol or from the shelf, changed, ordered, taken out."""

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
from clinic.console.plans.plan_words import contraindication_said, refusal_said, title_said
from clinic.console.signed_in import practitioner_of
from clinic.people.access import is_referring
from clinic.people.may import What, may
from clinic.people.models import Patient, Practitioner
from clinic.plans.beginning import care_of, free_id
from clinic.plans.contraindications import REASON_MIN, had_by, override, overrides_of, uncovered
from clinic.plans.drafting import ChangedMeanwhile, change, content_of, revision
from clinic.plans.errors import PlanRefused
from clinic.plans.forms import house_form
from clinic.plans.library import forms_listed, protocol_named, protocols_listed
from clinic.plans.models import Draft, DraftRevision
from clinic.plans.plan_draft import ActivityDraft, PackageDraft
from clinic.plans.protocols import CareTemplate, PlanDefinition
from clinic.plans.unfinished import UnfinishedPlan
from clinic.shelf.choosing import as_named, newest_packages, packages_known, told_of
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
            error = refusal_said(refused) if isinstance(refused, PlanRefused) else str(refused)
        else:
            return HttpResponseRedirect(f"{reverse('draft', args=[patient.id])}#cares")
    shelf, has = newest_packages(), had_by(patient)
    here = {one.package.fingerprint for one in content_of(last).activity}
    by_name = {one.package: one for one in shelf}
    protocols = [
        (one, title_said(one), [_offer(patient, one, care, by_name, has, here) for care in one.activity])
        for one in protocols_listed()
        if not one.pathway
    ]
    context = {
        **shown(request, patient),
        "last": last,
        "protocols": protocols,
        "shelf": [_on_shelf(patient, one, has, here) for one in shelf],
        "error": error,
    }
    return render(request, "console/plans/add.html", context)


def _offer(
    patient: Patient,
    protocol: PlanDefinition,
    care: CareTemplate,
    shelf: dict[str, Package],
    has: frozenset[str],
    here: set[str],
) -> Offer:
    package = shelf.get(care.package)
    return Offer(
        f"{protocol.canonical}#{care.id}",
        care.title,
        package,
        _against(patient, package, has),
        package is not None and package.fingerprint in here,
    )


def _on_shelf(patient: Patient, package: Package, has: frozenset[str], here: set[str]) -> Offer:
    against = _against(patient, package, has)
    return Offer(f"package:{package.fingerprint}", package.title, package, against, package.fingerprint in here)


def _against(patient: Patient, package: Package | None, has: frozenset[str]) -> tuple[str, ...]:
    if package is None or not has:
        return ()
    return tuple(contraindication_said(one) for one in sorted(uncovered(patient, told_of(package), has)))


def _attribute(request: HttpRequest, patient: Patient, draft: Draft, last: DraftRevision) -> None:
    """Raises PlanRefused: one of them is contraindicated; its own page takes the référent's reason."""
    chosen = list(dict.fromkeys(request.POST.getlist("care")))[:CARES_MAX]
    has = had_by(patient)
    cares = [_chosen(one) for one in chosen]
    known = packages_known([care.package.fingerprint for care in cares])
    for care in cares:
        package = told_of(known.get(care.package.fingerprint), care.package.id, care.package.fingerprint)
        if has and uncovered(patient, package, has) and not _takes_on(request, patient, package.fingerprint):
            raise PlanRefused("contraindicated", f"{care.package.id} is contraindicated for {patient.id}")

    def with_them(plan: UnfinishedPlan) -> UnfinishedPlan:
        activity = plan.activity
        for care in cares:
            activity = (*activity, replace(care, id=free_id(care.id, [one.id for one in activity])))
        return replace(plan, activity=activity[:CARES_MAX])

    change(draft, last.number, practitioner_of(request), _nothing, with_them)


def _nothing(_: UnfinishedPlan) -> object:
    """Cares that are added stand in nobody's way."""
    return ()


def _takes_on(request: HttpRequest, patient: Patient, fingerprint: str) -> bool:
    """Whether the référent gave a reason for this one on the page; it is kept."""
    reason, who = request.POST.get("reason", "").strip(), practitioner_of(request)
    if len(reason) < REASON_MIN or not signs(who, patient):
        return False
    package = told_of(packages_known([fingerprint]).get(fingerprint), "", fingerprint)
    override(patient, package, uncovered(patient, package, had_by(patient)), reason, who)
    return True


def signs(who: Practitioner, patient: Patient) -> bool:
    return may(who.role, What.PRESCRIBE) and is_referring(who, patient)


def _chosen(told: str) -> ActivityDraft:
    """Raises PlanRefused, ContractError."""
    if told.startswith("package:"):
        package = packages_known([told.removeprefix("package:")]).get(told.removeprefix("package:"))
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
    against = uncovered(patient, package, had_by(patient))
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
