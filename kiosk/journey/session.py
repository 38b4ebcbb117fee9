"""One care chosen by the person."""

from dataclasses import dataclass

from kiosk.journey.draft import Draft, DraftStep, Volume
from mqtt_bridge.contract.care import PlanReference, ServiceRequest
from mqtt_bridge.contract.forms import Questionnaire
from mqtt_bridge.contract.schedule import Respondent
from mqtt_bridge.contract.stamp import Stamp

NEVER = Stamp(wall_ms=0, trusted=False, boot="", monotonic_ms=0)


@dataclass(frozen=True)
class Session:
    """One care chosen by the person, with the prescription as it stood when they chose it.

    volume: settled when it is made ready. answered_by: who answered before the care.
    """

    id: str
    request: ServiceRequest
    form: Questionnaire
    plan: PlanReference
    volume: Volume | None = None
    answered_by: Respondent | None = None


def draft_of_session(session: Session, step: DraftStep) -> Draft:
    """What must survive of a care at this step. `saved` is put in when it is written."""
    return Draft(
        step=step,
        session=session.id,
        request=session.request,
        form=session.form,
        plan=session.plan,
        saved=NEVER,
        volume=session.volume,  # the order to start goes before the disk: « ready » must know it as « playing » does
        answered_by=session.answered_by,
    )


def session_of_draft(draft: Draft) -> Session | None:
    """None: what was under way was no care."""
    if draft.request is None or draft.form is None:
        return None
    return Session(draft.session, draft.request, draft.form, draft.plan, draft.volume, draft.answered_by)
