"""Writing a plan together: one open draft a patient, each change a revision, and nobody overwrites unawares."""

from collections.abc import Callable

from django.db import IntegrityError, transaction

from clinic.clock import now_ms
from clinic.people.models import Patient, Practitioner
from clinic.plans.errors import PlanRefused
from clinic.plans.models import CarePlan, Draft, DraftRevision
from clinic.plans.unfinished import UnfinishedPlan
from mqtt_bridge.contract.codec import decode, encode

Change = Callable[[UnfinishedPlan], UnfinishedPlan]
Part = Callable[[UnfinishedPlan], object]
"""What of the plan a page shows and changes."""


class ChangedMeanwhile(PlanRefused):
    """Somebody else has changed the same part since the page was opened: `theirs` is the last revision."""

    def __init__(self, theirs: DraftRevision) -> None:
        super().__init__("draft-moved", f"{theirs.by.username} has changed the draft meanwhile")
        self.theirs = theirs


def open_draft(
    patient: Patient, by: Practitioner, content: UnfinishedPlan, *, based_on: CarePlan | None = None, protocol: str = ""
) -> Draft:
    """Raises PlanRefused: the patient has one already."""
    try:
        with transaction.atomic():
            draft = Draft.objects.create(
                patient=patient, begun_by=by, begun_ms=now_ms(), based_on=based_on, protocol=protocol
            )
            _keep(draft, content, by)
            return draft
    except IntegrityError as error:
        raise PlanRefused("draft-open", f"a plan of {patient.id} is being written already: go on with it") from error


def draft_of(patient: Patient) -> Draft | None:
    """The plan that is being written for them."""
    return Draft.objects.filter(patient=patient, closed_ms=None).select_related("based_on", "begun_by").first()


def revision(draft: Draft, number: int | None = None) -> DraftRevision:
    """The last one, or that of the number. Raises PlanRefused: there is none."""
    wanted = draft.revision if number is None else number
    found = DraftRevision.objects.filter(draft=draft, number=wanted).select_related("by").first()
    if found is None:
        raise PlanRefused("no-draft", f"{draft} has no revision {number}")
    return found


def last_revision_of(patient: Patient) -> DraftRevision | None:
    """Of the plan that is being written for them, with the draft: one query."""
    found = DraftRevision.objects.filter(draft__patient=patient, draft__closed_ms=None)
    return found.select_related("draft__based_on", "draft__begun_by", "by").order_by("-number").first()


def content_of(kept: DraftRevision) -> UnfinishedPlan:
    return decode(bytes(kept.document), UnfinishedPlan)


def change(draft: Draft, seen: int, by: Practitioner, part: Part, make: Change) -> DraftRevision:
    """A further revision, made from the last one. What leaves all as it was makes none.

    seen: the revision that the page showed. Raises ChangedMeanwhile: `part` is not what it was then; PlanRefused: the
    draft was signed or given up.
    """
    with transaction.atomic():
        kept = Draft.objects.select_for_update().filter(pk=draft.pk, closed_ms=None).first()
        if kept is None:
            raise PlanRefused("no-draft", f"{draft} is closed: it was signed, or given up")
        last = revision(kept)
        now = content_of(last)
        if seen != kept.revision and part(content_of(revision(kept, seen))) != part(now):
            raise ChangedMeanwhile(last)
        made = make(now)
        if made == now:
            return last
        kept.revision += 1
        kept.save(update_fields=["revision"])
        return _keep(kept, made, by)


def give_up(draft: Draft) -> None:
    """Nothing comes of it; its revisions stay."""
    Draft.objects.filter(pk=draft.pk, closed_ms=None).update(closed_ms=now_ms())


def _keep(draft: Draft, content: UnfinishedPlan, by: Practitioner) -> DraftRevision:
    return DraftRevision.objects.create(
        draft=draft, number=draft.revision, document=encode(content), by=by, at_ms=now_ms()
    )
