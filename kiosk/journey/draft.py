"""What must survive a power cut while a care is under way. One at most is kept, in clear, until it is confirmed."""

from typing import Literal

from mqtt_bridge.contract.care import Identifier, PlanReference, ServiceRequest
from mqtt_bridge.contract.codec import Word
from mqtt_bridge.contract.forms import Questionnaire, ResponseItem
from mqtt_bridge.contract.report import Moment
from mqtt_bridge.contract.stamp import Stamp

DraftStep = Literal["asking", "explaining", "ready", "playing", "resting"]


class Draft(Word, frozen=True):
    """The care under way, with its prescription and its form: enough to go on even if the plan has changed."""

    step: DraftStep
    session: Identifier
    request: ServiceRequest
    form: Questionnaire
    plan: PlanReference
    saved: Stamp
    moment: Moment = "before"
    asked: Stamp | None = None
    items: tuple[ResponseItem, ...] = ()
    index: int = 0
    text: str = ""
    """The comment under way."""
    page: int = 0
    started: Stamp | None = None
    ended: Stamp | None = None
    frames_played: int = 0
    frames_total: int = 0
    rate_hz: int = 0
    gain_db: float = 0.0


RESUME_MS = 10 * 60_000
"""A kiosk that is back so soon, in the same boot, goes on where it was. Later, another person may be in front of it."""


def is_recent(draft: Draft, at: Stamp) -> bool:
    """Whether the same person is probably still there."""
    return draft.saved.boot == at.boot and at.monotonic_ms - draft.saved.monotonic_ms <= RESUME_MS
