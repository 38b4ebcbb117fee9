"""One's own patients: found as one types, narrowed by place and by what is new or due, and what is new of each."""

import functools
import operator
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

from django.db.models import CharField, Count, Exists, F, Max, OuterRef, Q, QuerySet, Value

from clinic.clock import now_ms
from clinic.correspondence.delivering import deliveries_under_way
from clinic.correspondence.messaging import unread_from_patients
from clinic.correspondence.models import HelpRequest
from clinic.people.access import patients_of
from clinic.people.may import What, may
from clinic.people.models import Establishment, Patient, Practitioner
from clinic.people.searching import plain
from clinic.plans.orders import DAY_MS
from clinic.results.models import Session
from clinic.results.reading import unread_form_responses, unread_whole
from clinic.results.sessions import known_ms

Narrowed = Literal["", "new", "due"]
NEW_DAYS = 30
"""Sessions that came before and nobody has read are unread on the patient's own pages; a list of what is new is not a
year long for whoever joins a team today. Forms and messages are new at any age: they are few, and ask for more."""
FOUND_MAX = 8
PATIENTS_A_PAGE = 50


@dataclass(frozen=True)
class Narrowing:
    """`establishment`: its key; 0 for those of none. None and empty narrow nothing."""

    words: str = ""
    establishment: int | None = None
    only: Narrowed = ""


def my_patients(reader: Practitioner, narrowing: Narrowing) -> QuerySet[Patient]:
    """Those whose social part, at least, this reader may read, by name."""
    found = patients_of(reader, What.READ_SOCIAL).select_related("establishment")
    if narrowing.words:
        found = found.filter(_named(narrowing.words))
    if narrowing.establishment is not None:
        found = found.filter(establishment=narrowing.establishment or None)
    if narrowing.only and may(reader.role, What.READ_RECORD):
        found = found.filter(_new(reader) if narrowing.only == "new" else _due())
    return found


def _named(words: str) -> Q:
    """Each word that was typed is in their names, room, INS or identifier, or in the name of where they are."""
    typed = plain(words).split()
    if not typed:
        return Q(pk=None)
    places = [(place.pk, plain(place.name)) for place in Establishment.objects.only("pk", "name")]
    asked = Q()
    for word in typed:
        here = [key for key, name in places if word in name]
        asked &= Q(search_key__contains=word) | Q(establishment__in=here) if here else Q(search_key__contains=word)
    joined = "".join(typed)
    return asked | Q(ins=joined.upper()) if joined.isalnum() and len(joined) == INS_LENGTH else asked


INS_LENGTH = 15


def _new(reader: Practitioner) -> Q:
    """Something of theirs is new for this reader."""
    asked = (Q(Exists(found.filter(patient=OuterRef("pk")))) for found in _unread(reader).values())
    return functools.reduce(operator.or_, asked)


def _unread(reader: Practitioner) -> dict[str, QuerySet[Any]]:
    """What is new, by the name that `New` gives it: not read by this reader; sessions of the last days alone.

    A session counts from when it was first heard of: what of it arrives later than that is told on the patient's pages.
    """
    since_ms = now_ms() - NEW_DAYS * DAY_MS
    return {
        "messages": unread_from_patients(reader),
        "forms": unread_form_responses(reader),
        "sessions": unread_whole(reader).filter(first_received_ms__gte=since_ms),
    }


def _due() -> Q:
    """Somebody has to answer: help that is open, medicines that are under way."""
    return Q(Exists(HelpRequest.objects.filter(patient=OuterRef("pk"), closed_ms=None))) | Q(
        Exists(deliveries_under_way().filter(patient=OuterRef("pk")))
    )


def establishments_of(reader: Practitioner) -> list[Establishment]:
    """Where their patients are."""
    theirs = patients_of(reader, What.READ_SOCIAL).order_by().values("establishment")
    return list(Establishment.objects.filter(pk__in=theirs).order_by("name"))


@dataclass(frozen=True)
class New:
    sessions: int = 0
    forms: int = 0
    messages: int = 0


def new_of(reader: Practitioner, patients: Collection[str]) -> dict[str, New]:
    """What is new for this reader of each of these patients. One query."""
    counted = [
        found.filter(patient__in=patients)
        .order_by()
        .annotate(kind=Value(kind, output_field=CharField()))
        .values_list("patient_id", "kind")
        .annotate(n=Count("pk"))
        for kind, found in _unread(reader).items()
    ]
    told: dict[str, dict[str, int]] = defaultdict(dict)
    for patient, kind, n in counted[0].union(*counted[1:], all=True):
        told[patient][kind] = n
    return {patient: New(**counts) for patient, counts in told.items()}


def last_session_of(patients: Collection[str]) -> dict[str, int]:
    """When the last one of each was."""
    found = Session.objects.filter(patient__in=patients).order_by().values("patient_id")
    return dict(found.annotate(last=Max(known_ms())).values_list("patient_id", F("last")))
