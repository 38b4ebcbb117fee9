"""What becomes of whole records: two that were one person's, and one that the person wants erased."""

from typing import ClassVar

from django.db import models

from clinic.people.models.patient import Patient
from clinic.people.models.practitioner import Practitioner


class RecordMerge(models.Model):
    """A duplicate whose content went to the record that stays. `moved` names every row, so that it can be undone."""

    kept = models.ForeignKey(Patient, models.PROTECT, related_name="merges")
    duplicate = models.ForeignKey(Patient, models.PROTECT, related_name="merged_by")
    reason = models.CharField(max_length=500)
    agent = models.ForeignKey(Practitioner, models.PROTECT, related_name="+")
    merged_ms = models.BigIntegerField()
    moved = models.JSONField()
    """{"app.model.field": [keys]}, and under "ended": rows that were closed because the other record had the like."""
    late_reports = models.PositiveIntegerField(default=0)
    """Reports that came since under the duplicate's name: they are the kept record's, and nothing tells them apart."""
    undone_ms = models.BigIntegerField(null=True, blank=True)
    undone_by = models.ForeignKey(Practitioner, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["duplicate"], condition=models.Q(undone_ms=None), name="merged_once_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.duplicate_id} into {self.kept_id}"


class Erasure(models.Model):
    """Somebody asked for erasure: what was erased, what is kept, until when."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="erasures")
    asked = models.CharField(max_length=500)
    """Who asked, and when."""
    agent = models.ForeignKey(Practitioner, models.PROTECT, related_name="+")
    erased_ms = models.BigIntegerField()
    whole = models.BooleanField()
    """Nothing had to be kept: no care was ever given."""
    what = models.JSONField()
    """{what was erased: how many}"""
    kept_until = models.DateField(null=True)

    def __str__(self) -> str:
        return f"erasure in {self.patient_id}"
