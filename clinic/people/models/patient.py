from django.db import models

from clinic.people.models.organization import Establishment
from clinic.people.models.practitioner import Practitioner


class Patient(models.Model):
    id = models.CharField(primary_key=True, max_length=64)
    given = models.CharField(max_length=100)
    family = models.CharField(max_length=100)
    address_as = models.CharField(max_length=200)
    """How they chose to be addressed: « Madame Martin » unless they say otherwise."""
    room = models.CharField(max_length=100, blank=True)
    establishment = models.ForeignKey(Establishment, models.PROTECT, null=True, blank=True, related_name="patients")
    """Where they are cared for; None is the clinic itself, when it has named no establishment."""
    team = models.ManyToManyField(Practitioner, through="CareTeamParticipant", related_name="patients")

    def __str__(self) -> str:
        return f"{self.given} {self.family}"
