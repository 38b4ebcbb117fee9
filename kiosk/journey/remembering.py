"""What the box notes of a care for the garden (A13), beside its reports: of which kind it was, and whether it eased."""

from kiosk.journey import framing
from kiosk.journey.events import Scores
from kiosk.journey.notes import CareNote
from kiosk.journey.session import Session
from kiosk.journey.state import Journey
from mqtt_bridge.contract.forms import Cone, Questionnaire, QuestionnaireResponse
from mqtt_bridge.contract.questions import screens
from mqtt_bridge.contract.report import Evaluation


def of_care(session: Session) -> CareNote:
    """A care has ended, however."""
    return CareNote(session.plan.patient, session.id, session.request.kind)


def of_answers(journey: Journey, session: Session, given: Evaluation) -> tuple[CareNote, ...]:
    """The questions after a care were answered."""
    before = scores_before(journey, session.id)
    if given.moment == "before" or before is None:
        return ()
    eased = eased_of(session.form, before, given.response)
    return (CareNote(session.plan.patient, session.id, session.request.kind, eased),)


def scores_before(journey: Journey, session: str) -> Scores | None:
    """What was answered before a care that has been heard; None: nothing is known of it."""
    past = framing.own_past(journey)
    return next((one.before for one in past.cares if one.session == session), None) if past else None


def eased_of(form: Questionnaire, before: Scores, after: QuestionnaireResponse) -> int | None:
    """By how many steps the cones moved to the better side, on average, 0 at least; None: not answered twice."""
    ramps = {one.question.link_id: one.question.ramp for one in screens(form) if isinstance(one.question, Cone)}
    moved = [
        (score - height) if ramps[name] == "pleasant" else (height - score)
        for name, height in before
        if name in ramps and (score := after.score(name)) is not None
    ]
    return max(0, round(sum(moved) / len(moved))) if moved else None
