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


class Passkey(models.Model):
    """A passkey (WebAuthn): the person's telephone, computer or security key holds the secret, we the public key."""

    practitioner = models.ForeignKey(Practitioner, models.CASCADE, related_name="passkeys")
    name = models.CharField(max_length=60)
    """Theirs for it."""
    credential = models.CharField(max_length=1400, unique=True)
    """Its id, base64url; at most 1023 bytes (WebAuthn, 4)."""
    attested = models.BinaryField()
    """AAGUID, id and public key (COSE), as the authenticator gave them. Public: it opens nothing."""
    counter = models.BigIntegerField()
    """Of the last use. It must grow; 0 for ever where the authenticator does not count."""
    made_ms = models.BigIntegerField()
    used_ms = models.BigIntegerField(null=True, blank=True)

    def __str__(self) -> str:
        return f"passkey {self.pk} of {self.practitioner_id}"


class RecoveryCode(models.Model):
    """One code, once. `digest`: HMAC-SHA-256 under the clinic's secret key; a code has 50 bits."""

    practitioner = models.ForeignKey(Practitioner, models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_ms = models.BigIntegerField(null=True, blank=True)

    def __str__(self) -> str:
        return f"recovery code of {self.practitioner_id}"
