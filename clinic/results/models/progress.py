"""What is kept of each patient's progress so that a list over many is quick, and prompts that were set aside."""

from typing import ClassVar

from django.db import models

from clinic.people.models import Patient, Practitioner


class Progress(models.Model):
    """The facts that prompts to readjust are made from (A12), as of the last report that was reckoned with."""

    patient = models.OneToOneField(Patient, models.CASCADE, primary_key=True, related_name="progress")
    facts = models.JSONField(default=list)
    """[CareFacts] (clinic.results.facts), one for each care that was listened to in the last year."""
    plan = models.JSONField(null=True)
    """Their last plan as the prompts ask of it (clinic.results.prompts.Plan); None: stopped, or none."""
    plan_key = models.BigIntegerField(default=0)
    """Which plan that is: another one signed since makes this stale."""
    stale = models.BooleanField(default=True)
    """A report came since: reckon again."""
    marks = models.PositiveIntegerField(default=0)
    """How often it was marked: who has reckoned clears the mark that they saw, never one that came meanwhile."""
    through_listening = models.BigIntegerField(default=0)
    through_evaluation = models.BigIntegerField(default=0)
    """The last ones of theirs that it was marked for."""

    class Meta:
        indexes: ClassVar = [models.Index(fields=["patient"], condition=models.Q(stale=True), name="progress_stale")]

    def __str__(self) -> str:
        return f"progress of {self.patient_id}"


class ProgressHead(models.Model):
    """One row: how far what arrived was looked through for patients to mark."""

    through_listening = models.BigIntegerField(default=0)
    through_evaluation = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"through {self.through_listening}, {self.through_evaluation}"


class PromptSetAside(models.Model):
    """Somebody has seen a prompt and says why nothing is changed: until something changes, or for thirty days."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="prompts_set_aside")
    request = models.CharField(max_length=64)
    kind = models.CharField(max_length=20)
    by = models.ForeignKey(Practitioner, models.PROTECT, related_name="+")
    at_ms = models.BigIntegerField()
    reason = models.CharField(max_length=500)
    plan = models.CharField(max_length=80, blank=True)
    """The plan that was in force and its version; another one brings the prompt back."""
    sessions = models.PositiveIntegerField()
    """How many sessions of the care there were."""

    class Meta:
        indexes: ClassVar = [models.Index(fields=["patient", "-at_ms"], name="prompts_of_patient")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.request} for {self.patient_id}"
