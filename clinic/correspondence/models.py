"""FHIR Communication and Task: help asked for, messages both ways, deliveries of medicines."""

from typing import ClassVar

from django.db import models

from clinic.fleet.models import Device
from clinic.people.models import Patient, Practitioner
from clinic.plans.models import Order
from clinic.results.models import Timed, TimedResult


class HelpRequest(Timed):
    """The person asked for a carer (A14). Read, taken by an owner, and closed with what was done."""

    patient = models.ForeignKey(Patient, models.PROTECT, null=True, related_name="help_requests")
    """None: the box says nobody's name, or one that it was never for. It is shown to everyone who gives care."""
    help = models.CharField(max_length=64)
    rule = models.TextField(blank=True)
    """Of the need that proposed it."""
    session = models.CharField(max_length=64, blank=True)
    owner = models.ForeignKey(Practitioner, models.PROTECT, null=True, related_name="+")
    taken_ms = models.BigIntegerField(null=True)
    closed_by = models.ForeignKey(Practitioner, models.PROTECT, null=True, related_name="+")
    closed_ms = models.BigIntegerField(null=True)
    done = models.CharField(max_length=1000, blank=True)
    """What was done."""

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["received_ms"], condition=models.Q(closed_ms=None), name="help_open"),
            models.Index(fields=["patient", "-received_ms"], name="help_of_patient"),
        ]

    def __str__(self) -> str:
        return f"help for {self.patient_id or self.device_id}"


class MessageFromPatient(TimedResult):
    """What the person wrote on the box (A16)."""

    message = models.CharField(max_length=64)
    text = models.TextField()
    reply_to = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["patient", "-received_ms"], name="messages_of_patient")]

    def __str__(self) -> str:
        return f"message {self.message} of {self.patient_id}"


class MessageToPatient(models.Model):
    """What the team wrote. Each of the person's boxes gets an order; the last word of each says how far it came."""

    message = models.CharField(max_length=64, unique=True)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="messages_to")
    sender = models.ForeignKey(Practitioner, models.PROTECT, related_name="+")
    sent_ms = models.BigIntegerField()
    text = models.JSONField()
    """Its paragraphs."""
    replies = models.JSONField(default=list)
    orders = models.ManyToManyField(Order, related_name="+")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["patient", "-sent_ms"], name="messages_to_patient")]

    def __str__(self) -> str:
        return f"message {self.message} to {self.patient_id}"


class MessageOpened(TimedResult):
    """The person has opened a message of the team's on the box, to its last page."""

    message = models.ForeignKey(MessageToPatient, models.PROTECT, related_name="openings")

    def __str__(self) -> str:
        return f"{self.message_id} opened"


class Delivery(models.Model):
    """One request for medicines (C6), from whichever of its reports came first."""

    class State(models.TextChoices):
        ASKED = "asked"
        RECEIVED = "received"
        SENT = "sent"
        PREPARED = "prepared"
        ON_THE_WAY = "on-the-way"
        DELIVERED = "delivered"
        REFUSED = "refused"

    device = models.ForeignKey(Device, models.PROTECT, related_name="+")
    delivery = models.CharField(max_length=64)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="deliveries")
    state = models.CharField(max_length=12, choices=State.choices, default=State.ASKED)
    """What the team last told the box; `asked`: nothing yet."""
    first_received_ms = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["device", "delivery"], name="one_delivery_a_box")]
        indexes: ClassVar = [models.Index(fields=["patient", "-first_received_ms"], name="deliveries_of_patient")]

    def __str__(self) -> str:
        return f"delivery {self.delivery} for {self.patient_id}"


class DeliveryWord(TimedResult):
    """What the person said of it on the box: that they ask, or that the parcel is there."""

    class Kind(models.TextChoices):
        ASKED = "asked"
        THERE = "there"

    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="words")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    note = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"{self.delivery_id}: {self.kind}"


class DeliveryStep(models.Model):
    """What the team told the box of it."""

    delivery = models.ForeignKey(Delivery, models.PROTECT, related_name="steps")
    state = models.CharField(max_length=12, choices=Delivery.State.choices)
    note = models.CharField(max_length=90, blank=True)
    told_by = models.ForeignKey(Practitioner, models.PROTECT, related_name="+")
    told_ms = models.BigIntegerField()
    order = models.ForeignKey(Order, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.delivery_id}: {self.state}"
