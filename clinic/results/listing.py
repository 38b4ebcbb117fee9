"""The single sessions of one patient, narrowed to a care, a period, or to those with a comment; a page at a time."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from clinic.results.models import Answer, Evaluation, Listening, Session
from clinic.results.sessions import Beside, SessionRecord, known_ms, records, sessions


@dataclass(frozen=True)
class Narrowed:
    """care: a request's id, empty for all. since_ms: 0 for all. commented: with somebody's words alone."""

    care: str = ""
    since_ms: int = 0
    commented: bool = False


def narrowed(patient: str, to: Narrowed) -> QuerySet[Session]:
    """Latest first."""
    found = sessions(patient).select_related(None)
    if to.care:
        found = found.filter(request=to.care)
    if to.since_ms:
        found = found.annotate(known=known_ms()).filter(known__gte=to.since_ms)
    if to.commented:
        words = Answer.objects.filter(evaluation__session=OuterRef("pk")).exclude(words="")
        found = found.filter(Exists(words))
    return found


def listed(patient: str, to: Narrowed, start: int, number: int) -> list[SessionRecord]:
    """So many from `start` on, and one more where there are more. Five queries; of those with a comment four.

    Without what stands beside a session (what the answers proposed, why it was stopped): its own page tells that. Where
    only words are asked for, without what was heard either: who has read is then told of the answers.
    """
    found = narrowed(patient, to)
    if to.commented:
        answered = Prefetch("evaluations", Evaluation.objects.order_by("id").prefetch_related("answers"))
        found = found.prefetch_related(None).prefetch_related(
            answered, Prefetch("listenings", Listening.objects.none())
        )
    return records(list(found[start : start + number + 1]), Beside({}, {}))


def cares_of(patient: str) -> dict[str, str]:
    """Every care that this patient has had: by its request, under its last title."""
    found = Session.objects.filter(patient=patient).order_by("pk").values_list("request", "care")
    return dict(sorted(dict(found.distinct()).items(), key=lambda one: one[1].casefold()))
