"""Forms apart from a care (E3, C2, D3, C3): FHIR QuestionnaireResponse."""

from typing import ClassVar

from django.db import models

from clinic.results.models.stamped import TimedResult


class FormResponse(TimedResult):
    """One report of a form that was answered; those of one `occasion` are parts of one asking."""

    occasion = models.CharField(max_length=64)
    request = models.CharField(max_length=64)
    title = models.TextField()
    """As the plan that was in force calls it; the request's id when that plan is not known here."""
    purpose = models.CharField(max_length=20)
    """The plan's purpose of a form, or follow-up, or read-back; empty when the plan is not known here."""
    about_relative = models.BooleanField(default=False)
    """The answers are a relative's own: never averaged with the patient's."""
    plan = models.CharField(max_length=64, blank=True)
    plan_version = models.PositiveIntegerField(null=True)
    questionnaire = models.TextField()
    status = models.CharField(max_length=20)
    source = models.TextField()
    answered_by = models.CharField(max_length=20, blank=True)
    delay_s = models.FloatField()
    after = models.CharField(max_length=64, blank=True)
    """The session of its box that a following day belongs to, and which day."""
    day = models.BigIntegerField(default=0)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["patient", "-received_ms"], name="forms_of_patient")]

    def __str__(self) -> str:
        return f"{self.request} of {self.patient_id}"
