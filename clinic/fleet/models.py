"""FHIR Device: a bedside box, whom it is for, and how it was last heard."""

from typing import ClassVar

from django.db import models

from clinic.people.models import Patient
from mqtt_bridge.contract.wire import Exchange
from mqtt_bridge.seal import PublicKeys


class Device(models.Model):
    """A box. `alive` is what it last said of itself (birth, or last will by the broker); None: never heard."""

    id = models.CharField(primary_key=True, max_length=64)
    verify_key = models.BinaryField()
    seal_key = models.BinaryField()
    enrolled_ms = models.BigIntegerField()
    revoked_ms = models.BigIntegerField(null=True, blank=True)
    """Since then nothing that it sends is kept but the proof that it is wiped."""
    revoked_reason = models.TextField(blank=True)
    closed_ms = models.BigIntegerField(null=True, blank=True)
    """When the broker's door was closed: its certificates are on the list, its connection was ended."""
    return_asked_ms = models.BigIntegerField(null=True, blank=True)
    """Staff want it back: it is wiped once everything that it has is here."""
    wipe_asked_ms = models.BigIntegerField(null=True, blank=True)
    """Stolen or lost: it is wiped at its next contact, whatever it still has."""
    wiped_ms = models.BigIntegerField(null=True, blank=True)
    """When its signed proof came that it is wiped, and how many reports went with it."""
    wiped_lost = models.PositiveIntegerField(null=True, blank=True)
    wiped_uncounted = models.BooleanField(default=False)
    """Its records could not be read: it may have been more."""
    returned_ms = models.BigIntegerField(null=True, blank=True)
    """When staff had it in their hands again."""
    disinfected_ms = models.BigIntegerField(null=True, blank=True)
    disinfected_by = models.CharField(max_length=150, blank=True)
    """Its headphones: by whom, as the audit trail names them."""
    alive = models.BooleanField(null=True)
    boot = models.CharField(max_length=64, blank=True)
    version = models.CharField(max_length=100, blank=True)
    state_ms = models.BigIntegerField(null=True)
    last_seen_ms = models.BigIntegerField(null=True)
    """When something signed by the box last arrived; a last will does not count: the broker sends it."""
    addresses = models.CharField(max_length=700, blank=True)
    """Where it was last told that registrar and shelf are; empty: it was enrolled before anybody noted it."""
    twin_ms = models.BigIntegerField(null=True, blank=True)
    """When two machines were last heard under its name: its card was copied, or a broker held something back."""
    every_s = models.PositiveIntegerField(default=900)
    """Its rhythm: it says something so often, or cannot be reached."""

    def __str__(self) -> str:
        return self.id

    @property
    def keys(self) -> PublicKeys:
        return PublicKeys(verify=bytes(self.verify_key), seal=bytes(self.seal_key))


class DeviceAssociation(models.Model):
    """Whom a box is for, from a time and until another (FHIR R5's word; R4 has Device.patient only)."""

    device = models.ForeignKey(Device, models.PROTECT, related_name="associations")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="device_associations")
    since_ms = models.BigIntegerField()
    until_ms = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["device", "patient"], condition=models.Q(until_ms=None), name="once_for_a_patient"
            )
        ]

    def __str__(self) -> str:
        return f"{self.device} for {self.patient}"


class EnrolmentCode(models.Model):
    """A one-time code by which a box enrols itself. Its secret is a digest; its name is no secret."""

    name = models.CharField(max_length=4, unique=True)
    digest = models.CharField(max_length=128)
    """argon2id of the secret."""
    box = models.CharField(max_length=64)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="enrolment_codes")
    made_ms = models.BigIntegerField()
    made_by = models.CharField(max_length=150)
    expires_ms = models.BigIntegerField()
    tries = models.PositiveIntegerField(default=0)
    cancelled_ms = models.BigIntegerField(null=True, blank=True)
    used_ms = models.BigIntegerField(null=True, blank=True)
    used_keys = models.CharField(max_length=64, blank=True)
    """SHA-256 over the keys that it was used with: the same box may ask again, nobody else."""
    certificate = models.TextField(blank=True)
    """What was answered, so that the same answer can be given again."""

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["box"], condition=models.Q(used_ms=None, cancelled_ms=None), name="one_living_code_of_a_box"
            )
        ]

    def __str__(self) -> str:
        return f"code {self.name} for {self.box}"


