"""What people were asked last, and whether they answered: by it a silence is judged (X4, clinic.fleet.silence).

Of one person or of many by the same questions to the database: seven of them at most.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery, Window
from django.db.models.functions import RowNumber

from clinic.fleet.corrected_time import corrected, plausible
from clinic.fleet.heartbeats import contact_of
from clinic.fleet.models import BootClock, Device, DeviceAssociation
from clinic.fleet.silence import Asked, Silence, silence
from clinic.people.models import Patient
from clinic.plans.in_force import plans_in_force
from clinic.plans.models import CarePlan
from clinic.results.interpret import stamp_of
from clinic.results.models import Answer, Evaluation, FormAnswer, FormResponse, Listening, Session
from clinic.results.pending import pending_of
from mqtt_bridge.contract.schedule import FormRequest

DAY_MS = 86_400_000
EARLY_MS = DAY_MS // 2
"""A form is due by the calendar of where the box stands: an answer may come so long before our own reckoning."""
DECLINED, NOT_ASKED = "asked-declined", "not-asked"
ASKED_AFTER = ("heard_whole", "stopped")
"""After these outcomes of a care the box asks how it was."""
_THIS = OuterRef("pk")
Clocks = dict[tuple[str, str], BootClock]
"""By box and boot."""


def silence_of(patient: Patient, now_ms: int) -> Silence | None:
    """What is known of the person's silence; None: they have no box."""
    return silences_of([patient.id], now_ms).get(patient.id)


def silences_of(patients: Collection[str], now_ms: int) -> dict[str, Silence]:
    """The same of many: who has no box is not in it."""
    nearest = _nearest_boxes(patients)
    asked = asked_of(nearest, now_ms)
    waiting = {patient for patient, found in asked.items() if any(one.answered_ms is None for one in found)}
    kept = pending_of({nearest[patient] for patient in waiting})
    return {
        patient: silence(contact_of(box, kept.get(box.id, 0) if patient in waiting else 0), asked[patient], now_ms)
        for patient, box in nearest.items()
    }


def _nearest_boxes(patients: Collection[str]) -> dict[str, Device]:
    """Of each person the box that was heard last, of those that are theirs now."""
    here = DeviceAssociation.objects.filter(patient__in=patients, until_ms=None, device__revoked_ms=None)
    boxes: dict[str, list[Device]] = {}
    for one in here.select_related("device__hello").order_by("device"):
        boxes.setdefault(one.patient_id, []).append(one.device)
    return {patient: max(found, key=lambda box: box.last_seen_ms or 0) for patient, found in boxes.items()}


def asked_of(patients: Collection[str], now_ms: int) -> dict[str, list[Asked]]:
    """Of each the last care, and the last turn of each form that is asked at a rhythm."""
    found: dict[str, list[Asked]] = {patient: [] for patient in patients}
    if found:
        for patient, one in (*_last_cares(patients), *_forms(patients, now_ms)):
            found[patient].append(one)
    return found


@dataclass
class _Care:
    """The last care of a person, as far as its reports have come. `told`: the last evaluation of each moment."""

    session: Session
    heard: Listening | None = None
    told: dict[str, Any] = field(default_factory=dict)


def _last_cares(patients: Collection[str]) -> Iterator[tuple[str, Asked]]:
    """A session is there by one report of it at least."""
    last = Session.objects.filter(patient=OuterRef("pk")).order_by("-first_received_ms", "-pk").values("pk")[:1]
    which = Patient.objects.filter(pk__in=patients).annotate(last=Subquery(last)).order_by().values("last")
    cares: dict[int, _Care] = {}
    for heard in Listening.objects.filter(session__in=which).select_related("session").order_by("pk"):
        cares.setdefault(heard.session_id, _Care(heard.session)).heard = heard
    evaluations = _with_declined(Evaluation.objects.filter(session__in=which), Answer.objects.filter(evaluation=_THIS))
    told = list(evaluations.annotate(received_ms=F("row__received_ms")).select_related("session").order_by("pk"))
    for one in told:
        cares.setdefault(one.session_id, _Care(one.session)).told[one.moment] = one
    clocks = _clocks(told)
    for care in cares.values():
        for asked in _care(care, clocks):
            yield care.session.patient_id, asked


