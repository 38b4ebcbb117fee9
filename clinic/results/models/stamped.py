"""What every result keeps of its time: the raw stamp, and for what stands alone, the instant that it means."""

from django.db import models

from clinic.fleet.models import Device
from clinic.people.models import Patient
from clinic.results.models.ledger import LedgerRow


class StampedResult(models.Model):
    """What a report of a session says, with the raw stamp of when it began."""

    row = models.OneToOneField(LedgerRow, models.PROTECT, related_name="%(class)s")
    wall_ms = models.BigIntegerField()
    trusted = models.BooleanField()
    boot = models.CharField(max_length=64)
    monotonic_ms = models.BigIntegerField()

    class Meta:
        abstract = True


class Timed(StampedResult):
    """What belongs to no session: from which box, and when by the clinic's clock.

    error_ms None: nothing bounds it; then received_ms, when it arrived, is all that is sure.
    """

    device = models.ForeignKey(Device, models.PROTECT, related_name="+")
    at_ms = models.BigIntegerField()
    error_ms = models.BigIntegerField(null=True)
    time_source = models.CharField(max_length=20)
    received_ms = models.BigIntegerField()

    class Meta:
        abstract = True

    @property
    def known_ms(self) -> int:
        """When it was, or, where nothing bounds that, when it was first heard of."""
        return self.received_ms if self.error_ms is None else self.at_ms


class TimedResult(Timed):
    """The same, of one person."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")

    class Meta:
        abstract = True
