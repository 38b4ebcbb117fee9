"""What came from a patient's box: sessions, forms, lessons."""

from typing import Any

from django.db.models import Case, F, OuterRef, QuerySet, Subquery, When
from django.db.models.expressions import Combinable

from clinic.events import Rows, rows
from clinic.people.models import Patient
from clinic.results.models import Answer, FormResponse, LessonReading, Listening, Session
from clinic.results.sessions import known_ms


def when() -> Combinable:
    """As `Timed.known_ms`, in the database."""
    return Case(When(error_ms=None, then=F("received_ms")), default=F("at_ms"))


def uncertain() -> Combinable:
    return Case(When(error_ms=None, then=True), default=False)


def events_of(patient: Patient) -> list[Rows]:
    forms, lessons = FormResponse.objects.filter(patient=patient), LessonReading.objects.filter(patient=patient)
    return [
        rows(
            "session", Session.objects.filter(patient=patient), at=known_ms(), uncertain=uncertain(),
            code=Subquery(_heard("outcome")), what="care", said=Subquery(_comment()), ref="session",
        ),
        rows(
            "form", forms, at=when(), uncertain=uncertain(), code="answered_by", what="title", said="purpose",
            ref="status",
        ),
        rows("lesson", lessons, at=when(), uncertain=uncertain(), what="title", code="pages_read", ref="pages"),
    ]  # fmt: skip


def _heard(field: str) -> QuerySet[Any, Any]:
    """Of the last word on what was heard in a session."""
    heard: QuerySet[Any, Any] = Listening.objects.filter(session=OuterRef("pk"))
    return heard.order_by("-id").values(field)[:1]


def _comment() -> QuerySet[Any, Any]:
    """The person's last own words of a session."""
    told: QuerySet[Any, Any] = Answer.objects.filter(evaluation__session=OuterRef("pk"), item="commentaire").exclude(
        words=""
    )
    return told.order_by("-id").values("words")[:1]
