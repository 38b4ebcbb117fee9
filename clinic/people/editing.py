"""Changing the first page of a record: who writes over what they have not seen is told first, and nothing is lost."""

import contextlib
import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from django.db import IntegrityError, transaction

from clinic.clock import now_ms
from clinic.errors import RecordError
from clinic.people.models import Patient, Practitioner, Provenance, RelatedPerson
from clinic.people.refusals import Refusal
from clinic.people.team import follow_to

SOCIAL = frozenset(
    {"address_as", "lives", "address", "phone", "room", "establishment", "legal_protection", "social_note"}
)
"""The fields of a patient that belong to the social part (B9); all of a related person does."""
Changes = dict[str, list[Any]]


class ChangedMeanwhile(RecordError):
    """Somebody else has changed it since this version was shown; `since`: their changes, oldest first."""

    def __init__(self, version: int, since: list[Provenance]) -> None:
        super().__init__(f"changed meanwhile: version {version} now; look at the changes and save again")
        self.version, self.since = version, since


def edit_patient(
    patient: Patient, version: int, values: Mapping[str, Any], by: Practitioner, consent_how: str = ""
) -> Patient:
    """Write `values` over `version`. The same again changes nothing. Raises ChangedMeanwhile, Refusal.

    `consent_how`: who gave the patient's consent that their team goes on in another establishment, and how.
    """
    with transaction.atomic():
        kept = Patient.objects.select_for_update().get(pk=patient.pk)
        if changes := _changes(kept, version, values, Provenance.Target.PATIENT):
            kept.save()
            if "establishment" in changes:
                follow_to(kept, consent_how, by)
            _note(kept, Provenance.Target.PATIENT, kept, changes, by)
        return kept


def add_related(patient: Patient, values: Mapping[str, Any], by: Practitioner) -> RelatedPerson:
    """Raises Refusal: another is the main caregiver, or the personne de confiance, already."""
    with _one_of_a_kind(), transaction.atomic():
        made = RelatedPerson.objects.create(patient=patient, since_ms=now_ms(), **values)
        _note(patient, Provenance.Target.RELATED_PERSON, made, {"name": ["", made.name]}, by)
        return made


def edit_related(person: RelatedPerson, version: int, values: Mapping[str, Any], by: Practitioner) -> RelatedPerson:
    """Raises ChangedMeanwhile, Refusal."""
    with _one_of_a_kind(), transaction.atomic():
        kept = RelatedPerson.objects.select_for_update().select_related("patient").get(pk=person.pk)
        named = {"name": [kept.name, kept.name]}
        if changes := _changes(kept, version, values, Provenance.Target.RELATED_PERSON):
            kept.save()
            changes = {**named, **changes}
            _note(kept.patient, Provenance.Target.RELATED_PERSON, kept, changes, by)
        return kept


def end_related(person: RelatedPerson, by: Practitioner) -> None:
    """They are it no longer; the row stays."""
    if person.until_ms is None:
        edit_related(person, person.version, {"until_ms": now_ms()}, by)


def _changes(kept: Patient | RelatedPerson, version: int, values: Mapping[str, Any], target: str) -> Changes:
    """Put `values` on the row that was locked, and its next version; what that changes."""
    changes = {
        name: [_plain(getattr(kept, name)), _plain(value)]
        for name, value in values.items()
        if getattr(kept, name) != value
    }
    if changes and kept.version != version:
        since = Provenance.objects.filter(target=target, target_id=str(kept.pk), version__gt=version)
        raise ChangedMeanwhile(kept.version, list(since.select_related("agent").order_by("version")))
    for name in changes:
        setattr(kept, name, values[name])
    kept.version += bool(changes)
    return changes


def _note(patient: Patient, target: str, row: Patient | RelatedPerson, changes: Changes, by: Practitioner) -> None:
    Provenance.objects.create(
        patient=patient,
        target=target,
        target_id=str(row.pk),
        version=row.version,
        social=isinstance(row, RelatedPerson) or set(changes) <= SOCIAL,
        agent=by,
        recorded_ms=now_ms(),
        changes=changes,
    )


def _plain(value: Any) -> Any:
    """As JSON keeps it."""
    if isinstance(value, dt.date):
        return value.isoformat()
    return value if isinstance(value, str | int | bool | None) else str(value)


@contextlib.contextmanager
def _one_of_a_kind() -> Iterator[None]:
    """Says which rule of the database refused."""
    try:
        yield
    except IntegrityError as error:
        raise Refusal(
            "one-already", "another person is the main caregiver or the trusted person: change that one first"
        ) from error
