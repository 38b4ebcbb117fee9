"""FHIR RelatedPerson: those near the patient, how to reach them, and what each of them is for the patient."""

from typing import ClassVar

from django.db import models

from clinic.people.models.patient import Patient


class Relationship(models.TextChoices):
    SPOUSE = "spouse"
    CHILD = "child"
    PARENT = "parent"
    SIBLING = "sibling"
    GRANDCHILD = "grandchild"
    RELATIVE = "relative"
    FRIEND = "friend"
    NEIGHBOUR = "neighbour"
    PROFESSIONAL = "professional"
    """A mandataire judiciaire, an association."""
    OTHER = "other"


class RelatedPerson(models.Model):
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="related_persons")
    name = models.CharField(max_length=200)
    relationship = models.CharField(max_length=15, choices=Relationship.choices)
    phone = models.CharField(max_length=40, blank=True)
    email = models.CharField(max_length=200, blank=True)
    reach = models.CharField(max_length=300, blank=True)
    """When and how: « le soir après 18 h »."""
    main_caregiver = models.BooleanField(default=False)
    """Who carries the care (B5)."""
    trusted_person = models.BooleanField(default=False)
    """Personne de confiance (Code de la santé publique, L.1111-6): designated by the patient, in writing."""
    trusted_how = models.CharField(max_length=300, blank=True)
    """Where and when the patient wrote it down."""
    legal_representative = models.BooleanField(default=False)
    emergency_contact = models.BooleanField(default=False)
    since_ms = models.BigIntegerField()
    until_ms = models.BigIntegerField(null=True, blank=True)
    """They are this no longer; kept, because what was done was done with them."""
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient"],
                condition=models.Q(until_ms=None, main_caregiver=True),
                name="one_main_caregiver",
            ),
            models.UniqueConstraint(
                fields=["patient"],
                condition=models.Q(until_ms=None, trusted_person=True),
                name="one_trusted_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} for {self.patient_id}"
