"""Messages over all of one's patients (A16): who wrote last, who waits, whose it is to answer."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import BigIntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest

from clinic.coordination.models import Task
from clinic.coordination.tasks import end_by_answering
from clinic.correspondence.messaging import Marks, marks_of, send, unread_messages
from clinic.correspondence.models import MessageFromPatient, MessageToPatient
from clinic.people.access import patients_of
from clinic.people.may import What
from clinic.people.models import Patient, Practitioner
from clinic.plans.orders import Pen


def answer(patient: Patient, sender: Practitioner, text: str, replies: Collection[str], pen: Pen) -> MessageToPatient:
    """Write to the person; what waited for an answer waits no more. Raises RecordError, as `send`."""
    with transaction.atomic():
        kept = send(patient, sender, text, replies, pen)
        end_by_answering(patient, sender)
    return kept


def waiting_of(patient: Patient) -> Task | None:
    """The message that waits for an answer, with who has taken it."""
    found = Task.objects.filter(patient=patient, kind=Task.Kind.MESSAGE, ended_ms=None)
    return found.select_related("owner").first()


@dataclass(frozen=True)
class Thread:
    """One patient's messages. `theirs`: the person's last one, `ours`: the team's, with how far it came."""

    patient: Patient
    theirs: MessageFromPatient | None
    ours: MessageToPatient | None
    marks: Marks | None
    waits: Task | None
    unread: int

    @property
    def theirs_is_last(self) -> bool:
        ours_ms = self.ours.sent_ms if self.ours else 0
        return self.theirs is not None and self.theirs.known_ms >= ours_ms


def threads(who: Practitioner, only: str = "") -> QuerySet[Patient]:
    """The reader's patients with whom anything was written: who waits longest first, then the last written.

    only: `waiting`, or `mine` for those that this reader has taken.
    """
    waits = Task.objects.filter(patient=OuterRef("pk"), kind=Task.Kind.MESSAGE, ended_ms=None)
    waits = waits.filter(owner=who) if only == "mine" else waits
    theirs = MessageFromPatient.objects.filter(patient=OuterRef("pk")).order_by("-received_ms", "-pk")
    ours = MessageToPatient.objects.filter(patient=OuterRef("pk")).order_by("-sent_ms", "-pk")
    found = patients_of(who, What.READ_RECORD).annotate(
        theirs_pk=Subquery(theirs.values("pk")[:1]),
        ours_pk=Subquery(ours.values("pk")[:1]),
        waits_ms=Subquery(waits.values("authored_ms")[:1]),
        last_ms=Greatest(_or_0(theirs.values("received_ms")[:1]), _or_0(ours.values("sent_ms")[:1])),
    )
    found = found.filter(Q(theirs_pk__isnull=False) | Q(ours_pk__isnull=False))
    if only:
        found = found.exclude(waits_ms=None)
    return found.order_by(Coalesce("waits_ms", 2**62, output_field=BigIntegerField()), "-last_ms", "id")


def _or_0(found: QuerySet[Any, Any]) -> Coalesce:
    return Coalesce(Subquery(found), 0, output_field=BigIntegerField())


def tell(who: Practitioner, found: Collection[Patient]) -> list[Thread]:
    """Of these patients, as `threads` gave them."""
    ids = [one.id for one in found]
    theirs = {m.pk: m for m in MessageFromPatient.objects.filter(pk__in=_keys(found, "theirs_pk"))}
    sent = MessageToPatient.objects.filter(pk__in=_keys(found, "ours_pk")).select_related("sender")
    ours = {m.pk: m for m in sent.prefetch_related("orders", "openings")}
    open_tasks = Task.objects.filter(patient__in=ids, kind=Task.Kind.MESSAGE, ended_ms=None).select_related("owner")
    waits, unread = {task.patient_id: task for task in open_tasks}, unread_messages(who, ids)
    return [
        Thread(
            patient=one,
            theirs=theirs.get(getattr(one, "theirs_pk", 0)),
            ours=(word := ours.get(getattr(one, "ours_pk", 0))),
            marks=marks_of(word) if word else None,
            waits=waits.get(one.id),
            unread=unread.get(one.id, 0),
        )
        for one in found
    ]


def _keys(found: Collection[Patient], name: str) -> list[int]:
    return [key for one in found if (key := getattr(one, name)) is not None]
