"""What happened to one patient, as every app tells it: rows of one shape, so that one query reads the timeline.

An app adds its kinds with a function `events_of(patient) -> list[Rows]` (each made by `rows`), which stands in the list
of `clinic.record.timeline`; how a kind is said to staff stands in `clinic.console.events_told`.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, BooleanField, F, Q, QuerySet, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce

from clinic.errors import RecordError

Expression = Combinable | str
"""An expression of the row's model, or the name of one of its fields."""
COLUMNS = ("e_at_ms", "e_kind", "e_key", "e_uncertain", "e_code", "e_what", "e_said", "e_by", "e_ref")


@dataclass(frozen=True)
class Rows:
    """One kind of event. `queryset` has COLUMNS; `social`: of the social part, for whoever may read that."""

    kind: str
    queryset: QuerySet[Any, Any]
    social: bool


@dataclass(frozen=True)
class Event:
    """Something that happened. `what` is its title, `said` somebody's own words, `by` who did it."""

    at_ms: int
    kind: str
    key: int
    uncertain: bool
    """Nothing bounds the time but that it was heard of at `at_ms`."""
    code: str
    what: str
    said: str
    by: str
    ref: str
    """What a link to it needs."""

    @property
    def place(self) -> "Place":
        return (self.at_ms, self.kind, self.key)


Place = tuple[int, str, int]
"""Where an event stands: the latest first, then by kind, then the newest key first. No two stand at one."""


@dataclass(frozen=True)
class Span:
    """Which part of the timeline is asked for, newest first. `after`: what was shown last, None at the beginning."""

    since_ms: int | None = None
    until_ms: int | None = None
    kinds: frozenset[str] | None = None
    after: Place | None = None

    def of(self, told: Rows) -> QuerySet[Any, Any]:
        """The part of one kind."""
        found = told.queryset
        if self.since_ms is not None:
            found = found.filter(e_at_ms__gte=self.since_ms)
        if self.until_ms is not None:
            found = found.filter(e_at_ms__lt=self.until_ms)
        return found if self.after is None else found.filter(_beyond(self.after, told.kind))


def _beyond(after: Place, kind: str) -> Q:
    at_ms, last_kind, last_key = after
    earlier = Q(e_at_ms__lt=at_ms)
    if kind > last_kind:
        return earlier | Q(e_at_ms=at_ms)
    return earlier | Q(e_at_ms=at_ms, e_key__lt=last_key) if kind == last_kind else earlier


def rows(
    kind: str,
    found: QuerySet[Any, Any],
    *,
    at: Expression,
    social: bool = False,
    uncertain: Expression | None = None,
    **told: Expression,
) -> Rows:
    """The rows of one kind. `told`: code, what, said, by, ref; what is left out is empty.

    at: milliseconds by the clinic's clock. uncertain: an expression that is true or false.
    """
    unknown = set(told) - {"code", "what", "said", "by", "ref"}
    if unknown:
        raise RecordError(f"an event tells no {', '.join(sorted(unknown))}: code, what, said, by or ref")
    columns: dict[str, Any] = {
        "e_at_ms": Cast(_named(at), BigIntegerField()),
        "e_kind": Cast(Value(kind), TextField()),
        "e_key": Cast(F("pk"), BigIntegerField()),
        "e_uncertain": Cast(Value(False) if uncertain is None else _named(uncertain), BooleanField()),
        **{f"e_{name}": _text(told.get(name)) for name in ("code", "what", "said", "by", "ref")},
    }
    return Rows(kind, found.order_by().annotate(**columns).values_list(*COLUMNS), social)


def _named(told: Expression) -> Combinable:
    return F(told) if isinstance(told, str) else told


def _text(told: Expression | None) -> Any:
    if told is None:
        return Cast(Value(""), TextField())
    return Coalesce(Cast(_named(told), TextField()), Value(""), output_field=TextField())
