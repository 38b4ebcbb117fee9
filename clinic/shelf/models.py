"""What stands on the shelf, and what each box was offered of it."""

from typing import ClassVar

from django.db import models

from clinic.fleet.models import Device
from mqtt_bridge.contract.care import PackageReference


class Package(models.Model):
    """One version of a session package, signed by the clinic. Its archive is a file named by its own hash."""

    fingerprint = models.CharField(primary_key=True, max_length=64)
    """SHA-256 of its manifest, which names the hash of every part."""
    package = models.CharField(max_length=64)
    version = models.CharField(max_length=40)
    title = models.CharField(max_length=500)
    kind = models.CharField(max_length=20)
    language = models.CharField(max_length=10)
    duration_s = models.FloatField()
    style = models.CharField(max_length=500, blank=True)
    """What a patient chooses between: « piano et cordes »."""
    contraindications = models.JSONField(null=True)
    """The manifest's words; None: nobody has said, or it was taken in before they were kept here."""
    archive = models.CharField(max_length=64, unique=True)
    size_bytes = models.BigIntegerField()
    added_ms = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.package} {self.version}"

    @property
    def reference(self) -> PackageReference:
        return PackageReference(id=self.package, fingerprint=self.fingerprint)


class Offer(models.Model):
    """A package and a box: offered, withdrawn, and what the box last said of it."""

    class State(models.TextChoices):
        OFFERED = "offered"
        INSTALLED = "installed"
        REFUSED = "refused"
        FAILED = "failed"
        REMOVED = "removed"

    device = models.ForeignKey(Device, models.PROTECT, related_name="offers")
    package = models.ForeignKey(Package, models.PROTECT, related_name="offers")
    offered_ms = models.BigIntegerField()
    withdrawn_ms = models.BigIntegerField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OFFERED)
    reason = models.CharField(max_length=100, blank=True)
    """A code: why it was refused, or why it is not there yet."""
    remedy = models.TextField(blank=True)
    told_ms = models.BigIntegerField(null=True, blank=True)
    told_epoch = models.CharField(max_length=16, blank=True)
    told_seq = models.BigIntegerField(default=0)
    """Which report said so: an older one that comes later changes nothing."""

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["device", "package"], name="one_offer_a_box")]

    def __str__(self) -> str:
        return f"{self.package} on {self.device_id}: {self.state}"
