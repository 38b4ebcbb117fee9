from typing import ClassVar

from django.db import models

from clinic.people.models import Patient, Practitioner, Team


class Handover(models.Model):
    """The note at the end of a shift (« relève »), for one team. What it says of patients stands in its lines."""

    team = models.ForeignKey(Team, models.PROTECT, related_name="handovers")
    author = models.ForeignKey(Practitioner, models.PROTECT, related_name="+")
    since_ms = models.BigIntegerField()
    """From when on things count as new: the team's handover before, or a day."""
    written_ms = models.BigIntegerField()
    words = models.CharField(max_length=4000, blank=True)
    """For everybody of the team, who may not all follow the same patients: it names nobody."""

    class Meta:
        indexes: ClassVar = [models.Index(fields=["team", "-written_ms"], name="handovers_of_team")]

    def __str__(self) -> str:
        return f"handover of {self.team_id}"


class HandoverLine(models.Model):
    """What it says of one patient; read by those who follow that patient, and nobody else."""

    handover = models.ForeignKey(Handover, models.PROTECT, related_name="lines")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    words = models.CharField(max_length=2000, blank=True)
    found = models.JSONField(default=list)
    """What was open or new when it was written: [{kind, since_ms, what, score, owner, new, late}]."""
    ended = models.JSONField(default=list)
    """What had ended since the handover before: [{kind, ended_ms, what, done, by}]."""

    class Meta:
        ordering: ClassVar = ["patient__family", "patient__given", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["handover", "patient"], name="one_line_of_a_patient_a_handover")
        ]

    def __str__(self) -> str:
        return f"{self.handover_id}: {self.patient_id}"


class HandoverReading(models.Model):
    """Who has opened it."""

    handover = models.ForeignKey(Handover, models.PROTECT, related_name="readings")
    reader = models.ForeignKey(Practitioner, models.PROTECT, related_name="+")
    read_ms = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["handover", "reader"], name="one_reading_of_a_handover")
        ]

    def __str__(self) -> str:
        return f"{self.handover_id} by {self.reader_id}"
