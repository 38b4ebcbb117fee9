from typing import ClassVar

from django.db import models

from clinic.people.models import Patient, Practitioner
from clinic.results.models import LedgerRow


class Task(models.Model):
    """Something to be done for one patient: asked by somebody of the team, or noticed when a report arrived.

    FHIR Task: `patient` is its for, `row` its focus, `asked_by` its requester, `due_ms` its restriction's period.
    """

    class Kind(models.TextChoices):
        TASK = "task"
        STRONG_PAIN = "strong-pain"
        COMMENT = "comment"
        ANSWERS = "answers"
        MESSAGE = "message"

    class Status(models.TextChoices):
        """Of FHIR's codes those that are used here."""

        REQUESTED = "requested"
        ACCEPTED = "accepted"
        COMPLETED = "completed"
        CANCELLED = "cancelled"

    class Priority(models.TextChoices):
        ROUTINE = "routine"
        URGENT = "urgent"

    class ReadOn(models.TextChoices):
        """The page of the patient where the report is read."""

        SESSIONS = "sessions"
        FOLLOW_UP = "follow-up"
        MESSAGES = "messages"

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="tasks")
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.TASK)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.REQUESTED)
    priority = models.CharField(max_length=10, choices=Priority.choices, default=Priority.ROUTINE)
    social = models.BooleanField(default=False)
    """Of the social part: social-care actors of the patient's team see it, and it says nothing of health."""
    reason = models.CharField(max_length=500, blank=True)
    """What is to be done; of what a report brought, the person's own words, or their beginning."""
    score = models.SmallIntegerField(null=True, blank=True)
    row = models.OneToOneField(LedgerRow, models.PROTECT, null=True, blank=True, related_name="task")
    """The report that it is about."""
    read_on = models.CharField(max_length=12, choices=ReadOn.choices, blank=True)
    asked_by = models.ForeignKey(Practitioner, models.PROTECT, null=True, blank=True, related_name="+")
    """None: noticed when the report arrived."""
    authored_ms = models.BigIntegerField()
    uncertain = models.BooleanField(default=False)
    """The box's time of it cannot be bounded: `authored_ms` is when it arrived."""
    due_ms = models.BigIntegerField(null=True, blank=True)
    owner = models.ForeignKey(Practitioner, models.PROTECT, null=True, blank=True, related_name="+")
    taken_ms = models.BigIntegerField(null=True, blank=True)
    note = models.CharField(max_length=1000, blank=True)
    ended_by = models.ForeignKey(Practitioner, models.PROTECT, null=True, blank=True, related_name="+")
    ended_ms = models.BigIntegerField(null=True, blank=True)
    done = models.CharField(max_length=1000, blank=True)
    """What was done; empty when it ended because somebody has read the report."""

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["patient", "authored_ms"], condition=models.Q(ended_ms=None), name="task_open"),
            models.Index(fields=["patient", "-ended_ms"], name="tasks_of_patient"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient"],
                condition=models.Q(kind="message", ended_ms=None),
                name="one_unanswered_thread_a_patient",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.patient_id}"
