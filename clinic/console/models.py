"""Sessions of the browsers, and failed attempts to sign in, for the lock-out."""

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