def _with_declined(found: QuerySet[Any], answers: QuerySet[Any]) -> QuerySet[Any]:
    """`declined`: everything that was asked was declined. An answer to one question is an answer."""
    asked = answers.exclude(absent_reason=NOT_ASKED)
    told: QuerySet[Any] = found.annotate(declined=Exists(asked) & ~Exists(asked.exclude(absent_reason=DECLINED)))
    return told


def _clocks(told: list[Any]) -> Clocks:
    """Of the boots in which these were answered."""
    boxes, boots = {one.session.device_id for one in told}, {one.boot for one in told}
    return {(one.device_id, one.boot): one for one in BootClock.objects.filter(device__in=boxes, boot__in=boots)}


def _care(care: _Care, clocks: Clocks) -> Iterator[Asked]:
    session, heard, before, after = care.session, care.heard, care.told.get("before"), care.told.get("after")
    began_ms = session.first_received_ms if session.error_ms is None else session.started_ms
    if after is not None:
        yield _answered(session, began_ms, after, clocks)
    elif heard is None or heard.outcome in ASKED_AFTER:
        yield Asked(session.care, began_ms if heard is None else _ended_ms(heard, began_ms))
    elif before is not None:  # the sound failed: what was answered before it is the last word
        yield _answered(session, began_ms, before, clocks)


def _answered(session: Session, since_ms: int, told: Any, clocks: Clocks) -> Asked:
    when = plausible(corrected(clocks.get((session.device_id, told.boot)), stamp_of(told)), told.received_ms)
    at_ms = told.received_ms if when.error_ms is None else when.at_ms
    return Asked(session.care, since_ms, at_ms, told.declined)


def _ended_ms(heard: Listening, began_ms: int) -> int:
    ran_ms = heard.ended_monotonic_ms - heard.monotonic_ms if heard.boot == heard.ended_boot else 0
    return began_ms + max(0, ran_ms)


def _forms(patients: Collection[str], now_ms: int) -> Iterator[tuple[str, Asked]]:
    due = [
        (patient, form, turn_ms)
        for patient, plan in plans_in_force(patients).items()
        for form in plan.content.forms
        if not form.about_relative and (turn_ms := _turn_ms(form, plan, now_ms)) is not None
    ]
    given = _last_given({patient for patient, _, _ in due}, {form.id for _, form, _ in due}) if due else {}
    for patient, form, turn_ms in due:
        yield patient, _form(form, turn_ms, given.get((patient, form.id)))


def _turn_ms(form: FormRequest, plan: CarePlan, now_ms: int) -> int | None:
    """When its last turn began; None: it has had none under this plan."""
    every_ms = form.every_days * DAY_MS
    if now_ms < form.start_ms:
        return None
    turn_ms = form.start_ms + (now_ms - form.start_ms) // every_ms * every_ms
    return max(turn_ms, plan.signed_ms) if turn_ms + form.open_days * DAY_MS > plan.signed_ms else None


def _last_given(patients: Collection[str], requests: Collection[str]) -> dict[tuple[str, str], Any]:
    """The answer to each form that came last from each of them."""
    newest = Window(RowNumber(), partition_by=["patient", "request"], order_by=["-received_ms", "-pk"])
    every = FormResponse.objects.filter(patient__in=patients, request__in=requests).annotate(place=newest)
    last = FormResponse.objects.filter(pk__in=every.filter(place=1).values("pk"))
    told = _with_declined(last, FormAnswer.objects.filter(response=_THIS))
    return {(one.patient_id, one.request): one for one in told}


def _form(form: FormRequest, turn_ms: int, last: Any) -> Asked:
    """`last`: how it was last answered, None: never."""
    if last is None or last.known_ms < turn_ms - EARLY_MS:
        return Asked(form.title, turn_ms)
    return Asked(form.title, turn_ms, last.known_ms, last.declined)
