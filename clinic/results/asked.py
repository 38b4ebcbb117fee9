"""What a person was asked last, and whether they answered: by it a silence is judged (X4, clinic.fleet.silence)."""

from collections.abc import Iterable, Iterator

from clinic.fleet.boxes import boxes_of
from clinic.fleet.corrected_time import correct, plausible
from clinic.fleet.heartbeats import contact_of
from clinic.fleet.silence import Asked, Silence, silence
from clinic.people.models import Patient
from clinic.plans.in_force import plan_in_force
from clinic.plans.models import CarePlan
from clinic.results.interpret import stamp_of
from clinic.results.models import Evaluation, FormResponse, Listening, Session
from clinic.results.models.answer import GivenAnswer
from clinic.results.pending import pending
from mqtt_bridge.contract.schedule import FormRequest

DAY_MS = 86_400_000
EARLY_MS = DAY_MS // 2
"""A form is due by the calendar of where the box stands: an answer may come so long before our own reckoning."""
DECLINED, NOT_ASKED = "asked-declined", "not-asked"
ASKED_AFTER = ("heard_whole", "stopped")
"""After these outcomes of a care the box asks how it was."""


def silence_of(patient: Patient, now_ms: int) -> Silence | None:
    """What is known of the person's silence; None: they have no box."""
    boxes = boxes_of(patient)
    if not boxes:
        return None
    nearest = max(boxes, key=lambda one: one.last_seen_ms or 0)
    asked = asked_of(patient, now_ms)
    waits = any(one.answered_ms is None for one in asked)
    return silence(contact_of(nearest, (pending(nearest) or 0) if waits else 0), asked, now_ms)


def asked_of(patient: Patient, now_ms: int) -> list[Asked]:
    """The last care, and the last turn of each form that is asked at a rhythm."""
    return [*_last_care(patient), *_forms(patient, now_ms)]


def _last_care(patient: Patient) -> Iterator[Asked]:
    found = Session.objects.filter(patient=patient).order_by("-first_received_ms", "-pk")
    session = found.select_related("device").prefetch_related("listenings", "evaluations__answers").first()
    if session is not None:
        yield from _care(session)


def _care(session: Session) -> Iterator[Asked]:
    heard = max(session.listenings.all(), key=lambda one: one.pk, default=None)
    told = {one.moment: one for one in sorted(session.evaluations.all(), key=lambda one: one.pk)}
    began_ms = session.first_received_ms if session.error_ms is None else session.started_ms
    after, before = told.get("after"), told.get("before")
    if after is not None:
        yield _answered(session.care, began_ms, after)
    elif heard is None or heard.outcome in ASKED_AFTER:
        yield Asked(session.care, began_ms if heard is None else _ended_ms(heard, began_ms))
    elif before is not None:  # the sound failed: what was answered before it is the last word
        yield _answered(session.care, began_ms, before)


def _answered(what: str, since_ms: int, told: Evaluation) -> Asked:
    when = plausible(correct(told.session.device, stamp_of(told)), told.row.received_ms)
    at_ms = told.row.received_ms if when.error_ms is None else when.at_ms
    return Asked(what, since_ms, at_ms, _declined(told.answers.all()))


def _ended_ms(heard: Listening, began_ms: int) -> int:
    ran_ms = heard.ended_monotonic_ms - heard.monotonic_ms if heard.boot == heard.ended_boot else 0
    return began_ms + max(0, ran_ms)


def _forms(patient: Patient, now_ms: int) -> Iterator[Asked]:
    plan = plan_in_force(patient)
    for form in plan.content.forms if plan else ():
        if plan is not None and not form.about_relative and (turn_ms := _turn_ms(form, plan, now_ms)) is not None:
            yield _form(patient, form, turn_ms)


def _turn_ms(form: FormRequest, plan: CarePlan, now_ms: int) -> int | None:
    """When its last turn began; None: it has had none under this plan."""
    every_ms = form.every_days * DAY_MS
    if now_ms < form.start_ms:
        return None
    turn_ms = form.start_ms + (now_ms - form.start_ms) // every_ms * every_ms
    return max(turn_ms, plan.signed_ms) if turn_ms + form.open_days * DAY_MS > plan.signed_ms else None


def _form(patient: Patient, form: FormRequest, turn_ms: int) -> Asked:
    given = FormResponse.objects.filter(patient=patient, request=form.id).order_by("-received_ms", "-pk")
    last = given.prefetch_related("answers").first()
    if last is None or last.known_ms < turn_ms - EARLY_MS:
        return Asked(form.title, turn_ms)
    return Asked(form.title, turn_ms, last.known_ms, _declined(last.answers.all()))


def _declined(answers: Iterable[GivenAnswer]) -> bool:
    """Whether everything that was asked was declined. An answer to one question is an answer."""
    asked = [one for one in answers if one.absent_reason != NOT_ASKED]
    return bool(asked) and all(one.absent_reason == DECLINED for one in asked)
