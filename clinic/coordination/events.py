"""What the team had to do for a patient, and what was handed over. What a report brought stands there as the report."""

from django.db.models import QuerySet

from clinic.coordination.models import HandoverLine, Task
from clinic.events import Rows, rows
from clinic.people.events import full_name
from clinic.people.models import Patient


def events_of(patient: Patient) -> list[Rows]:
    asked = Task.objects.filter(patient=patient, kind=Task.Kind.TASK)
    lines = HandoverLine.objects.filter(patient=patient).exclude(words="")
    return [
        *_tasks("task", asked.filter(social=False), social=False),
        *_tasks("social-task", asked.filter(social=True), social=True),
        rows(
            "handed-over", lines, at="handover__written_ms", what="handover__team__name", said="words",
            by=full_name("handover__author"), ref="handover_id",
        ),
    ]  # fmt: skip


def _tasks(kind: str, found: QuerySet[Task], *, social: bool) -> list[Rows]:
    ended = found.exclude(ended_ms=None)
    return [
        rows(
            f"{kind}-asked", found, at="authored_ms", social=social, code="priority", what="reason", said="note",
            by=full_name("asked_by"), ref="id",
        ),
        rows(
            f"{kind}-ended", ended, at="ended_ms", social=social, code="status", what="reason", said="done",
            by=full_name("ended_by"), ref="id",
        ),
    ]  # fmt: skip
