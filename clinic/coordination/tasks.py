"""Tasks (B3): given, taken, handed over, ended with what was done. One that has ended stays in the record."""

from collections.abc import Collection

from django.db.models import Q, QuerySet

from clinic.clock import now_ms
from clinic.coordination.models import Task
from clinic.errors import RecordError
from clinic.people.access import patients_of
from clinic.people.may import What, may, roles_that_may
from clinic.people.models import CareTeamParticipant, Patient, Practitioner

REASON_MAX, NOTE_MAX, DONE_MAX = 500, 1000, 1000
ENDED_SHOWN_MAX = 30
READ_IS_THE_END = (Task.Kind.STRONG_PAIN, Task.Kind.COMMENT, Task.Kind.ANSWERS)
"""Seen is ended, unless somebody has taken it: then that person says what was done."""


def seen_by(who: Practitioner) -> QuerySet[Task]:
    """Those of their patients; for social-care actors those of the social part alone."""
    mine = Q(patient__in=patients_of(who, What.READ_RECORD))
    if not may(who.role, What.READ_RECORD):
        mine = Q(patient__in=patients_of(who, What.READ_SOCIAL), social=True)
    return Task.objects.filter(mine).select_related("patient", "owner")


def done_by(who: Practitioner) -> QuerySet[Task]:
    """Those of `seen_by` that they may take, hand over and end: an emergency access reads, and does nothing."""
    return seen_by(who).filter(patient__in=patients_of(who, What.DO_TASKS))


def those_who_may(patient: Patient, *, social: bool) -> QuerySet[Practitioner]:
    """Of the patient's team, who may own such a task."""
    team = CareTeamParticipant.objects.filter(patient=patient, until_ms=None).values("practitioner")
    needed = What.READ_SOCIAL if social else What.READ_RECORD
    roles = [role for role in roles_that_may(What.DO_TASKS) if may(role, needed)]
    return Practitioner.objects.filter(pk__in=team, is_active=True, role__in=roles).order_by("family", "given", "pk")


def give(  # noqa: PLR0913  # one for each thing that a task says
    patient: Patient,
    by: Practitioner,
    reason: str,
    *,
    owner: Practitioner | None = None,
    due_ms: int | None = None,
    urgent: bool = False,
    social: bool = False,
    note: str = "",
) -> Task:
    """Write a task down. Raises RecordError: nothing to do, or an owner who may not do it."""
    said = reason.strip()
    if not said:
        raise RecordError("say what is to be done")
    if owner is not None:
        _check_owner(patient, owner, social=social)
    at_ms = now_ms()
    return Task.objects.create(
        patient=patient,
        asked_by=by,
        reason=said[:REASON_MAX],
        note=note.strip()[:NOTE_MAX],
        priority=Task.Priority.URGENT if urgent else Task.Priority.ROUTINE,
        social=social,
        authored_ms=at_ms,
        due_ms=due_ms,
        owner=owner,
        taken_ms=at_ms if owner == by else None,
        status=Task.Status.ACCEPTED if owner == by else Task.Status.REQUESTED,
    )


def _check_owner(patient: Patient, owner: Practitioner, *, social: bool) -> None:
    if not those_who_may(patient, social=social).filter(pk=owner.pk).exists():
        raise RecordError(f"{owner.username} is not in the care team of {patient.id}, or may not do this task")


def take(task: Task, by: Practitioner) -> None:
    """Theirs to do, from whomever it was. Raises RecordError: it has ended."""
    told = {"owner": by, "taken_ms": now_ms(), "status": Task.Status.ACCEPTED}
    _change(task, **told)


def hand_to(task: Task, to: Practitioner) -> None:
    """Somebody else's, who has not said yet that they do it. Raises RecordError."""
    _check_owner(task.patient, to, social=task.social)
    _change(task, owner=to, taken_ms=None, status=Task.Status.REQUESTED)


def end(task: Task, by: Practitioner, done: str, *, cancelled: bool = False) -> None:
    """Raises RecordError: nothing said of what was done (or why it is not done any more), or ended already."""
    if not done.strip():
        raise RecordError("say what was done, or why it is not done any more: it stays in the record")
    status = Task.Status.CANCELLED if cancelled else Task.Status.COMPLETED
    _change(task, ended_by=by, ended_ms=now_ms(), done=done.strip()[:DONE_MAX], status=status)


def _change(task: Task, **told: object) -> None:
    if not Task.objects.filter(pk=task.pk, ended_ms=None).update(**told):
        raise RecordError("this task has ended already")


def end_by_reading(reader: Practitioner, rows: Collection[int]) -> int:
    """What these reports brought has been seen by one of the team: it ends, but for what somebody has taken.

    Who reads in an emergency is gone in an hour: the team still has it to see.
    """
    theirs = patients_of(reader, What.DO_TASKS)
    waiting = Task.objects.filter(
        row__in=rows, kind__in=READ_IS_THE_END, owner=None, ended_ms=None, patient__in=theirs.order_by()
    )
    return waiting.update(ended_by=reader, ended_ms=now_ms(), status=Task.Status.COMPLETED)


def end_by_answering(patient: Patient, by: Practitioner) -> int:
    """The team has written: the thread waits no more."""
    waiting = Task.objects.filter(patient=patient, kind=Task.Kind.MESSAGE, ended_ms=None)
    return waiting.update(ended_by=by, ended_ms=now_ms(), status=Task.Status.COMPLETED)


def open_of(who: Practitioner, patient: Patient) -> QuerySet[Task]:
    return seen_by(who).filter(patient=patient, ended_ms=None).order_by("authored_ms", "pk")


def ended_of(who: Practitioner, patient: Patient) -> QuerySet[Task]:
    """The last ones first."""
    found = seen_by(who).filter(patient=patient).exclude(ended_ms=None).select_related("ended_by")
    return found.order_by("-ended_ms", "-pk")[:ENDED_SHOWN_MAX]
