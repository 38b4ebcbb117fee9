"""One care: what was heard, and what was answered before and after."""

from typing import ClassVar

from django.db import models

from clinic.fleet.models import Device
from clinic.people.models import Patient
from clinic.results.models.stamped import StampedResult


class Session(models.Model):
    """One care, by the session id of its box, put together in whatever order its reports arrive."""

    device = models.ForeignKey(Device, models.PROTECT, related_name="care_sessions")
    session = models.CharField(max_length=64)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="care_sessions")
    request = models.CharField(max_length=64)
    care = models.TextField()
    """Title of the care in the plan that was in force; its id when that plan is not known here."""
    plan = models.CharField(max_length=64, blank=True)
    plan_version = models.PositiveIntegerField(null=True)
    started_ms = models.BigIntegerField()
    error_ms = models.BigIntegerField(null=True)
    time_source = models.CharField(max_length=20)
    first_received_ms = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["device", "session"], name="one_session_a_box")]
        indexes: ClassVar = [models.Index(fields=["patient", "-started_ms"], name="session_of_patient")]

    def __str__(self) -> str:
        return f"{self.session} on {self.device_id}"


class Listening(StampedResult):
    session = models.ForeignKey(Session, models.PROTECT, related_name="listenings")
    outcome = models.CharField(max_length=20)
    package = models.TextField()
    fingerprint = models.TextField()
    ended_wall_ms = models.BigIntegerField()
    ended_trusted = models.BooleanField()
    ended_boot = models.CharField(max_length=64)
    ended_monotonic_ms = models.BigIntegerField()
    rate_hz = models.BigIntegerField()
    frames_total = models.BigIntegerField()
    frames_played = models.BigIntegerField()
    frames_exact = models.BooleanField()
    gaps = models.JSONField()
    """[{at_frame, duration_ms}]: the first hundred at most; `gaps_total` counts all."""
    gaps_total = models.BigIntegerField(default=0)
    gain_db = models.FloatField()
    cause = models.TextField(blank=True)
    level_dba = models.FloatField(null=True)
    """Energy-equivalent over what was played; None where a box of before levels reported, or nothing was heard."""
    level_max_dba = models.FloatField(null=True)
    dose_pa2h = models.FloatField(null=True)
    dose_week_percent = models.FloatField(null=True)
    sensitive = models.BooleanField(default=False)
    """Whether those are percents of the sensitive mode's week (H.870)."""
    calibration = models.TextField(blank=True, default="")
    """The headphones' model, `uncalibrated`, or empty where it was not told."""
    gain_start_db = models.FloatField(null=True)
    level_changes = models.JSONField(default=list)
    """[{at_frame, gain_db}]: the first hundred at most; the total counts all."""
    level_changes_total = models.BigIntegerField(default=0)
    headphones_changes = models.JSONField(default=list)
    """[{at_frame, headphones}]: the first hundred at most; the total counts all."""
    headphones_changes_total = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.outcome} of {self.session_id}"

    @property
    def listened_s(self) -> float:
        return self.frames_played / self.rate_hz if self.rate_hz else 0.0

    @property
    def total_s(self) -> float:
        return self.frames_total / self.rate_hz if self.rate_hz else 0.0


class Evaluation(StampedResult):
    session = models.ForeignKey(Session, models.PROTECT, related_name="evaluations")
    moment = models.CharField(max_length=10)
    questionnaire = models.TextField()
    status = models.CharField(max_length=20)
    source = models.TextField()
    """Who answered: a FHIR reference."""
    answered_by = models.CharField(max_length=20, blank=True, default="")
    """self, with-relative, relative, carer; empty where the box did not ask."""
    given_in = models.CharField(max_length=64, blank=True, default="")
    """The session of its box in which these answers were given, when that is another one: they were given once."""
    delay_s = models.FloatField()

    def __str__(self) -> str:
        return f"{self.moment} {self.session_id}"
