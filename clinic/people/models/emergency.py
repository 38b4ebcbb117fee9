from typing import ClassVar

from django.db import models

from clinic.people.models.patient import Patient
from clinic.people.models.practitioner import Practitioner


class EmergencyAccess(models.Model):
    """Break-glass: somebody outside the care team reads a record for a short time, with a reason that others see."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="emergency_accesses")
    practitioner = models.ForeignKey(Practitioner, models.PROTECT, related_name="emergency_accesses")
    reason = models.CharField(max_length=500)
    since_ms = models.BigIntegerField()
    until_ms = models.BigIntegerField()
    seen_by = models.ForeignKey(Practitioner, models.PROTECT, null=True, blank=True, related_name="+")
    """The référent who took note of it; None is shown to them until one has."""
    seen_ms = models.BigIntegerField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["practitioner", "until_ms"], name="emergencies_in_force")]

    def __str__(self) -> str:
        return f"emergency access of {self.practitioner_id} to {self.patient_id}"
