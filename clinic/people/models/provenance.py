"""FHIR Provenance: who changed what of the record's first page, and how it read before."""

from typing import ClassVar

from django.db import models

from clinic.people.models.patient import Patient
from clinic.people.models.practitioner import Practitioner


class Provenance(models.Model):
    """One change. Nothing that somebody wrote is lost when another writes over it."""

    class Target(models.TextChoices):
        PATIENT = "patient"
        RELATED_PERSON = "related-person"
        MERGE = "merge"
        ERASURE = "erasure"

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="provenances")
    target = models.CharField(max_length=15, choices=Target.choices)
    target_id = models.CharField(max_length=64)
    version = models.PositiveIntegerField()
    """That the change made."""
    social = models.BooleanField()
    """All of it belongs to the social part: a social worker may read it."""
    agent = models.ForeignKey(Practitioner, models.PROTECT, null=True, related_name="+")
    recorded_ms = models.BigIntegerField()
    changes = models.JSONField()
    """{field: [before, after]}"""

    class Meta:
        indexes: ClassVar = [models.Index(fields=["patient", "-recorded_ms"], name="changes_of_patient")]

    def __str__(self) -> str:
        return f"{self.target} {self.target_id} version {self.version}"
