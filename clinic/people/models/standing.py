from typing import ClassVar

from django.db import models

from clinic.people.models.patient import Patient
from clinic.people.models.practitioner import Practitioner


class Standing(models.Model):
    """Where a person stands with the clinic (E2), from a time on: the last one counts. Without any: active."""

    class State(models.TextChoices):
        ACTIVE = "active"
        ACCESS_WITHDRAWN = "access-withdrawn"
        CONSENT_WITHDRAWN = "consent-withdrawn"
        DECEASED = "deceased"

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="standings")
    state = models.CharField(max_length=20, choices=State.choices)
    since_ms = models.BigIntegerField()
    words = models.CharField(max_length=1000, blank=True)
    told_by = models.ForeignKey(Practitioner, models.PROTECT, null=True, blank=True, related_name="+")
    """Who said so at the clinic; None: it was told at the bedside."""
    box = models.CharField(max_length=64, blank=True)
    """The box where it was told."""

    class Meta:
        indexes: ClassVar = [models.Index(fields=["patient", "-id"], name="standing_of_patient")]

    def __str__(self) -> str:
        return f"{self.patient_id}: {self.state}"
