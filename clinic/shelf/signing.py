"""A draft becomes a plan: signed by the référent as they saw it, ordered to the box, its packages offered."""

from dataclasses import dataclass

from django.db import transaction

from clinic.clock import now_ms
from clinic.fleet.models import Device
from clinic.people.models import Patient, Practitioner
from clinic.plans.contraindications import override
from clinic.plans.drafting import content_of, revision
from clinic.plans.errors import PlanRefused
from clinic.plans.models import CarePlan, Draft
from clinic.plans.orders import Pen
from clinic.plans.plan_draft import PlanDraft
from clinic.plans.plan_file import resolved
from clinic.plans.prescribe import prescribe
from clinic.plans.unfinished import finished
from clinic.shelf.choosing import contraindicated, look_up, told_of
from clinic.shelf.offers import offer_missing


@dataclass(frozen=True)
class Seen:
    """What stood on the page that is signed. last: key of the version last signed for the patient; 0: none was."""

    revision: int
    last: int


def last_signed(patient: Patient) -> CarePlan | None:
    return CarePlan.objects.filter(patient=patient).order_by("-signed_ms", "-id").first()


def sign(draft: Draft, seen: Seen, by: Practitioner, device: Device, pen: Pen) -> tuple[CarePlan, list[str]]:
    """The plan in force from now on, and the ids of its packages that are not on the shelf.

    Raises PlanRefused (the draft or the plan in force is not what was seen, a care is contraindicated), RecordError,
    ContractError, msgspec.ValidationError: nothing is signed.
    """
    with transaction.atomic():
        kept = Draft.objects.select_for_update().filter(pk=draft.pk, closed_ms=None).first()
        if kept is None:
            raise PlanRefused("no-draft", f"{draft} is closed: it was signed, or given up")
        if kept.revision != seen.revision:
            raise PlanRefused("draft-moved", f"{draft} has changed since it was shown: read it again before signing")
        last = last_signed(kept.patient)
        if (last.pk if last else 0) != seen.last:
            raise PlanRefused("plan-moved", f"another plan of {kept.patient_id} was signed meanwhile")
        content = resolved(finished(content_of(revision(kept))))
        check_contraindications(content, kept.patient)
        signed = prescribe(content, kept.patient, by, device, pen)
        _, missing = offer_missing(signed, pen)
        kept.signed, kept.closed_ms = signed, now_ms()
        kept.save(update_fields=["signed", "closed_ms"])
        return signed, missing


def check_contraindications(draft: PlanDraft, patient: Patient) -> None:
    """Raises PlanRefused: a care is contraindicated, and no référent has given a reason for it."""
    named = {one.package.fingerprint: one for one in draft.activity}
    found = contraindicated(patient, [(one.package.id, fingerprint) for fingerprint, one in named.items()])
    if found:
        told = "; ".join(f"{named[one].id}: {', '.join(sorted(what))}" for one, what in sorted(found.items()))
        raise PlanRefused(
            "contraindicated",
            f"contraindicated for {patient.id} ({told}): take these cares out, or let the référent say why",
        )


def prescribe_despite(draft: PlanDraft, patient: Patient, by: Practitioner, reason: str) -> None:
    """The référent's reason, kept for each care that is contraindicated. Raises RecordError: it says too little."""
    named = {one.package.fingerprint: one.package.id for one in draft.activity}
    looked = look_up(patient, named)
    for fingerprint, what in looked.all_against((name, fingerprint) for fingerprint, name in named.items()).items():
        override(patient, told_of(looked.known.get(fingerprint), named[fingerprint], fingerprint), what, reason, by)
