"""The ledger of reports, what they say, and what could not be read. Raw bytes and raw stamps are kept."""

from typing import ClassVar

from django.db import models

from clinic.fleet.models import Device
from clinic.people.models import Patient, Practitioner
from clinic.plans.models import Order


class LedgerHead(models.Model):
    """One row: which ledger this is (new when a backup is restored) and the serial of its last answer."""

    ledger = models.CharField(max_length=64)
    serial = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return self.ledger


class LedgerRow(models.Model):
    """One report, by its only key. A held row is kept raw, not yet readable."""

    class State(models.TextChoices):
        STORED = "stored"
        HELD = "held"

    device = models.ForeignKey(Device, models.PROTECT, related_name="ledger_rows")
    stream = models.CharField(max_length=10)
    epoch = models.CharField(max_length=16)
    seq = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State.choices)
    payload = models.BinaryField()
    digest = models.CharField(max_length=64)
    """SHA-256 of the letter as it travelled."""
    content_digest = models.CharField(max_length=64, blank=True)
    """SHA-256 of the report inside, empty while it cannot be read: a letter sealed anew is the same report."""
    report = models.CharField(max_length=64, blank=True)
    received_ms = models.BigIntegerField()
    problem = models.TextField(blank=True)
    """Why it is held, for the technician; `code` says it for everyone."""
    code = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["device", "stream", "epoch", "seq"], name="one_row_an_identity")
        ]
        indexes: ClassVar = [models.Index(fields=["received_ms"], condition=models.Q(state="held"), name="row_held")]

    def __str__(self) -> str:
        return f"{self.device_id}/{self.stream}/{self.epoch}/{self.seq}"


class Quarantine(models.Model):
    """What is not a readable letter of a box of ours, and what contradicts the ledger. The same again only counts."""

    class Kind(models.TextChoices):
        UNREADABLE = "unreadable"
        CONFLICT = "conflict"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    topic = models.TextField()
    payload = models.BinaryField()
    digest = models.CharField(max_length=64)
    """SHA-256 of topic and payload."""
    problem = models.TextField()
    code = models.CharField(max_length=40, blank=True)
    times = models.PositiveIntegerField(default=1)
    first_ms = models.BigIntegerField()
    last_ms = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "digest"], name="once_in_quarantine")]

    def __str__(self) -> str:
        return f"{self.kind} on {self.topic}"


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


class StampedResult(models.Model):
    """What a report of a session says, with the raw stamp of when it began."""

    row = models.OneToOneField(LedgerRow, models.PROTECT, related_name="%(class)s")
    wall_ms = models.BigIntegerField()
    trusted = models.BooleanField()
    boot = models.CharField(max_length=64)
    monotonic_ms = models.BigIntegerField()

    class Meta:
        abstract = True


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
    delay_s = models.FloatField()

    def __str__(self) -> str:
        return f"{self.moment} {self.session_id}"


class Answer(models.Model):
    """One item of an evaluation: a score, or words, or the reason why there is neither. Never 0 for a silence."""

    evaluation = models.ForeignKey(Evaluation, models.PROTECT, related_name="answers")
    position = models.PositiveIntegerField()
    item = models.TextField()
    score = models.SmallIntegerField(null=True)
    words = models.TextField(blank=True)
    absent_reason = models.CharField(max_length=20, blank=True)

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["evaluation", "position"], name="one_answer_a_position"),
            models.CheckConstraint(
                condition=models.Q(score=None) | models.Q(absent_reason="", score__range=(0, 10)),
                name="a_score_or_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.score}"


class Reading(models.Model):
    """A human being has read this report (X2); `order` tells it to the box."""

    row = models.ForeignKey(LedgerRow, models.PROTECT, related_name="readings")
    reader = models.ForeignKey(Practitioner, models.PROTECT, related_name="readings")
    read_ms = models.BigIntegerField()
    order = models.ForeignKey(Order, models.PROTECT, null=True, related_name="readings")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["row", "reader"], name="one_reading_a_report")]

    def __str__(self) -> str:
        return f"{self.row_id} by {self.reader_id}"
