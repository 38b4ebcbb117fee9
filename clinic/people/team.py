"""A patient's care team: joining it, leaving it, and the consent that somebody outside the équipe de soins needs.

Source: Code de la santé publique. L.1110-12: the équipe de soins are those who care for the same person within one
establishment. L.1110-4, III: beyond it, health data is shared with the person's prior consent.
"""

from django.db import transaction

from clinic.clock import now_ms
from clinic.people.access import patients_of
from clinic.people.may import What, may
from clinic.people.models import CareTeamParticipant, Patient, Practitioner, SharingConsent
from clinic.people.refusals import Refusal


def join(patient: Patient, practitioner: Practitioner, *, referring: bool = False) -> CareTeamParticipant:
    """Put a practitioner in the team; once is enough. Raises Refusal."""
    if not may(practitioner.role, What.READ_SOCIAL):
        raise Refusal(
            "reads-nothing", f"{practitioner.username}: a {practitioner.role} reads no record, so joins no care team"
        )
    if referring and not may(practitioner.role, What.DECIDE_ACCESS):
        raise Refusal(
            "no-referent",
            f"{practitioner.username}: a {practitioner.role} is no référent (physician, therapist, nurse)",
        )
    with transaction.atomic():
        consent = _consent(patient, practitioner)
        kept, _ = CareTeamParticipant.objects.get_or_create(
            patient=patient,
            practitioner=practitioner,
            until_ms=None,
            defaults={"since_ms": now_ms(), "referring": referring, "consent": consent},
        )
        if referring and not kept.referring:
            kept.referring = True
            kept.save(update_fields=["referring"])
    return kept


def is_outside(patient: Patient, practitioner: Practitioner) -> bool:
    """Whether they work in another establishment than the one that cares for the patient.

    Who is in no team, and a patient of no establishment, belong to the clinic itself.
    """
    theirs: list[int] = list(practitioner.teams.values_list("establishment", flat=True))
    return patient.establishment_id not in theirs if theirs else patient.establishment_id is not None


def record_consent(patient: Patient, practitioner: Practitioner, how: str, by: Practitioner) -> SharingConsent:
    """The patient agreed that this person reads their part; once in force, it stands until withdrawn."""
    if not how.strip():
        raise Refusal("how-missing", "say who gave the consent and how: by the patient, in writing")
    kept, _ = SharingConsent.objects.get_or_create(
        patient=patient,
        practitioner=practitioner,
        withdrawn_ms=None,
        defaults={"given_ms": now_ms(), "how": how.strip()[:500], "recorded_by": by},
    )
    return kept


def withdraw_consent(consent: SharingConsent) -> None:
    """The patient takes it back: whoever was in the team by it leaves at the same moment."""
    with transaction.atomic():
        at_ms = now_ms()
        SharingConsent.objects.filter(pk=consent.pk, withdrawn_ms=None).update(withdrawn_ms=at_ms)
        CareTeamParticipant.objects.filter(consent=consent, until_ms=None).update(until_ms=at_ms)


def follow_to(patient: Patient, how: str, by: Practitioner) -> None:
    """The patient is cared for in another establishment now: whoever of the team works elsewhere needs their consent.

    `how`: who gave it, for those of whom none is recorded yet. Raises Refusal: it is missing, or no référent records
    it.
    """
    team = CareTeamParticipant.objects.filter(patient=patient, until_ms=None).select_related("practitioner")
    for one in team:
        outside = is_outside(patient, one.practitioner)
        one.consent = _consent_or(patient, one.practitioner, how, by) if outside else None
        one.save(update_fields=["consent"])


def _consent_or(patient: Patient, practitioner: Practitioner, how: str, by: Practitioner) -> SharingConsent:
    found = SharingConsent.objects.filter(patient=patient, practitioner=practitioner, withdrawn_ms=None).first()
    if found is not None:
        return found
    if not how.strip():
        raise Refusal(
            "team-outside",
            f"{practitioner.username} does not work where {patient.id} would be: record the patient's consent "
            "(L.1110-4), or let them leave the team first",
        )
    if not patients_of(by, What.CHOOSE_TEAM).filter(pk=patient.pk).exists():
        raise Refusal(
            "consent-by-referent", f"{by.username} is no référent of {patient.id}: a référent records consents"
        )
    return record_consent(patient, practitioner, how, by)


def leave(participant: CareTeamParticipant) -> None:
    """End a participation. Raises Refusal for the last référent: a record is never without one."""
    with transaction.atomic():
        team = CareTeamParticipant.objects.select_for_update().filter(patient=participant.patient, until_ms=None)
        if participant.referring and sum(p.referring for p in team) < 2:
            raise Refusal("last-referent", "the last référent does not leave: name another first")
        CareTeamParticipant.objects.filter(pk=participant.pk, until_ms=None).update(until_ms=now_ms())


def _consent(patient: Patient, practitioner: Practitioner) -> SharingConsent | None:
    if not is_outside(patient, practitioner):
        return None
    found = SharingConsent.objects.filter(patient=patient, practitioner=practitioner, withdrawn_ms=None).first()
    if found is None:
        raise Refusal(
            "consent-needed",
            f"{practitioner.username} is outside the équipe de soins of {patient.id}: "
            "record the patient's consent first (L.1110-4)",
        )
    return found
