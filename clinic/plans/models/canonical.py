"""What a clinic writes for itself and names by `url|version`: protocols, questionnaires, lessons."""

from typing import ClassVar

from django.db import models

from clinic.people.models import Practitioner


class CanonicalResource(models.Model):
    """One version of one. FHIR: PlanDefinition, Questionnaire, and for a lesson our own.

    A draft may change (`revision` counts its changes); once active it never does, so that what a plan named is there
    word for word. `document` is the contract's JSON; `editing` what its editor keeps while it is no valid one yet.
    """

    class Kind(models.TextChoices):
        PROTOCOL = "protocol"
        QUESTIONNAIRE = "questionnaire"
        LESSON = "lesson"

    class Status(models.TextChoices):
        DRAFT = "draft"
        ACTIVE = "active"
        RETIRED = "retired"

    kind = models.CharField(max_length=13, choices=Kind.choices)
    url = models.CharField(max_length=200)
    version = models.CharField(max_length=20)
    status = models.CharField(max_length=7, choices=Status.choices, default=Status.DRAFT)
    title = models.CharField(max_length=200)
    document = models.BinaryField(default=bytes)
    editing = models.BinaryField(default=bytes)
    imported = models.BinaryField(default=bytes)
    """The bytes as they came from elsewhere, kept as they were."""
    revision = models.PositiveIntegerField(default=1)
    created_by = models.ForeignKey(Practitioner, models.PROTECT, related_name="+")
    created_ms = models.BigIntegerField()
    changed_by = models.ForeignKey(Practitioner, models.PROTECT, related_name="+")
    changed_ms = models.BigIntegerField()
    published_ms = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "url", "version"], name="one_canonical_a_version")
        ]
        indexes: ClassVar = [models.Index(fields=["kind", "status"], name="library_by_kind")]

    def __str__(self) -> str:
        return self.canonical

    @property
    def canonical(self) -> str:
        return f"{self.url}|{self.version}"
