from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from mqtt_bridge.contract.identity import Practitioner as ContractPractitioner


class Role(models.TextChoices):
    """What each may do stands in one table: clinic/people/may.py."""

    PHYSICIAN = "physician"
    THERAPIST = "therapist"
    NURSE = "nurse"
    COORDINATING_NURSE = "coordinating-nurse"
    ADVANCED_PRACTICE_NURSE = "advanced-practice-nurse"
    SOCIAL_WORKER = "social-worker"
    TECHNICIAN = "technician"
    ADMINISTRATOR = "administrator"


class PractitionerManager(BaseUserManager["Practitioner"]):
    pass


class Practitioner(AbstractBaseUser):
    """A member of staff, and their account. `role_shown`: their role as the patient reads it (« infirmière »)."""

    username = models.CharField(max_length=64, unique=True)
    given = models.CharField(max_length=100)
    family = models.CharField(max_length=100)
    role = models.CharField(max_length=30, choices=Role.choices)
    role_shown = models.CharField(max_length=100)
    is_active = models.BooleanField(default=True)
    password_until_ms = models.BigIntegerField(null=True, blank=True)
    """A first password, given by an administrator: it opens nothing but the page that changes it, until then."""

    USERNAME_FIELD = "username"
    objects: ClassVar[PractitionerManager] = PractitionerManager()

    def __str__(self) -> str:
        return f"{self.given} {self.family}"

    @property
    def as_told(self) -> ContractPractitioner:
        """As the patient knows them: a first name and a role."""
        return ContractPractitioner(given=self.given, role=self.role_shown)

    @property
    def told_id(self) -> str:
        """Which of those who share a first name and a role: no box learns the name of an account."""
        return f"practitioner-{self.pk}"
