"""FHIR Flag: a contraindication that the patient has, or, as was asked, does not have."""

from typing import ClassVar

from django.db import models

from clinic.people.models.patient import Patient
from clinic.people.models.practitioner import Practitioner


class Flag(models.Model):
    """One word on one contraindication. Rows are only added: the last one of a code counts."""

    class Code(models.TextChoices):
        """Those that a package's manifest knows (`audio.package`)."""

        MUSICOGENIC_EPILEPSY = "musicogenic-epilepsy"
        HYPERACUSIS = "hyperacusis"
        DISSOCIATION = "dissociation"
        SHORTNESS_OF_BREATH = "shortness-of-breath"

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="flags")
    code = models.CharField(max_length=30, choices=Code.choices)
    present = models.BooleanField()
    """False: somebody asked, and the patient has it not. Nobody asked: there is no row."""
    note = models.CharField(max_length=300, blank=True)
    author = models.ForeignKey(Practitioner, models.PROTECT, null=True, related_name="+")
    recorded_ms = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["patient", "-id"], name="flags_of_patient")]

    def __str__(self) -> str:
        return f"{self.patient_id}: {self.code} {self.present}"
