"""Signing a checklist, finding the last one, and making a task of what is missing. It forbids nothing."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from clinic.clock import now_ms
from clinic.coordination import tasks
from clinic.coordination.models import Task
from clinic.errors import RecordError
from clinic.people.models import Patient, Practitioner
from clinic.suitability.checklist import NO, NOT_SEEN, checklist_of, current
from clinic.suitability.models import HomeChecklist, HomeChecklistAnswer

REMARK_MAX, REASON_MAX, INFORMANT_MAX = 300, 1000, 200


@dataclass(frozen=True)
class Answered:
    answer: str = NOT_SEEN
    remark: str = ""


@dataclass(frozen=True)
class Assessment:
    """What somebody found. `answers`: by the line's id; a line without one was not seen."""

    made_on: dt.date
    place: str
    method: str
    outcome: str
    answers: Mapping[str, Answered]
    informant: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Newest:
    """The last checklist of somebody, in one line."""

    outcome: str
    made_on: dt.date


def wants_reason(outcome: str, answers: Iterable[str]) -> bool:
    """Whether it has to be said why: always, but where the place suits, something was seen, and nothing is a « no »."""
    given = set(answers)
    return outcome != HomeChecklist.Outcome.SUITABLE or NO in given or given <= {NOT_SEEN}


def sign(patient: Patient, by: Practitioner, told: Assessment) -> HomeChecklist:
    """One more version. Raises RecordError: an answer that its line does not know, or no reason where one is wanted."""
    checklist = current()
    known = {line.id: line for line in checklist.line}
    unknown = sorted(set(told.answers) - set(known))
    if unknown:
        raise RecordError(f"{checklist.canonical} has no line {', '.join(unknown)}: it has {', '.join(known)}")
    given = {name: told.answers.get(name, Answered()) for name in known}
    for name, one in given.items():
        if one.answer not in known[name].answers:
            raise RecordError(f"line {name}: {one.answer!r} is none of {', '.join(known[name].answers)}")
    _check(told)
    with transaction.atomic():
        kept = HomeChecklist.objects.create(
            patient=patient, questionnaire=checklist.canonical, place=told.place, method=told.method,
            informant=told.informant.strip()[:INFORMANT_MAX], made_on=told.made_on, author=by, authored_ms=now_ms(),
            outcome=told.outcome, reason=told.reason.strip()[:REASON_MAX],
        )  # fmt: skip
        HomeChecklistAnswer.objects.bulk_create(
            HomeChecklistAnswer(checklist=kept, item=name, answer=one.answer, remark=one.remark.strip()[:REMARK_MAX])
            for name, one in given.items()
        )
    return kept


def _check(told: Assessment) -> None:
    for said, allowed in (
        (told.place, HomeChecklist.Place.values),
        (told.method, HomeChecklist.Method.values),
        (told.outcome, HomeChecklist.Outcome.values),
    ):
        if said not in allowed:
            raise RecordError(f"{said!r} is none of {', '.join(allowed)}")
    answers = [one.answer for one in told.answers.values()]
    if wants_reason(told.outcome, answers) and not told.reason.strip():
        raise RecordError("say why, and what is to be arranged: the decision is yours, no answer makes it")


def checklists_of(patient: Patient) -> QuerySet[HomeChecklist]:
    """The newest first, by when they were signed."""
    return HomeChecklist.objects.filter(patient=patient).select_related("author").order_by("-authored_ms", "-pk")


def newest_of(patients: Iterable[str] | QuerySet[Patient]) -> dict[str, Newest]:
    """The last one of each of these (identifiers, or a query of patients); who has none is left out. One query."""
    found = HomeChecklist.objects.filter(patient__in=patients).order_by("authored_ms", "pk")
    return {whose: Newest(outcome, day) for whose, outcome, day in found.values_list("patient", "outcome", "made_on")}


def ask_for(answer: HomeChecklistAnswer, by: Practitioner) -> Task:
    """A task of the line's remedy, with what was remarked. Raises RecordError: no « no », or asked for already."""
    lines = {line.id: line for line in checklist_of(answer.checklist.questionnaire).line}
    line = lines.get(answer.item)
    if line is None:
        raise RecordError(f"line {answer.item}: this version does not know it")
    if answer.answer != NO:
        raise RecordError(f"line {line.id}: only what is missing becomes a task")
    with transaction.atomic():
        task = tasks.give(answer.checklist.patient, by, f"{line.title}\u00a0: {line.remedy}", note=answer.remark)
        asked = HomeChecklistAnswer.objects.filter(pk=answer.pk, task=None).update(task=task)
        if not asked:
            raise RecordError(f"line {line.id}: somebody has made a task of it already")
    return task
