"""The kiosk starts again: after a power cut, a kill, or simply in the morning. What was under way is told truly."""

from kiosk.journey import evaluation
from kiosk.journey.draft import Draft, is_recent
from kiosk.journey.session import Session, session_of_draft
from kiosk.journey.state import Asking, Explaining, Home, Journey, Resting, Returning
from kiosk.journey.turn import Turn, go
from mqtt_bridge.contract.stamp import Stamp


def power_returned(journey: Journey, draft: Draft | None, at: Stamp) -> Turn:
    """Go on where it was, when the same person is probably still there; else keep what was answered and go home."""
    session = session_of_draft(draft) if draft else None
    if draft is None or session is None:
        return go(journey, Home())
    same_person = journey.plan is None or journey.plan.patient.id == draft.plan.patient
    if draft.step in ("playing", "ready"):
        # Only the player knows whether the sound started, goes on, or has ended meanwhile.
        return go(journey, Returning(session, draft, at.monotonic_ms))
    if draft.step == "explaining":
        return go(journey, Explaining(session, draft.page) if same_person and is_recent(draft, at) else Home())
    asking = _asking(session, draft, at)
    if not same_person:
        return evaluation.left(journey, asking)
    if draft.step == "resting" and _still_night(draft, at):
        return go(journey, Resting(asking))
    return go(journey, asking) if is_recent(draft, at) else evaluation.left(journey, asking)


def _asking(session: Session, draft: Draft, at: Stamp) -> Asking:
    form = evaluation.filling_of_draft(draft)
    return Asking(session, draft.moment, draft.asked or at, form, draft.delay_s, ended=draft.ended)


def _still_night(draft: Draft, at: Stamp) -> bool:
    ended = draft.ended
    if ended is None or ended.boot != at.boot:
        return False
    return at.monotonic_ms - ended.monotonic_ms < evaluation.LEFT_AFTER_MS
