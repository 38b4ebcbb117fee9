"""FHIR AuditEvent: who did what to whose record, and when. Rows are only ever added: a trigger refuses the rest."""

from typing import ClassVar

from django.db import models


class AuditEvent(models.Model):
    recorded_ms = models.BigIntegerField()
    agent = models.TextField()
    """The practitioner's user name, or `command:` and the system's user."""
    action = models.CharField(max_length=20)
    patient = models.CharField(max_length=64, blank=True)
    """Empty for what concerns nobody's record: signing in, the boxes."""
    detail = models.TextField(blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["patient", "recorded_ms"], name="audit_of_patient")]

    def __str__(self) -> str:
        return f"{self.agent} {self.action} {self.patient}"
