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
    chain = models.CharField(max_length=32, null=True)  # noqa: DJ001  # absent, for rows older than chains
    """Random, one for each process that writes; None for rows from before chains."""
    position = models.BigIntegerField(null=True)
    """From 1, without gaps within a chain."""
    previous = models.CharField(max_length=64, null=True)  # noqa: DJ001
    """The digest of the entry before; at position 1, that of the trail's last entry when the process began."""
    digest = models.CharField(max_length=64, null=True)  # noqa: DJ001
    """SHA-256 over all of the above (`clinic.audit.chain`)."""

    class Meta:
        indexes: ClassVar = [models.Index(fields=["patient", "recorded_ms"], name="audit_of_patient")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["chain", "position"], condition=models.Q(chain__isnull=False), name="one_entry_a_position"
            )
        ]

    def __str__(self) -> str:
        return f"{self.agent} {self.action} {self.patient}"
