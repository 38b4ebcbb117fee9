from typing import ClassVar

from django.db import models

from clinic.people.models.patient import Patient
from clinic.people.models.practitioner import Practitioner


class Asker(models.TextChoices):
    PATIENT = "patient"
    RELATIVE = "relative"
    STAFF = "staff"


class AccessRequest(models.Model):
    """A request for the care (A1), entered by staff and decided by the référent who is asked. FHIR: a Task."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="access_requests")
    asker = models.CharField(max_length=10, choices=Asker.choices)
    asker_name = models.CharField(max_length=200, blank=True)
    """Who the relative or the member of staff is, and their tie to the patient."""
    words = models.CharField(max_length=1000)
    """Why the care is asked for."""
    entered_by = models.ForeignKey(Practitioner, models.PROTECT, null=True, blank=True, related_name="+")
    entered_ms = models.BigIntegerField()
    asked_of = models.ForeignKey(Practitioner, models.PROTECT, null=True, related_name="access_requests")
    decided_ms = models.BigIntegerField(null=True, blank=True)
    accepted = models.BooleanField(null=True)
    reason = models.CharField(max_length=1000, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient"], condition=models.Q(decided_ms=None), name="one_open_request_of_a_patient"
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["asked_of", "decided_ms"], name="requests_to_decide"),
            models.Index(fields=["entered_by", "decided_ms"], name="requests_entered"),
        ]

    def __str__(self) -> str:
        return f"access for {self.patient_id}"
