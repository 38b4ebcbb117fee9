"""Erasure as the law asks it: what need not be kept goes, what must be kept stays, and the page says why.

Sources: RGPD, article 17, 3 (b and c): no right to erasure where the law obliges to keep, or for public health; Code de
la santé publique, R.1112-7: a health establishment keeps a medical record twenty years from the last stay or
consultation, until the 28th birthday at least, ten years from a death within ten years of it. docs/record.md says what
a DPO has to confirm.
"""

import datetime as dt
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q

from clinic.clock import now_ms
from clinic.events import Span
from clinic.people.events import events_of as people_events
from clinic.people.models import (
    AccessRequest,
    CareTeamParticipant,
    EmergencyAccess,
    Erasure,
    Flag,
    IdentityStatus,
    Patient,
    Practitioner,
    Provenance,
    RelatedPerson,
    SharingConsent,
    Standing,
)
from clinic.people.refusals import Refusal
from clinic.record.references import app_of, references_to_patients, rows_of
from clinic.record.timeline import told_of

YEARS_KEPT, YEARS_KEPT_AFTER_DEATH, AGE_KEPT_MIN = 20, 10, 28
ASKED_MIN, ASKED_MAX = 10, 500
GONE = "effacé"
CONTACT = ("address", "phone", "social_note")


@dataclass(frozen=True)
class Prospect:
    """What an erasure would do. `whole`: nothing has to be kept; else `kept_until` and what goes all the same."""

    whole: bool
    kept_until: dt.date | None
    related: int
    contact: bool


def prospect(patient: Patient) -> Prospect:
    whole = not care_was_given(patient)
    return Prospect(
        whole=whole,
        kept_until=None if whole else kept_until(patient),
        related=_erasable(patient, whole=whole).count(),
        contact=any(getattr(patient, name) for name in CONTACT),
    )


def care_was_given(patient: Patient) -> bool:
    """Whether anything but the request for the care is known: any app but `people` speaks of this person."""
    elsewhere = [field for field in references_to_patients() if app_of(field) != "people"]
    told = [Exists(rows_of(field.model).filter(**{field.name: OuterRef("pk")})) for field in elsewhere]
    noted = Exists(Flag.objects.filter(patient=OuterRef("pk")))
    return Patient.objects.filter(reduce(or_, told, noted), pk=patient.pk).exists()


def kept_until(patient: Patient) -> dt.date:
    """The last day on which the record has to be kept (R.1112-7)."""
    last = _day(_last_care_ms(patient) or now_ms())
    until = _years_on(last, YEARS_KEPT)
    if patient.birth_date is not None:
        until = max(until, _years_on(patient.birth_date, AGE_KEPT_MIN))
    standing = Standing.objects.filter(patient=patient).order_by("-id").first()
    if standing is None or standing.state != Standing.State.DECEASED:
        return until
    died = _day(standing.since_ms)
    soon = died < _years_on(last, YEARS_KEPT_AFTER_DEATH)
    return _years_on(died, YEARS_KEPT_AFTER_DEATH) if soon else until


def _last_care_ms(patient: Patient) -> int | None:
    """When any app but `people` told of something last: care was given, or somebody wrote."""
    own, past = {rows.kind for rows in people_events(patient)}, Span(until_ms=now_ms())
    every = [rows for rows in told_of(patient, health=True) if rows.kind not in own]
    first, *others = [past.of(rows).values_list("e_at_ms", flat=True) for rows in every]
    found: int | None = first.union(*others, all=True).order_by("-e_at_ms").first()
    return found


def erase(patient: Patient, by: Practitioner, asked: str) -> Erasure:
    """Erase what need not be kept, in one transaction. Raises Refusal: nobody says who asked."""
    if len(asked.strip()) < ASKED_MIN:
        raise Refusal("reason-short", f"say in {ASKED_MIN} letters at least who asked, and how")
    with transaction.atomic():
        kept = Patient.objects.select_for_update().get(pk=patient.pk)
        foreseen = prospect(kept)
        what = {"related": _erase_related(kept, whole=foreseen.whole), "contact": int(foreseen.contact)}
        _erase_contact(kept)
        if foreseen.whole:
            _erase_identity(kept)
            what["words"] = _erase_words(kept)
        kept.version += 1
        kept.save()
        what["history"] = _erase_history(kept, whole=foreseen.whole)
        return Erasure.objects.create(
            patient=kept,
            asked=asked.strip()[:ASKED_MAX] if not foreseen.whole else GONE,
            agent=by,
            erased_ms=now_ms(),
            whole=foreseen.whole,
            what=what,
            kept_until=foreseen.kept_until,
        )


def _erasable(patient: Patient, *, whole: bool) -> models.QuerySet[RelatedPerson]:
    """Who is near the patient and holds no office of the law; all of them where nothing has to be kept."""
    found = RelatedPerson.objects.filter(patient=patient).exclude(name=GONE)
    return found if whole else found.filter(trusted_person=False, legal_representative=False)


def _erase_related(patient: Patient, *, whole: bool) -> int:
    nothing = dict.fromkeys(("phone", "email", "reach", "trusted_how"), "")
    found = _erasable(patient, whole=whole)
    keys = [str(key) for key in found.values_list("pk", flat=True)]
    Provenance.objects.filter(patient=patient, target="related-person", target_id__in=keys).update(changes={})
    found.filter(until_ms=None).update(until_ms=now_ms())
    return RelatedPerson.objects.filter(pk__in=keys).update(name=GONE, **nothing)


def _erase_contact(patient: Patient) -> None:
    for name in CONTACT:
        setattr(patient, name, "")


def _erase_identity(patient: Patient) -> None:
    """No one is named any more; the identifier stays, because the audit trail tells what was done under it."""
    patient.given, patient.family, patient.address_as = "", "Dossier effacé", "—"
    patient.identity_status, patient.birth_date, patient.establishment = IdentityStatus.PSEUDONYM, None, None
    for name in (
        "ins",
        "ins_oid",
        "gender",
        "pathway",
        "lives",
        "room",
        "legal_protection",
        "hearing_aids",
        "hearing_note",
    ):
        setattr(patient, name, "")
    patient.erased_ms = now_ms()


def _erase_words(patient: Patient) -> int:
    """What people wrote about them, and the team, which ends."""
    mine = Q(patient=patient)
    said = AccessRequest.objects.filter(mine).update(words=GONE, asker_name="", reason=GONE)
    AccessRequest.objects.filter(mine, decided_ms=None).update(decided_ms=now_ms(), accepted=False)
    said += SharingConsent.objects.filter(mine).update(how=GONE)
    said += EmergencyAccess.objects.filter(mine).update(reason=GONE)
    said += Standing.objects.filter(mine).update(words="")
    CareTeamParticipant.objects.filter(mine, until_ms=None).update(until_ms=now_ms())
    return said


def _erase_history(patient: Patient, *, whole: bool) -> int:
    """What the fields that are erased held before."""
    erased = 0
    for change in Provenance.objects.filter(patient=patient, target=Provenance.Target.PATIENT):
        left: dict[str, Any] = {} if whole else {k: v for k, v in change.changes.items() if k not in CONTACT}
        if left != change.changes:
            change.changes = left
            change.save(update_fields=["changes"])
            erased += 1
    return erased


def _day(at_ms: int) -> dt.date:
    return dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC).date()


def _years_on(day: dt.date, years: int) -> dt.date:
    """The same day so many years on; the 28th for a 29th of February."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
