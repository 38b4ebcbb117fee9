"""FHIR CareTeam and Consent: who is in one patient's team, and by what right."""

from typing import ClassVar

from django.db import models

from clinic.people.models.patient import Patient
from clinic.people.models.practitioner import Practitioner


class SharingConsent(models.Model):
    """The patient agreed beforehand that somebody outside the équipe de soins reads their part (L.1110-4, III).

    Source: Code de la santé publique, articles L.1110-4 and L.1110-12.
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="sharing_consents")
    practitioner = models.ForeignKey(Practitioner, models.PROTECT, related_name="sharing_consents")
    given_ms = models.BigIntegerField()
    how = models.CharField(max_length=500)
    """Who gave it and how: by word of mouth or in writing, by the patient or by who represents them."""
    recorded_by = models.ForeignKey(Practitioner, models.PROTECT, related_name="+")
    withdrawn_ms = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient", "practitioner"], condition=models.Q(withdrawn_ms=None), name="one_consent_in_force"
            )
        ]

    def __str__(self) -> str:
        return f"consent of {self.patient_id} for {self.practitioner_id}"


class CareTeamParticipant(models.Model):
    """One practitioner in one patient's care team: the right to read that record, from a time and until another."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="participants")
    practitioner = models.ForeignKey(Practitioner, models.PROTECT, related_name="participations")
    since_ms = models.BigIntegerField()
    until_ms = models.BigIntegerField(null=True, blank=True)
    referring = models.BooleanField(default=False)
    """A référent: who validates the access, signs the plans and chooses the team."""
    consent = models.ForeignKey(SharingConsent, models.PROTECT, null=True, blank=True, related_name="participations")
    """By which somebody outside the équipe de soins is in the team; None for who is within it."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient", "practitioner"], condition=models.Q(until_ms=None), name="once_in_a_team"
            )
        ]

    def __str__(self) -> str:
        return f"{self.practitioner} for {self.patient}"
