"""A plan that is being written: nothing of it plays before it is signed."""

from typing import ClassVar

from django.db import models

from clinic.people.models import Patient, Practitioner
from clinic.plans.models.care_plan import CarePlan


class Draft(models.Model):
    """One plan in the making; a patient has one at a time. `revision` is the number of its last revision."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="plan_drafts")
    based_on = models.ForeignKey(CarePlan, models.PROTECT, null=True, blank=True, related_name="+")
    """The signed version that it was begun from."""
    protocol = models.CharField(max_length=230, blank=True)
    """Canonical of the protocol that it was begun from."""
    revision = models.PositiveIntegerField(default=1)
    begun_by = models.ForeignKey(Practitioner, models.PROTECT, related_name="+")
    begun_ms = models.BigIntegerField()
    signed = models.OneToOneField(CarePlan, models.PROTECT, null=True, blank=True, related_name="draft")
    closed_ms = models.BigIntegerField(null=True, blank=True)
    """When it was signed, or given up."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient"], condition=models.Q(closed_ms=None), name="one_open_draft_of_a_patient"
            )
        ]

    def __str__(self) -> str:
        return f"draft {self.pk} for {self.patient_id}"


class DraftRevision(models.Model):
    """What a draft was after one change: none is lost, whoever else changed it at the same time."""

    draft = models.ForeignKey(Draft, models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    document = models.BinaryField()
    by = models.ForeignKey(Practitioner, models.PROTECT, related_name="+")
    at_ms = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["draft", "number"], name="one_revision_a_number")]

    def __str__(self) -> str:
        return f"{self.draft} revision {self.number}"


class ContraindicationOverride(models.Model):
    """A référent gives a care all the same, and says why. It holds for this patient, package and contraindication."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="contraindication_overrides")
    package = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=64)
    """Of the version of the package that it was said of."""
    contraindication = models.CharField(max_length=40)
    reason = models.CharField(max_length=1000)
    by = models.ForeignKey(Practitioner, models.PROTECT, related_name="+")
    at_ms = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["patient", "fingerprint"], name="overrides_of_a_patient")]

    def __str__(self) -> str:
        return f"{self.package} for {self.patient_id} despite {self.contraindication}"
