"""Everything that happened to one patient, newest first: one query over every app's rows, a page at a time."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from clinic.coordination import events as coordination
from clinic.correspondence import events as correspondence
from clinic.events import Event, Place, Rows, Span
from clinic.people import events as people
from clinic.people.models import Patient
from clinic.plans import events as plans
from clinic.results import events as results
from clinic.suitability import events as suitability

EventsOf = Callable[[Patient], list[Rows]]
SOURCES: tuple[EventsOf, ...] = (
    people.events_of,
    plans.events_of,
    results.events_of,
    correspondence.events_of,
    coordination.events_of,
    suitability.events_of,
)
"""Every app that tells of a patient stands here."""
EVENTS_A_PAGE = 30


@dataclass(frozen=True)
class Page:
    events: list[Event]
    following: Place | None
    """Where the next page begins; None: there is none."""


def told_of(patient: Patient, *, health: bool) -> list[Rows]:
    """Every kind of event that this reader may be told of; `health` False: the social part alone. No query."""
    return [rows for source in SOURCES for rows in source(patient) if health or rows.social]


def page(
    told: Sequence[Rows], span: Span, *, wanted: Callable[[Event], bool] | None = None, size: int = EVENTS_A_PAGE
) -> Page:
    """One page, in one query. `wanted` chooses among the events; those left out are read on."""
    found = _events(told, span, size=None if wanted else size + 1)
    return paged(list(islice(filter(wanted, found), size + 1)), size)


def paged(taken: list[Event], size: int) -> Page:
    """`taken`: one more than are shown, where there are more."""
    more = len(taken) > size
    return Page(taken[:size], taken[size - 1].place if more else None)


def _events(told: Sequence[Rows], span: Span, *, size: int | None) -> Iterator[Event]:
    parts = [span.of(rows) for rows in told if span.kinds is None or rows.kind in span.kinds]
    if not parts:
        return
    ordered = query_of(parts)
    for columns in ordered if size is None else ordered[:size]:
        yield as_event(columns)


def query_of(parts: Sequence[QuerySet[Any, Any]]) -> QuerySet[Any, Any]:
    """All of them, newest first; at least one."""
    together = parts[0].union(*parts[1:], all=True) if len(parts) > 1 else parts[0]
    return together.order_by("-e_at_ms", "e_kind", "-e_key")


def as_event(columns: Sequence[Any]) -> Event:
    at_ms, kind, key, uncertain, *words = columns
    return Event(int(at_ms), kind, int(key), bool(uncertain), *words)
