"""The screens of one person's plan: home, explanations of cares, questions of forms, pages of lessons.

The journey itself makes the views (`chevet-kiosk draw --plan`), so that who writes a plan sees what the box will show.
"""

from collections.abc import Iterator
from dataclasses import replace

from msgspec import structs

from kiosk.journey import asked, filling
from kiosk.journey.places.lessons import LessonOpen
from kiosk.journey.session import Session
from kiosk.journey.show import view_of
from kiosk.journey.state import Explaining, Home, Journey, Place
from kiosk.journey.views import View
from kiosk.words import Words
from mqtt_bridge.contract.care import CarePlan, PlanReference, ServiceRequest
from mqtt_bridge.contract.forms import Questionnaire
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.contract.teaching import Education

AFTERNOON_MS = 15 * 3600_000
EPOCH = "0" * 16


def screens_of(plan: CarePlan, words: Words) -> dict[str, View]:
    """By name: `home`, `care.ID.PAGE`, `form.PLACE.N` (its place among the plan's forms), `lesson.ID.PAGE`.

    On the afternoon of the plan's first day, nothing answered yet. Raises ContractError: a form that no box asks.
    """
    now = Stamp(wall_ms=plan.period.start_ms + AFTERNOON_MS, trusted=True, boot="preview", monotonic_ms=0)
    found = {"home": _shown(plan, Home(), words, now)}
    for request in plan.activity:
        found |= dict(_care(plan, request, words, now))
    for place, form in enumerate(plan.questionnaires):
        found |= dict(_form(form, place, words))
    for lesson in plan.education:
        found |= dict(_lesson(plan, lesson, words, now))
    return found


def _shown(plan: CarePlan, place: Place, words: Words, now: Stamp) -> View:
    return view_of(Journey(epoch=EPOCH, plan=plan, problem="", place=place), words, now)


def _reference(plan: CarePlan) -> PlanReference:
    return PlanReference(patient=plan.patient.id, plan=plan.id, version=plan.version)


def _care(plan: CarePlan, request: ServiceRequest, words: Words, now: Stamp) -> Iterator[tuple[str, View]]:
    session = Session("preview", request, plan.questionnaire(request.questionnaire), _reference(plan))
    for page in range(len(request.explanation) + len(request.advice)):
        yield f"care.{request.id}.{page}", _shown(plan, Explaining(session, page), words, now)


def _form(form: Questionnaire, place: int, words: Words) -> Iterator[tuple[str, View]]:
    """Each question as it stands before it is answered, also one that the answers would leave out."""
    begun = filling.begin(form, asks_who=False)
    for position, one in enumerate(begun.screens):
        shown = filling.show(begun, position)
        if position not in filling.way(shown):
            alone = (structs.replace(one, conditions=()),)
            shown = filling.show(replace(begun, screens=alone), 0)
        yield f"form.{place}.{position}", asked.view_of(shown, form.title, words.back, words)


def _lesson(plan: CarePlan, lesson: Education, words: Words, now: Stamp) -> Iterator[tuple[str, View]]:
    for page in range(len(lesson.pages)):
        opened = LessonOpen(lesson, _reference(plan), opened=now, page=page)
        yield f"lesson.{lesson.id}.{page}", _shown(plan, opened, words, now)
