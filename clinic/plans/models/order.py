"""The orders that carry plans, receipts and words to a box."""

from typing import ClassVar

from django.db import models

from clinic.fleet.models import Device
from clinic.people.models import Patient
from clinic.plans.models.care_plan import CarePlan


class Order(models.Model):
    """An order to a box: signed when written, sent when the broker took it, received when the box said so."""

    class Kind(models.TextChoices):
        PLAN = "plan"
        STOP = "stop"
        READ = "read"
        OFFER = "offer"
        WITHDRAW = "withdraw"
        MESSAGE = "message"
        DELIVERY = "delivery"
        STANDING = "standing"
        WIPE = "wipe"
        RETURN = "return"
        REVOKED = "revoked"
        ADDRESSES = "addresses"

    order = models.CharField(max_length=64, unique=True)
    device = models.ForeignKey(Device, models.PROTECT, related_name="orders")
    serial = models.BigIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    care_plan = models.ForeignKey(CarePlan, models.PROTECT, null=True, related_name="orders")
    patient = models.ForeignKey(Patient, models.PROTECT, null=True, related_name="+")
    """Whom a message, a delivery or a standing is about: its letter can be read by the box alone."""
    letter = models.BinaryField()
    digest = models.CharField(max_length=64, db_index=True)
    issued_ms = models.BigIntegerField()
    expires_ms = models.BigIntegerField()
    sent_ms = models.BigIntegerField(null=True)
    received_ms = models.BigIntegerField(null=True)
    accepted = models.BooleanField(null=True)
    reason = models.TextField(blank=True)
    """Why the box refused it."""

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["device", "serial"], name="one_order_a_serial")]
        indexes: ClassVar = [
            models.Index(fields=["device"], condition=models.Q(sent_ms=None), name="order_not_sent"),
        ]

    def __str__(self) -> str:
        return f"order {self.serial} to {self.device_id}"
