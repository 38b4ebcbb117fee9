"""What the box tells beside the answers: needs, reasons, lessons read, and its own tests."""

from typing import ClassVar

from django.db import models

from clinic.fleet.models import Device
from clinic.results.models.ledger import LedgerRow
from clinic.results.models.stamped import Timed, TimedResult


class Need(models.Model):
    """What the answers proposed, and what the person chose (A14). The session may not have arrived yet."""

    row = models.OneToOneField(LedgerRow, models.PROTECT, related_name="need")
    device = models.ForeignKey(Device, models.PROTECT, related_name="+")
    session = models.CharField(max_length=64)
    rule = models.TextField()
    offered = models.CharField(max_length=64)
    chosen = models.CharField(max_length=20)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["device", "session"], name="needs_of_session")]

    def __str__(self) -> str:
        return f"{self.rule} in {self.session}: {self.chosen}"


class StopReason(models.Model):
    """Why the person stopped a care."""

    row = models.OneToOneField(LedgerRow, models.PROTECT, related_name="stopreason")
    device = models.ForeignKey(Device, models.PROTECT, related_name="+")
    session = models.CharField(max_length=64)
    reason = models.CharField(max_length=20)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["device", "session"], name="reasons_of_session")]

    def __str__(self) -> str:
        return f"{self.session}: {self.reason}"


class LessonReading(TimedResult):
    """How far a lesson was read (C3); its read-back is a FormResponse."""

    lesson = models.CharField(max_length=64)
    version = models.BigIntegerField()
    title = models.TextField()
    pages_read = models.BigIntegerField()
    pages = models.BigIntegerField()
    duration_s = models.FloatField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["patient", "-received_ms"], name="lessons_of_patient")]

    def __str__(self) -> str:
        return f"{self.lesson} by {self.patient_id}"


class SelfTest(Timed):
    """The protocol of a self-test of a box."""

    findings = models.JSONField()
    """[{check, fine, told}]"""

    class Meta:
        indexes: ClassVar = [models.Index(fields=["device", "-received_ms"], name="selftests_of_box")]

    def __str__(self) -> str:
        return f"self-test of {self.device_id}"
