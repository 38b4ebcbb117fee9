"""Answering a request for help: seen, taken, closed with what was done."""

from django.db.models import Q, QuerySet

from clinic.clock import now_ms
from clinic.correspondence.models import HelpRequest
from clinic.errors import RecordError
from clinic.people.access import of_their_patients
from clinic.people.may import What, may
from clinic.people.models import Practitioner

DONE_MAX = 1000
CLOSED_SHOWN_MAX = 30


def seen_by(who: Practitioner, what: What = What.READ_RECORD) -> QuerySet[HelpRequest]:
    """Those of their patients; and, for whoever gives care, those that bear nobody's name."""
    mine = Q(of_their_patients(who, what))
    nobodys = Q(patient=None) if may(who.role, What.ANSWER_HELP) else Q(pk=None)
    return HelpRequest.objects.filter(mine | nobodys).select_related("patient", "device", "owner", "closed_by")


def still_open(who: Practitioner) -> QuerySet[HelpRequest]:
    """The one that waits longest first."""
    return seen_by(who).filter(closed_ms=None).order_by("received_ms", "pk")


def closed(who: Practitioner) -> QuerySet[HelpRequest]:
    return seen_by(who).exclude(closed_ms=None).order_by("-closed_ms")[:CLOSED_SHOWN_MAX]


def take(asked: HelpRequest, by: Practitioner) -> None:
    """Theirs to answer. Who takes it over from another is its owner from then on. Raises RecordError: it is closed."""
    if not HelpRequest.objects.filter(pk=asked.pk, closed_ms=None).update(owner=by, taken_ms=now_ms()):
        raise RecordError("this request for help is closed already")


def close(asked: HelpRequest, by: Practitioner | None, done: str) -> None:
    """Raises RecordError: nothing said of what was done, or closed already."""
    if not done.strip():
        raise RecordError("say what was done: it stays in the record")
    told = {"closed_ms": now_ms(), "closed_by": by, "done": done.strip()[:DONE_MAX]}
    if not HelpRequest.objects.filter(pk=asked.pk, closed_ms=None).update(**told):
        raise RecordError("this request for help is closed already")
