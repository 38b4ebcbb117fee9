"""What happened to a patient's record, access, team and standing."""

from django.db.models import F, QuerySet, Value
from django.db.models.functions import Concat

from clinic.events import Expression, Rows, rows
from clinic.people.models import (
    AccessRequest,
    CareTeamParticipant,
    EmergencyAccess,
    Flag,
    Patient,
    Provenance,
    SharingConsent,
    Standing,
)


def events_of(patient: Patient) -> list[Rows]:
    return [*_access(patient), *_team(patient), *_first_page(patient)]


def full_name(path: str) -> Expression:
    """« Claire Moreau », of the practitioner at this path; empty where there is none."""
    return Concat(F(f"{path}__given"), Value(" "), F(f"{path}__family"))


def _access(patient: Patient) -> list[Rows]:
    asked = AccessRequest.objects.filter(patient=patient)
    decided = asked.exclude(decided_ms=None)
    return [
        rows(
            "access-asked", asked, at="entered_ms", social=True, code="asker", what="asker_name", said="words",
            by=full_name("entered_by"), ref="id",
        ),
        rows(
            "access-decided", decided, at="decided_ms", social=True, code="accepted", said="reason",
            by=full_name("asked_of"), ref="id",
        ),
    ]  # fmt: skip


def _team(patient: Patient) -> list[Rows]:
    team = CareTeamParticipant.objects.filter(patient=patient)
    consents, opened = (
        SharingConsent.objects.filter(patient=patient),
        EmergencyAccess.objects.filter(patient=patient),
    )
    who = full_name("practitioner")
    return [
        rows("team-joined", team, at="since_ms", social=True, what=who, code="practitioner__role"),
        rows("team-left", team.exclude(until_ms=None), at="until_ms", social=True, what=who),
        rows("consent-given", consents, at="given_ms", social=True, what=who, said="how", by=full_name("recorded_by")),
        rows("consent-withdrawn", consents.exclude(withdrawn_ms=None), at="withdrawn_ms", social=True, what=who),
        rows("emergency", opened, at="since_ms", said="reason", by=who),
    ]


def _first_page(patient: Patient) -> list[Rows]:
    changed = Provenance.objects.filter(patient=patient)
    return [
        rows(
            "contraindication", Flag.objects.filter(patient=patient), at="recorded_ms", code="present", what="code",
            said="note", by=full_name("author"),
        ),
        _changes("social-changed", changed.filter(social=True), social=True),
        _changes("record-changed", changed.filter(social=False), social=False),
        rows(
            "standing", Standing.objects.filter(patient=patient), at="since_ms", code="state", said="words",
            by=full_name("told_by"), what="box",
        ),
    ]  # fmt: skip


def _changes(kind: str, found: QuerySet[Provenance], *, social: bool) -> Rows:
    by = full_name("agent")
    return rows(kind, found, at="recorded_ms", social=social, code="target", said="changes", by=by, ref="target_id")
