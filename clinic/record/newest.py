"""The newest page of a timeline, which every look at a record asks for: its SQL is made once in a process.

Django takes longer to write the query over every kind of event than the database takes to answer it, and of all that
nothing changes from one record to the next but whose it is.
"""

import functools
from typing import Any

from django.db import connection

from clinic.errors import RecordError
from clinic.people.models import Patient
from clinic.record.timeline import EVENTS_A_PAGE, Page, as_event, paged, query_of, told_of

ANYBODY = "\x1fanybody\x1f"
"""Stands for the patient while the query is made: no identifier holds such signs."""


def newest(patient: Patient, *, health: bool, kinds: frozenset[str] | None = None, size: int = EVENTS_A_PAGE) -> Page:
    """As `timeline.page` with nothing but `kinds` asked for, in one query."""
    made, values = _made(health, kinds, size + 1)
    if not made:
        return Page([], None)
    with connection.cursor() as cursor:
        cursor.execute(made, [patient.id if value == ANYBODY else value for value in values])
        return paged([as_event(columns) for columns in cursor.fetchall()], size)


@functools.lru_cache(maxsize=64)
def kinds_told(*, health: bool) -> frozenset[str]:
    """Every kind of event that such a reader may be told of."""
    return frozenset(rows.kind for rows in told_of(Patient(id=ANYBODY), health=health))


@functools.lru_cache(maxsize=64)
def _made(health: bool, kinds: frozenset[str] | None, limit: int) -> tuple[str, tuple[Any, ...]]:  # noqa: FBT001
    """The query and its values, ANYBODY among them for each part; empty where no kind is asked for."""
    told = [rows for rows in told_of(Patient(id=ANYBODY), health=health) if kinds is None or rows.kind in kinds]
    if not told:
        return "", ()
    made, values = query_of([rows.queryset for rows in told])[:limit].query.sql_with_params()
    if ANYBODY in made or values.count(ANYBODY) < len(told):
        raise RecordError("a part of the timeline does not say whose it is by a value: nobody's is shown")
    return made, values
