"""The ledger of reports, what could not be read, and who has read what. Raw bytes are kept."""

from typing import ClassVar

from django.db import models

from clinic.fleet.models import Device
from clinic.people.models import Practitioner
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
        indexes: ClassVar = [
            models.Index(fields=["received_ms"], condition=models.Q(state="held"), name="row_held"),
            # Asked for every acknowledgement.
            models.Index(
                fields=["device", "stream", "epoch", "seq"], condition=models.Q(state="held"), name="row_held_of_epoch"
            ),
            # Asked for every answer to a hello: which of an epoch's last thirty days has the lowest number.
            models.Index(fields=["device", "stream", "epoch", "received_ms", "seq"], name="row_received_of_epoch"),
        ]

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
