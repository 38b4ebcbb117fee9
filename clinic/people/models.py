"""Practitioner, Patient and CareTeam, in FHIR's words."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models

from mqtt_bridge.contract.care import Practitioner as ContractPractitioner


class Role(models.TextChoices):
    PHYSICIAN = "physician"
    THERAPIST = "therapist"
    NURSE = "nurse"
    TECHNICIAN = "technician"


class PractitionerManager(BaseUserManager["Practitioner"]):
    pass


class Practitioner(AbstractBaseUser):
    """A member of staff, and their account. `role_shown`: their role as the patient reads it (« infirmière »)."""

    username = models.CharField(max_length=64, unique=True)
    given = models.CharField(max_length=100)
    family = models.CharField(max_length=100)
    role = models.CharField(max_length=20, choices=Role.choices)
    role_shown = models.CharField(max_length=100)
    is_active = models.BooleanField(default=True)

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


class Patient(models.Model):
    id = models.CharField(primary_key=True, max_length=64)
    given = models.CharField(max_length=100)
    family = models.CharField(max_length=100)
    address_as = models.CharField(max_length=200)
    """How they chose to be addressed: « Madame Martin » unless they say otherwise."""
    room = models.CharField(max_length=100, blank=True)
    team = models.ManyToManyField(Practitioner, through="CareTeamParticipant", related_name="patients")

    def __str__(self) -> str:
        return f"{self.given} {self.family}"


class CareTeamParticipant(models.Model):
    """One practitioner in one patient's care team: the right to read that record, from a time and until another."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="participants")
    practitioner = models.ForeignKey(Practitioner, models.PROTECT, related_name="participations")
    since_ms = models.BigIntegerField()
    until_ms = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient", "practitioner"], condition=models.Q(until_ms=None), name="once_in_a_team"
            )
        ]

    def __str__(self) -> str:
        return f"{self.practitioner} for {self.patient}"
