"""Asking a form apart from a care: `ask` begins it, wherever the person is; the forms' chapter goes on from there."""

from dataclasses import replace

from kiosk.journey import filling
from kiosk.journey.evaluation import source_of
from kiosk.journey.occasion import Occasion
from kiosk.journey.places.forms import Form
from kiosk.journey.state import Journey
from kiosk.journey.turn import Turn, go, reference_of
from mqtt_bridge.contract.forms import QuestionnaireResponse, Reference
from mqtt_bridge.contract.report import FormAnswered
from mqtt_bridge.contract.schedule import FollowUp, FormRequest, Respondent
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.contract.teaching import Education

Asker = FormRequest | FollowUp | Education
"""What of a plan has a form asked: at a rhythm, on the days after a care, at the end of a lesson (its read-back)."""


def ask(journey: Journey, asker: Asker, at: Stamp, after: str | None = None, day: int = 0) -> Turn:
    """Begin to ask this form of the person in front. after, day: of which session it is which following day.

    Its answers become one FormAnswered report, then thanks, then home. Raises KeyError: the plan does not carry it.
    """
    plan = journey.plan
    if plan is None:
        raise KeyError(asker.id)
    occasion = Occasion(
        id=f"{journey.epoch}.{journey.count + 1}",
        request=asker.id,
        title=asker.title,
        respondent=None if isinstance(asker, Education) else asker.respondent,
        about_relative=isinstance(asker, FormRequest) and asker.about_relative,
        after=after,
        day=day,
    )
    form = plan.questionnaire(asker.read_back if isinstance(asker, Education) else asker.questionnaire)
    place = Form(occasion, reference_of(plan), at, filling.begin(form, _known(occasion)))
    return go(replace(journey, count=journey.count + 1), place)


def report_of(place: Form, status: str) -> FormAnswered:
    """What was answered. Of a relative's own form the relative is FHIR's subject: it is never the patient's."""
    occasion, form, patient = place.occasion, place.filling, place.plan.patient
    whose = Reference(reference=f"Patient/{patient}")
    return FormAnswered(
        occasion=occasion.id,
        request=occasion.request,
        response=QuestionnaireResponse(
            questionnaire=form.form.canonical,
            status="completed" if status == "completed" else "stopped",
            subject=source_of(patient, "relative") if occasion.about_relative else whose,
            source=source_of(patient, form.answered_by),
            item=filling.answers(form),
        ),
        asked=place.asked,
        answered_by=form.answered_by,
        after=occasion.after,
        day=occasion.day,
    )


def _known(occasion: Occasion) -> Respondent | None:
    """Who answers, where the box need not ask."""
    return "relative" if occasion.about_relative else occasion.respondent
