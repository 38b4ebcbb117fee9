"""What must survive a power cut while a care is under way. One at most is kept, in clear, until it is confirmed."""

from typing import Literal

from kiosk.journey.occasion import Occasion
from mqtt_bridge.contract.care import PlanReference, ServiceRequest
from mqtt_bridge.contract.codec import Word
from mqtt_bridge.contract.forms import Questionnaire, ResponseItem
from mqtt_bridge.contract.identity import Identifier
from mqtt_bridge.contract.need import Need
from mqtt_bridge.contract.report import Evaluation, HeadphonesChange, LevelChange, Moment
from mqtt_bridge.contract.schedule import Respondent
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.contract.teaching import Education

DraftStep = Literal["asking", "explaining", "ready", "playing", "resting", "form", "need", "lesson", "worry"]


class Volume(Word, frozen=True):
    """How loud one session may be, settled before it starts and kept through power cuts.

    gain_db: at the start; gain_max_db: where "louder" ends; dba_at_0_db: level of this package on this box at gain 0;
    week_pa2h: what the person had heard in the seven days before; softened: offered more softly because of that.
    """

    gain_db: float
    gain_max_db: float
    dba_at_0_db: float
    calibration: str
    week_pa2h: float = 0.0
    sensitive: bool = False
    softened: bool = False


class Draft(Word, frozen=True):
    """What is under way, with its prescription and its form: enough to go on even if the plan has changed.

    session: id of the care, or of what else is under way. request: of a care; occasion: of a form apart from one.
    position, value, text: where the form is, and what is touched and not yet confirmed. index: in place of the
    position, in a draft of before every kind of question could be asked.
    """

    step: DraftStep
    session: Identifier
    plan: PlanReference
    saved: Stamp
    request: ServiceRequest | None = None
    form: Questionnaire | None = None
    occasion: Occasion | None = None
    answered_by: Respondent | None = None
    asks_who: bool = False
    position: int | None = None
    value: int | None = None
    moment: Moment = "before"
    asked: Stamp | None = None
    given: Evaluation | None = None
    """The answers that propose something else (A14)."""
    lesson: Education | None = None
    """Under way; `page` is the one shown, `index` how many were read, `asked` when it was opened."""
    needs: tuple[Need, ...] = ()
    items: tuple[ResponseItem, ...] = ()
    index: int = 0
    text: str = ""
    delay_s: float = 0.0
    page: int = 0
    started: Stamp | None = None
    ended: Stamp | None = None
    frames_played: int = 0
    frames_total: int = 0
    rate_hz: int = 0
    gain_db: float = 0.0
    volume: Volume | None = None
    level_changes: tuple[LevelChange, ...] = ()
    level_changes_total: int = 0
    headphones_changes: tuple[HeadphonesChange, ...] = ()
    headphones_changes_total: int = 0


RESUME_MS = 10 * 60_000
"""A kiosk that is back so soon, in the same boot, goes on where it was. Later, another person may be in front of it."""


def is_recent(draft: Draft, at: Stamp) -> bool:
    """Whether the same person is probably still there."""
    return draft.saved.boot == at.boot and at.monotonic_ms - draft.saved.monotonic_ms <= RESUME_MS
