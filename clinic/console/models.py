"""Sessions of the browsers, failed attempts to sign in for the lock-out, and what was sent, so that it is done once."""

from typing import ClassVar

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from clinic.people.models import Practitioner


class SignedInSession(AbstractBaseSession):
    """Django's session, and whose it is."""

    practitioner = models.ForeignKey(Practitioner, models.CASCADE, null=True, related_name="sessions")
    since_ms = models.BigIntegerField(null=True)
    browser = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=64, blank=True)

    @classmethod
    def get_session_store_class(cls) -> type:
        from clinic.console.sessions import SessionStore

        return SessionStore


class LoginFailure(models.Model):
    username = models.CharField(max_length=64)
    place = models.CharField(max_length=80, default="")
    """The address that tried, or a browser that this name has signed in from before."""
    failed_ms = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["username", "failed_ms"], name="failures_of_name"),
            models.Index(fields=["place", "failed_ms"], name="failures_of_place"),
        ]

    def __str__(self) -> str:
        return self.username


class SentOnce(models.Model):
    """A page that was sent, by the word that it bears (`clinic.console.once`); forgotten after a day."""

    practitioner = models.ForeignKey(Practitioner, models.CASCADE, related_name="+")
    word = models.CharField(max_length=32)
    place = models.CharField(max_length=500, blank=True)
    """Where it led; empty while it is being done."""
    sent_ms = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["practitioner", "word"], name="sent_once")]

    def __str__(self) -> str:
        return self.word
