"""The tasks that wait, for « Ma journée »; those of what a report brought lead to where it is read."""

from collections.abc import Iterator

from django.db.models import BigIntegerField, Case, F, Value, When

from clinic.coordination.models import Task
from clinic.coordination.tasks import seen_by
from clinic.people.models import Practitioner
from clinic.worklist import OF_A_SOURCE_MAX, Entry


def tasks(who: Practitioner, _now_ms: int) -> Iterator[Entry]:
    """Strong pain first, the latest before all: it may hurt now, and the list has an end. Then who waits longest."""
    latest = When(kind=Task.Kind.STRONG_PAIN, then=F("authored_ms") * Value(-1, BigIntegerField()))
    pressing = Case(latest, default=F("authored_ms"), output_field=BigIntegerField())
    return map(entry, seen_by(who).filter(ended_ms=None).order_by(pressing, "pk")[: OF_A_SOURCE_MAX + 1])


def entry(one: Task) -> Entry:
    page, arguments = _page(one)
    return Entry(
        kind=one.kind,
        since_ms=one.authored_ms,
        page=page,
        arguments=arguments,
        patient=one.patient,
        what=one.reason,
        score=one.score,
        uncertain=one.uncertain,
        owner=one.owner,
        taken_ms=one.taken_ms,
        due_ms=one.due_ms,
        urgent=one.priority == Task.Priority.URGENT,
        task=one.pk,
    )


def _page(one: Task) -> tuple[str, tuple[str | int, ...]]:
    """To read what a report brought is one click; what somebody has taken is ended on its own page."""
    if one.kind == Task.Kind.MESSAGE or (one.read_on and one.owner_id is None):
        return one.read_on or "messages", (one.patient_id,)
    return "task", (one.pk,)
