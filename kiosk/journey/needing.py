"""The need of the moment (A14): what the answers just given propose. It is offered; what was chosen stays there."""

from dataclasses import replace

from kiosk.journey import framing, remembering
from kiosk.journey.places.forms import Form, FormSent
from kiosk.journey.places.need import Needing, Worrying
from kiosk.journey.session import Session
from kiosk.journey.state import Explaining, Home, Journey, Place, Thanking
from kiosk.journey.turn import Turn, go
from mqtt_bridge.contract.care import ServiceRequest
from mqtt_bridge.contract.forms import QuestionnaireResponse, answered
from mqtt_bridge.contract.need import HELP, Need, needs_of, of_the_house
from mqtt_bridge.contract.report import Chosen, Evaluation, NeedTold
from mqtt_bridge.contract.stamp import Stamp

OFFERS_MAX = 2
"""Beside what was chosen: more than three large tiles are no help to somebody who is anxious."""


def proposed(journey: Journey, session: Session, given: Evaluation, at: Stamp) -> Needing | None:
    """What these answers propose and what can be had now; None when nothing is."""
    plan = journey.plan
    rules = plan.needs if plan and not journey.problem and plan.patient.id == session.plan.patient else ()
    found = needs_of(rules, given.moment, given.response, _before(journey, session, given))
    needs = tuple(need for need in found if _can_be_had(journey, session, given, need, at))[:OFFERS_MAX]
    return Needing(session, given, needs) if needs else None


def after_form(form: Form, given: QuestionnaireResponse) -> Worrying | None:
    """Strong pain told in a form apart from a care offers a carer, too; not to the carer who answers it."""
    if form.occasion.about_relative or form.filling.answered_by == "carer":
        return None
    return next((Worrying(form.occasion.id, form.plan, need) for need in of_the_house(given, None)), None)


def onward(place: Needing | Worrying, at: Stamp) -> Place:
    """What was chosen, or the end of the care or form: where the journey goes when nothing else is wanted."""
    if isinstance(place, Worrying):
        return FormSent(place.occasion, place.plan, at.monotonic_ms)
    if place.given.moment == "before":
        return Explaining(place.session)
    return Thanking(place.session, at.monotonic_ms)


def offered(journey: Journey, need: Need) -> ServiceRequest | None:
    """The care that is proposed, as the plan in force has it."""
    activity = journey.plan.activity if journey.plan else ()
    return next((request for request in activity if request.id == need.offer), None)


def told(place: Needing | Worrying, chosen: str | None = None) -> tuple[NeedTold, ...]:
    """How each proposal ended. chosen: the rule that was followed, `kept` when what was chosen was, None: they left."""
    if isinstance(place, Worrying):
        need = place.need
        return (NeedTold(session=place.occasion, rule=need.rule, offered=need.offer, chosen=_fate(need, chosen)),)
    return tuple(
        NeedTold(session=place.session.id, rule=need.rule, offered=need.offer, chosen=_fate(need, chosen))
        for need in place.needs
    )


def left(journey: Journey, place: Needing | Worrying) -> Turn:
    """Nobody has chosen. The reports are of who answered, whoever is in front of the box now."""
    plan = place.plan if isinstance(place, Worrying) else place.session.plan
    return replace(go(journey, Home(), reports=told(place)), whose=plan)


def helped(journey: Journey, at: Stamp) -> tuple[Journey, tuple[NeedTold, ...]]:
    """Help has been asked for: that proposal is over, the others stay."""
    place = journey.place
    if isinstance(place, Worrying):
        return replace(journey, place=onward(place, at)), told(place, place.need.rule)
    if not isinstance(place, Needing):
        return journey, ()
    followed = replace(place, needs=tuple(need for need in place.needs if need.offer == HELP))
    rest = replace(place, needs=tuple(need for need in place.needs if need.offer != HELP))
    reports = tuple(report for need in followed.needs for report in told(replace(place, needs=(need,)), need.rule))
    return replace(journey, place=rest if rest.needs else onward(place, at)), reports


def _fate(need: Need, chosen: str | None) -> Chosen:
    if need.rule != chosen:
        return "kept" if chosen == "kept" else "left"
    return "help" if need.offer == HELP else "offered"


def _can_be_had(journey: Journey, session: Session, given: Evaluation, need: Need, at: Stamp) -> bool:
    """Never offer what cannot be started, nor what was chosen already."""
    if need.offer == HELP:
        return True
    request = offered(journey, need)
    if request is None or (given.moment == "before" and request.id == session.request.id):
        return False
    return framing.refusal(journey, request, session.plan.patient, at) is None


def _before(journey: Journey, session: Session, given: Evaluation) -> QuestionnaireResponse | None:
    """The answers before the same care, when these came after it: what risen means."""
    before = remembering.scores_before(journey, session.id)
    if given.moment == "before" or before is None:
        return None
    items = tuple(answered(name, height) for name, height in before)
    response = given.response
    return QuestionnaireResponse(
        questionnaire=response.questionnaire,
        status="completed",
        subject=response.subject,
        source=response.source,
        item=items,
    )
