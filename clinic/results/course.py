"""The course of one patient as numbers: what was heard of each session, its scores before, after, and on the next days.

Four queries, however many sessions.

A silence is never a number: an item that was declined or not asked is not in the scores, and is counted by its reason.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from clinic.results.models import Answer, FormAnswer, Listening, Session

BY_PERSON = frozenset({"", "self", "with-relative"})
"""Who answered for themselves, with a relative's help or not; empty: a box of before this was asked."""
DAYS_MAX = 14


@dataclass
class Asked:
    """One evaluation. `scores` by item; `silences`: how many items were declined, or not answered otherwise."""

    evaluation: int
    by_person: bool
    scores: dict[str, int] = field(default_factory=dict)
    silences: Counter[str] = field(default_factory=Counter)
    comment: bool = False


@dataclass
class Heard:
    """What was heard of a session: `played` from 0 to 1, None while nothing of it is known."""

    outcome: str
    played: float
    listened_s: float
    gaps: int
    gaps_ms: float
    exact: bool
    level_max_dba: float | None
    dose_week_percent: float | None
    sensitive: bool


@dataclass
class Lived:
    """One session. `at_ms`: when it was, or, where nothing bounds that, when it was first heard of."""

    key: int
    box: str
    name: str
    request: str
    care: str
    plan_version: int | None
    at_ms: int
    uncertain: bool
    heard: Heard | None = None
    before: Asked | None = None
    after: Asked | None = None
    days: dict[int, Asked] = field(default_factory=dict)
    """What the person answered on the days after: by day."""


def course(patient: str, since_ms: int = 0) -> list[Lived]:
    """The patient's sessions since then, the earliest first."""
    lived = _sessions(patient, since_ms)
    by_key = {one.key: one for one in lived}
    oldest = min(by_key, default=0)
    _listenings(by_key, patient, oldest)
    _evaluations(by_key, patient, oldest)
    _days({(one.box, one.name): one for one in lived}, patient)
    return lived


def _sessions(patient: str, since_ms: int) -> list[Lived]:
    names = ("pk", "device_id", "session", "request", "care", "plan_version", "started_ms", "error_ms")
    found = Session.objects.filter(patient=patient).order_by().values_list(*names, "first_received_ms")
    lived = [
        Lived(key, box, name, request, care, version, received if error is None else began, error is None)
        for key, box, name, request, care, version, began, error, received in found
    ]
    return sorted((one for one in lived if one.at_ms >= since_ms), key=lambda one: (one.at_ms, one.key))


def _listenings(by_key: dict[int, Lived], patient: str, oldest: int) -> None:
    """The last word of each session counts."""
    names = ("outcome", "rate_hz", "frames_total", "frames_played", "gaps", "gaps_total", "frames_exact")
    ear = ("level_max_dba", "dose_week_percent", "sensitive")
    found = Listening.objects.filter(session__patient=patient, session__gte=oldest).order_by("pk")
    for key, *told in found.values_list("session_id", *names, *ear):
        if key in by_key:
            by_key[key].heard = _heard(*told)


def _heard(  # noqa: PLR0913, PLR0917  # the columns of a row
    outcome: str,
    rate_hz: int,
    total: int,
    played: int,
    gaps: list[dict[str, Any]],
    gaps_total: int,
    exact: bool,  # noqa: FBT001
    level_max_dba: float | None,
    dose: float | None,
    sensitive: bool,  # noqa: FBT001
) -> Heard:
    return Heard(
        outcome=outcome,
        played=played / total if total > 0 else 0.0,
        listened_s=played / rate_hz if rate_hz else 0.0,
        gaps=gaps_total,
        gaps_ms=sum(gap["duration_ms"] for gap in gaps),
        exact=exact,
        level_max_dba=level_max_dba,
        dose_week_percent=dose,
        sensitive=sensitive,
    )


def _evaluations(by_key: dict[int, Lived], patient: str, oldest: int) -> None:
    """The last evaluation of each moment counts."""
    names = ("evaluation__session_id", "evaluation__moment", "evaluation_id", "evaluation__answered_by")
    answer = ("evaluation__source", "item", "score", "words", "absent_reason")
    found = Answer.objects.filter(evaluation__session__patient=patient, evaluation__session__gte=oldest)
    for key, moment, evaluation, by, source, *told in found.order_by("evaluation_id").values_list(*names, *answer):
        if key not in by_key:
            continue
        one = by_key[key]
        kept = one.before if moment == "before" else one.after
        if kept is None or kept.evaluation != evaluation:
            kept = Asked(evaluation, by_person=_is_person(by, source))
            if moment == "before":
                one.before = kept
            else:
                one.after = kept
        _take(kept, *told)


def _days(by_name: dict[tuple[str, str], Lived], patient: str) -> None:
    """Of the person alone: what others saw on those days stands on « Suivi »."""
    names = ("response__device_id", "response__after", "response__day", "response_id", "response__answered_by")
    answer = ("response__source", "item", "score", "words", "absent_reason")
    found: QuerySet[FormAnswer] = FormAnswer.objects.filter(
        response__patient=patient, response__about_relative=False, response__day__range=(1, DAYS_MAX)
    ).exclude(response__after="")
    rows: Iterable[Any] = found.order_by("response_id").values_list(*names, *answer)
    for box, name, day, response, by, source, *told in rows:
        one = by_name.get((box, name))
        if one is None or not _is_person(by, source):
            continue
        if day not in one.days or one.days[day].evaluation != response:
            one.days[day] = Asked(response, by_person=True)
        _take(one.days[day], *told)


def _take(asked: Asked, item: str, score: int | None, words: str, absent_reason: str) -> None:
    if score is not None:
        asked.scores[item] = score
    elif words:
        asked.comment = True
    elif item != COMMENT:
        asked.silences[absent_reason] += 1


COMMENT = "commentaire"


def _is_person(answered_by: str, source: str) -> bool:
    return answered_by in BY_PERSON and not source.startswith(("RelatedPerson/", "Practitioner/"))
