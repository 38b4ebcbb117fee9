"""Two records that are one person's: everything of the duplicate goes to the record that stays, and can go back.

Nothing is deleted and the ledger of reports is not touched: rows change whose they are, `RecordMerge.moved` names each.
Reports that come later under the duplicate's name are the kept record's (`clinic.results.interpret`).
"""

from collections.abc import Iterator
from typing import Any

from django.db import IntegrityError, models, transaction
from django.db.models import QuerySet

from clinic.clock import now_ms
from clinic.fleet.models import DeviceAssociation
from clinic.people.contraindications import contraindications_of, note
from clinic.people.models import (
    AccessRequest,
    CareTeamParticipant,
    Erasure,
    Flag,
    Patient,
    Practitioner,
    Provenance,
    RecordMerge,
    RelatedPerson,
    SharingConsent,
)
from clinic.people.refusals import Refusal
from clinic.plans.in_force import plan_in_force
from clinic.plans.models import CarePlan
from clinic.record.references import Reference, name_of, references_to_patients, rows_of
from clinic.results.progress import mark

UNDO_DAYS = 30
REASON_MIN, REASON_MAX = 10, 500
KEYS_AT_ONCE = 500
"""In one query: every database takes as many."""
_STAYS = (RecordMerge, Erasure, Patient, Provenance)
"""What speaks of a record as it was, and not of the person: it stays where it is."""
_FILLED = (
    "birth_date", "gender", "pathway", "lives", "address", "phone", "room", "establishment", "legal_protection",
    "social_note", "hearing_aids", "hearing_note",
)  # fmt: skip
_ONE_OF_A_KIND = ("main_caregiver", "trusted_person")
Moved = dict[str, Any]


def likely_duplicates(patient: Patient, among: QuerySet[Patient]) -> QuerySet[Patient]:
    """Those with the same INS, or the same names and no other date of birth."""
    same_name = models.Q(given__iexact=patient.given, family__iexact=patient.family)
    if patient.birth_date is not None:
        same_name &= models.Q(birth_date=None) | models.Q(birth_date=patient.birth_date)
    same_ins = models.Q(ins=patient.ins) if patient.ins else models.Q(pk=None)
    return among.filter(same_name | same_ins).exclude(pk=patient.pk)


def merge(kept: Patient, duplicate: Patient, by: Practitioner, reason: str) -> RecordMerge:
    """One transaction. Who may is asked before: the référent of both. Raises Refusal."""
    if len(reason.strip()) < REASON_MIN:
        raise Refusal("reason-short", f"say in {REASON_MIN} letters at least how you know that they are one person")
    with transaction.atomic():
        both = Patient.objects.select_for_update().filter(pk__in=[kept.pk, duplicate.pk])
        if len(both) != 2 or any(one.merged_into_id or one.erased_ms for one in both):
            raise Refusal("not-a-pair", "these are no two records that can be merged")
        _check(kept, duplicate)
        precautions = _present(kept) | _present(duplicate)
        moved: Moved = {"ended": _end_doubles(kept, duplicate), "flags": _drop_doubles(kept, duplicate)}
        moved["rows"] = {name_of(field): _move(field, duplicate, kept) for field in _fields_to_patients()}
        moved["filled"] = _fill(kept, duplicate, by)
        Patient.objects.filter(pk=duplicate.pk).update(merged_into=kept)
        _keep_present(kept, precautions, by)
        mark([kept])
        return RecordMerge.objects.create(
            kept=kept,
            duplicate=duplicate,
            reason=reason.strip()[:REASON_MAX],
            agent=by,
            merged_ms=now_ms(),
            moved=moved,
        )


def undo(merged: RecordMerge, by: Practitioner) -> None:
    """Every row that was moved goes back. Raises Refusal: too late, undone already, or reports have come since."""
    with transaction.atomic():
        merge_ = RecordMerge.objects.select_for_update().get(pk=merged.pk)
        if merge_.undone_ms is not None:
            raise Refusal("undone-already", "these records are two again already")
        if now_ms() - merge_.merged_ms > UNDO_DAYS * 86_400_000:
            raise Refusal("too-late", f"a merge is undone within {UNDO_DAYS} days")
        if merge_.late_reports:
            raise Refusal(
                "late-reports", "reports have come since under the duplicate's name: they cannot be told apart"
            )
        for field in _fields_to_patients():
            keys = merge_.moved["rows"].get(name_of(field), [])
            for start in range(0, len(keys), KEYS_AT_ONCE):
                some = rows_of(field.model).filter(pk__in=keys[start : start + KEYS_AT_ONCE])
                some.filter(**{field.name: merge_.kept_id}).update(**{field.name: merge_.duplicate_id})
        Patient.objects.filter(pk=merge_.duplicate_id).update(merged_into=None)
        _reopen(merge_.moved)
        _empty(merge_)
        mark([merge_.kept, merge_.duplicate])
        merge_.undone_ms, merge_.undone_by = now_ms(), by
        merge_.save(update_fields=["undone_ms", "undone_by"])


def records_of(patient: Patient) -> list[str]:
    """Its identifier and those of its duplicates: who has read one of them has read of this person."""
    return [patient.id, *Patient.objects.filter(merged_into=patient).values_list("id", flat=True)]


def _check(kept: Patient, duplicate: Patient) -> None:
    theirs, ours = plan_in_force(duplicate), plan_in_force(kept)
    last = CarePlan.objects.filter(patient=duplicate).order_by("-signed_ms").first()
    if theirs is not None or (ours is not None and last is not None and last.signed_ms > ours.signed_ms):
        raise Refusal(
            "plan-in-force",
            f"stop the plan of {duplicate.id} first, and where {kept.id} has one, sign it again after that: a box must "
            "not hold a plan of a record that is gone",
        )
    waiting = AccessRequest.objects.filter(patient__in=[kept, duplicate], decided_ms=None)
    if waiting.count() > 1:
        raise Refusal("waiting-already", "a request is waiting for each of them: decide one first")


