"""FHIR QuestionnaireResponse: what was found at the place where a box is to stand, and what somebody made of it."""

from typing import ClassVar

from django.db import models

from clinic.coordination.models import Task
from clinic.people.models import Patient, Practitioner


class HomeChecklist(models.Model):
    """One checklist, signed by who made it. Rows are only added: what was found before stays readable."""

    class Place(models.TextChoices):
        HOME = "home"
        ESTABLISHMENT = "establishment"

    class Method(models.TextChoices):
        VISIT = "visit"
        TELEPHONE = "telephone"

    class Outcome(models.TextChoices):
        """Chosen by a human; no answer leads to one."""

        SUITABLE = "suitable"
        WITH_ARRANGEMENTS = "with-arrangements"
        NOT_NOW = "not-now"

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="home_checklists")
    questionnaire = models.CharField(max_length=100)
    """Its `url|version`: whose words were answered (`clinic.suitability.checklist`)."""
    place = models.CharField(max_length=13, choices=Place.choices)
    method = models.CharField(max_length=9, choices=Method.choices)
    informant = models.CharField(max_length=200, blank=True)
    """With whom it was made, beside its author."""
    made_on = models.DateField()
    """The day of the visit or the call; it may be signed later."""
    author = models.ForeignKey(Practitioner, models.PROTECT, related_name="+")
    authored_ms = models.BigIntegerField()
    outcome = models.CharField(max_length=17, choices=Outcome.choices)
    reason = models.CharField(max_length=1000, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["patient", "-authored_ms"], name="checklists_of_patient")]

    def __str__(self) -> str:
        return f"{self.outcome} for {self.patient_id}"


class HomeChecklistAnswer(models.Model):
    """One line's. `answer`: yes, no, one of the line's options, or not-seen, which is not a no."""

    checklist = models.ForeignKey(HomeChecklist, models.PROTECT, related_name="answers")
    item = models.CharField(max_length=40)
    answer = models.CharField(max_length=20)
    remark = models.CharField(max_length=300, blank=True)
    task = models.OneToOneField(Task, models.PROTECT, null=True, blank=True, related_name="+")
    """What somebody was asked to arrange because of it."""

    class Meta:
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["checklist", "item"], name="one_answer_a_line_of_a_checklist")
        ]

    def __str__(self) -> str:
        return f"{self.item}: {self.answer}"
