from typing import ClassVar

from django.db import models

from clinic.people.models import Practitioner
from clinic.results.models import LedgerRow, Quarantine


class Disposition(models.Model):
    """Somebody looked at what could not be read and set it aside, with a reason. Nothing is removed by it."""

    row = models.OneToOneField(LedgerRow, models.CASCADE, null=True, blank=True, related_name="disposition")
    aside = models.OneToOneField(Quarantine, models.CASCADE, null=True, blank=True, related_name="disposition")
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(Practitioner, models.PROTECT, related_name="+")
    at_ms = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(row=None, aside__isnull=False) | models.Q(row__isnull=False, aside=None),
                name="one_thing_set_aside",
            )
        ]

    def __str__(self) -> str:
        return f"set aside: {self.row_id or self.aside_id}"
