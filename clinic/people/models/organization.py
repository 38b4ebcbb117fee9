"""FHIR Organization: establishments, and the teams in them."""

from typing import ClassVar

from django.db import models

from clinic.people.models.practitioner import Practitioner


class Establishment(models.Model):
    """A hospital, a care home, a service: within one, those who care for the same person are its équipe de soins."""

    name = models.CharField(max_length=200, unique=True)

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """Those who work together in an establishment. Being in it shows nobody's record: a patient's CareTeam does."""

    establishment = models.ForeignKey(Establishment, models.PROTECT, related_name="teams")
    name = models.CharField(max_length=200)
    members = models.ManyToManyField(Practitioner, related_name="teams", blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["establishment", "name"], name="one_name_in_an_establishment")
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.establishment}"