class Certificate(models.Model):
    """A certificate that a box was given: the list of revoked ones names it by its serial."""

    serial = models.CharField(primary_key=True, max_length=40)
    """Hexadecimal."""
    device = models.ForeignKey(Device, models.PROTECT, related_name="certificates")
    issued_ms = models.BigIntegerField()
    not_after_ms = models.BigIntegerField()

    def __str__(self) -> str:
        return f"certificate {self.serial} of {self.device_id}"


class Hello(models.Model):
    """The last hello of a box: what it still keeps, and its clock. One row for each box."""

    device = models.OneToOneField(Device, models.CASCADE, primary_key=True, related_name="hello")
    received_ms = models.BigIntegerField()
    boot = models.CharField(max_length=64)
    wall_ms = models.BigIntegerField()
    trusted = models.BooleanField()
    monotonic_ms = models.BigIntegerField()
    orders_through = models.BigIntegerField()
    keeps = models.JSONField()
    """[{stream, epoch, last}]"""

    def __str__(self) -> str:
        return f"hello of {self.device_id}"


class Heartbeat(models.Model):
    """How a box was, as it said itself (B7): the last ones of each. What it cannot tell is None."""

    device = models.ForeignKey(Device, models.CASCADE, related_name="heartbeats")
    received_ms = models.BigIntegerField()
    wall_ms = models.BigIntegerField()
    trusted = models.BooleanField()
    boot = models.CharField(max_length=64)
    monotonic_ms = models.BigIntegerField()
    every_s = models.PositiveIntegerField()
    """The next one comes within so many seconds: by it a silence is judged."""
    version = models.CharField(max_length=100, blank=True)
    system = models.CharField(max_length=100, blank=True)
    pending = models.BigIntegerField()
    """Reports that our database had not when it was said."""
    free_mb = models.BigIntegerField(null=True)
    temperature_c = models.FloatField(null=True)
    kiosk = models.BooleanField(null=True)
    player = models.BooleanField(null=True)
    machine_off_ms = models.BigIntegerField(null=True)
    """The machine's clock less the clinic's time, where it was not believed."""
    certificate_ms = models.BigIntegerField(null=True)
    tested_wall_ms = models.BigIntegerField(null=True)
    tested_fine = models.JSONField(default=list)
    tested_failed = models.JSONField(default=list)
    """Names of the checks of the last self-test at the bedside."""

    class Meta:
        indexes: ClassVar = [models.Index(fields=["device", "-id"], name="heartbeats_of_box")]

    def __str__(self) -> str:
        return f"heartbeat of {self.device_id}"


class BootHeard(models.Model):
    """How far a boot of a box was heard, on its monotonic clock; `over`: another one was heard since."""

    device = models.ForeignKey(Device, models.CASCADE, related_name="boots_heard")
    boot = models.CharField(max_length=64)
    hello_ms = models.BigIntegerField(null=True)
    state_ms = models.BigIntegerField(null=True)
    over = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["device", "boot"], name="one_hearing_of_a_boot")]

    def __str__(self) -> str:
        return f"{self.device_id} since {self.boot}, as heard"


class BootClock(models.Model):
    """The exchange with the lowest round trip of one boot of one box: what its monotonic clock meant in our time."""

    device = models.ForeignKey(Device, models.CASCADE, related_name="boot_clocks")
    boot = models.CharField(max_length=64)
    sent_monotonic_ms = models.BigIntegerField()
    received_monotonic_ms = models.BigIntegerField()
    server_ms = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["device", "boot"], name="one_clock_a_boot")]

    def __str__(self) -> str:
        return f"clock of {self.device_id} since {self.boot}"

    @property
    def exchange(self) -> Exchange:
        return Exchange(
            boot=self.boot,
            sent_monotonic_ms=self.sent_monotonic_ms,
            received_monotonic_ms=self.received_monotonic_ms,
            server_ms=self.server_ms,
        )
