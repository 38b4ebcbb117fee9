from django.db import models

from clinic.people.models.practitioner import Practitioner


class SecondFactor(models.Model):
    """An authenticator application (TOTP, RFC 6238). It counts once a first code of it has been confirmed."""

    practitioner = models.OneToOneField(Practitioner, models.CASCADE, primary_key=True, related_name="second_factor")
    sealed_secret = models.BinaryField()
    """Under a key drawn from the clinic's secret key: a copy of the database alone opens nothing."""
    confirmed_ms = models.BigIntegerField(null=True, blank=True)
    last_step = models.BigIntegerField(default=0)
    """The time step of the last code taken: none is taken twice."""

    def __str__(self) -> str:
        return f"second factor of {self.practitioner_id}"


class RecoveryCode(models.Model):
    """One code, once. `digest`: HMAC-SHA-256 under the clinic's secret key; a code has 50 bits."""

    practitioner = models.ForeignKey(Practitioner, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_ms = models.BigIntegerField(null=True, blank=True)

    def __str__(self) -> str:
        return f"recovery code of {self.practitioner_id}"