def _fields_to_patients() -> Iterator[Reference]:
    """What belongs to the person, wherever it is kept; what speaks of the record itself is left out."""
    return (field for field in references_to_patients() if field.model not in _STAYS)


def _move(field: Reference, duplicate: Patient, kept: Patient) -> list[Any]:
    """The keys of the rows that are the kept record's now; what it has once already (a line of a handover) stays."""
    keys = list(rows_of(field.model).filter(**{field.name: duplicate.pk}).values_list("pk", flat=True))
    whole = _moved(field, keys, kept)
    return keys if whole else [key for key in keys if _moved(field, [key], kept)]


def _moved(field: Reference, keys: list[Any], kept: Patient) -> bool:
    try:
        with transaction.atomic():
            for start in range(0, len(keys), KEYS_AT_ONCE):
                rows_of(field.model).filter(pk__in=keys[start : start + KEYS_AT_ONCE]).update(**{field.name: kept.pk})
    except IntegrityError:
        return False
    return True


def _end_doubles(kept: Patient, duplicate: Patient) -> dict[str, list[int]]:
    """What both have in force and one record has once: it ends with the duplicate."""
    at_ms = now_ms()
    team = _in_both(CareTeamParticipant, "practitioner", kept, duplicate)
    boxes = _in_both(DeviceAssociation, "device", kept, duplicate)
    agreed = SharingConsent.objects.filter(
        patient=duplicate,
        withdrawn_ms=None,
        practitioner__in=SharingConsent.objects.filter(patient=kept, withdrawn_ms=None).values("practitioner"),
    )
    ended = {"team": list(team), "boxes": list(boxes), "consents": list(agreed.values_list("pk", flat=True))}
    CareTeamParticipant.objects.filter(pk__in=ended["team"]).update(until_ms=at_ms)
    DeviceAssociation.objects.filter(pk__in=ended["boxes"]).update(until_ms=at_ms)
    SharingConsent.objects.filter(pk__in=ended["consents"]).update(withdrawn_ms=at_ms)
    return ended


def _in_both(
    model: type[CareTeamParticipant | DeviceAssociation], whom: str, kept: Patient, other: Patient
) -> list[int]:
    here = rows_of(model).filter(patient=kept, until_ms=None).values(whom)
    found = rows_of(model).filter(patient=other, until_ms=None, **{f"{whom}__in": here})
    return list(found.values_list("pk", flat=True))


def _drop_doubles(kept: Patient, duplicate: Patient) -> dict[str, list[int]]:
    """A record has one main caregiver and one trusted person: the kept one's."""
    dropped: dict[str, list[int]] = {}
    for name in _ONE_OF_A_KIND:
        if RelatedPerson.objects.filter(patient=kept, until_ms=None, **{name: True}).exists():
            found = RelatedPerson.objects.filter(patient=duplicate, until_ms=None, **{name: True})
            dropped[name] = list(found.values_list("pk", flat=True))
            found.update(**{name: False})
    return dropped


def _reopen(moved: Moved) -> None:
    CareTeamParticipant.objects.filter(pk__in=moved["ended"]["team"]).update(until_ms=None)
    DeviceAssociation.objects.filter(pk__in=moved["ended"]["boxes"]).update(until_ms=None)
    SharingConsent.objects.filter(pk__in=moved["ended"]["consents"]).update(withdrawn_ms=None)
    for name, keys in moved["flags"].items():
        RelatedPerson.objects.filter(pk__in=keys).update(**{name: True})


def _present(patient: Patient) -> set[str]:
    return {code for code, flag in contraindications_of(patient).items() if flag is not None and flag.present}


def _keep_present(kept: Patient, precautions: set[str], by: Practitioner) -> None:
    """A contraindication of either record is the person's until somebody says otherwise, knowing both."""
    for code in precautions - _present(kept):
        note(kept, Flag.Code(code), present=True, words="réunion de deux dossiers : à confirmer", by=by)


def _fill(kept: Patient, duplicate: Patient, by: Practitioner) -> dict[str, str]:
    """What the kept first page leaves empty and the other knows, names and INS left alone; told in its history."""
    row = Patient.objects.select_for_update().get(pk=kept.pk)
    filled = {name: getattr(duplicate, name) for name in _FILLED if not getattr(row, name) and getattr(duplicate, name)}
    for name, value in filled.items():
        setattr(row, name, value)
    row.version += 1
    row.save()
    changes = {name: ["", str(value)] for name, value in filled.items()}
    _tell(row, duplicate, by, changes)
    return {name: str(value) for name, value in filled.items()}


def _empty(merged: RecordMerge) -> None:
    """What was filled in and has not been changed since is empty again."""
    kept = Patient.objects.select_for_update().get(pk=merged.kept_id)
    for name, value in merged.moved["filled"].items():
        if str(getattr(kept, name)) == value:
            setattr(kept, name, None if name in ("birth_date", "establishment") else "")
    kept.version += 1
    kept.save()


def _tell(kept: Patient, duplicate: Patient, by: Practitioner, filled: dict[str, list[str]]) -> None:
    Provenance.objects.create(
        patient=kept,
        target=Provenance.Target.MERGE,
        target_id=duplicate.pk,
        version=kept.version,
        social=False,
        agent=by,
        recorded_ms=now_ms(),
        changes={"merged": [duplicate.pk, kept.pk], **filled},
    )
