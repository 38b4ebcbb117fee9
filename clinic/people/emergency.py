"""Break-glass: reading a record from outside its care team, for a short time, for a reason that others will see."""

from django.db.models import QuerySet

from clinic.clock import now_ms
from clinic.people.may import What, may
from clinic.people.models import CareTeamParticipant, EmergencyAccess, Patient, Practitioner
from clinic.people.refusals import Refusal

OPEN_S = 3600
REASON_MIN, REASON_MAX = 10, 500


def find(identifier: str, given: str, family: str) -> Patient:
    """By identifier, or by both names exactly (but for capitals): nothing is listed to who is not in the team.

    A duplicate's identifier, which is still on paper, finds the record that stays. Raises Refusal.
    """
    named = Patient.objects.filter(given__iexact=given.strip(), family__iexact=family.strip(), merged_into=None)
    known = Patient.objects.filter(id=identifier.strip()).select_related("merged_into")
    found = [one.merged_into or one for one in known] if identifier.strip() else list(named[:2])
    if not found:
        raise Refusal("not-found", "no record under these words")
    if len(found) > 1:
        raise Refusal("several-found", "several records under these names: give the identifier")
    return found[0]


def check_reason(reason: str) -> None:
    """Before anybody is looked for: a bare request must not tell who is in the record. Raises Refusal."""
    if len(reason.strip()) < REASON_MIN:
        raise Refusal("reason-short", f"give the reason, in {REASON_MIN} letters at least: the référent will read it")


def open_record(patient: Patient, practitioner: Practitioner, reason: str) -> EmergencyAccess:
    """Reading for OPEN_S from now. Raises Refusal."""
    if not may(practitioner.role, What.BREAK_GLASS):
        raise Refusal("no-emergency", f"a {practitioner.role} opens no record in an emergency")
    check_reason(reason)
    at_ms = now_ms()
    return EmergencyAccess.objects.create(
        patient=patient,
        practitioner=practitioner,
        reason=reason.strip()[:REASON_MAX],
        since_ms=at_ms,
        until_ms=at_ms + OPEN_S * 1000,
    )


def in_force(practitioner: Practitioner) -> QuerySet[EmergencyAccess]:
    at_ms = now_ms()
    mine = EmergencyAccess.objects.filter(practitioner=practitioner, since_ms__lte=at_ms, until_ms__gt=at_ms)
    return mine.select_related("patient").order_by("until_ms")


def close(practitioner: Practitioner) -> int:
    """End what they have open, before its time; how many."""
    return in_force(practitioner).update(until_ms=now_ms())


def unseen_by_referent(practitioner: Practitioner) -> QuerySet[EmergencyAccess]:
    """Those of the patients of whom this person is the référent, that no référent has taken note of."""
    mine = CareTeamParticipant.objects.filter(practitioner=practitioner, until_ms=None, referring=True)
    unseen = EmergencyAccess.objects.filter(patient__in=mine.values("patient"), seen_ms=None)
    return unseen.select_related("patient", "practitioner").order_by("since_ms")


def take_note(access: EmergencyAccess, by: Practitioner) -> None:
    EmergencyAccess.objects.filter(pk=access.pk, seen_ms=None).update(seen_by=by, seen_ms=now_ms())
