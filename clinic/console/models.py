"""Failed attempts to sign in, for the lock-out."""

from typing import ClassVar

from django.db import models


class LoginFailure(models.Model):
    username = models.CharField(max_length=64)
    failed_ms = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["username", "failed_ms"], name="failures_of_name")]

    def __str__(self) -> str:
        return self.username
