"""What the box tells the clinic.

Each report is sealed when it is written, and stays until the clinic's database has it.
"""

from typing import Annotated, Literal

from msgspec import Meta

from mqtt_bridge.contract.codec import Count, Line, Ordinal, Word
from mqtt_bridge.contract.correspondence import MessageText
from mqtt_bridge.contract.forms import QuestionnaireResponse
from mqtt_bridge.contract.identity import Identifier
from mqtt_bridge.contract.need import strong_pain
from mqtt_bridge.contract.packages import PackageState
from mqtt_bridge.contract.schedule import Respondent
from mqtt_bridge.contract.stamp import Stamp

Stream = Literal["kiosk", "link"]
Epoch = Annotated[str, Meta(pattern=r"\A[0-9a-f]{16}\Z")]
"""Random, new at each start of the process that writes: a card put back from a copy must not reuse an identity."""

Outcome = Literal["heard_whole", "stopped", "interrupted", "failed"]
Moment = Literal["before", "after"]
Level = Annotated[float, Meta(ge=-100, le=200)]
"""dBA in one ear."""
Dose = Annotated[float, Meta(ge=0, le=1e9)]


class Identity(Word, frozen=True, order=True):
    """The only key of a report. `seq` starts at 1 and has no gap within its epoch."""

    box: Identifier
    stream: Stream
    epoch: Epoch
    seq: Ordinal


class Gap(Word, frozen=True):
    """Silence that the hardware forced: before which frame, and for how long."""

    at_frame: int
    duration_ms: float


class LevelChange(Word, frozen=True):
    """Softer or louder: from which frame on, and the gain that the level moved to."""

    at_frame: Count
    gain_db: float


class HeadphonesChange(Word, frozen=True):
    """The plug of the headphones moved after so many frames; the sound went on."""

    at_frame: Count
    headphones: Literal["in", "out", "unknown"]


class Evaluation(Word, frozen=True, tag="evaluation"):
    """A form answered before or after a care. `delay_s`: how long the questions waited for the person (A8)."""

    session: Identifier
    request: Identifier
    moment: Moment
    response: QuestionnaireResponse
    asked: Stamp
    delay_s: float = 0.0
    answered_by: Respondent | None = None
    """None: a box of before this was asked."""
    given_in: Identifier | None = None
    """The session in which these answers were given, when they count before another care that they proposed (A14): the
    person was asked once."""


class Listening(Word, frozen=True, tag="listening"):
    """What was really heard of one session (X1). Frames are those that the device has played."""

    session: Identifier
    request: Identifier
    package: str
    fingerprint: str
    outcome: Outcome
    started: Stamp
    ended: Stamp
    rate_hz: int
    frames_total: int
    frames_played: int
    frames_exact: bool = True
    """False when the power or the player went: `frames_played` is then a lower bound."""
    gaps: tuple[Gap, ...] = ()
    """The first hundred at most; `gaps_total` counts all."""
    gaps_total: int = 0
    gain_db: float = 0.0
    cause: str = ""
    """Why it was not heard whole, as a code: kiosk-away, device-lost, package-damaged, power-lost, player-lost ..."""
    level_dba: Level | None = None
    """Energy-equivalent over what was played. None: nothing was played, or a box of before levels wrote the report."""
    level_max_dba: Level | None = None
    """The loudest that it was set to while it played."""
    dose_pa2h: Dose | None = None
    dose_week_percent: Dose | None = None
    """The person's last seven days, this session included, in percent of what a week may hold (H.870)."""
    sensitive: bool = False
    """Whether those percents are of the sensitive mode's week."""
    calibration: str = ""
    """Model of the headphones that the box is calibrated for, or `uncalibrated`; empty in a report of before levels."""
    level_changes: tuple[LevelChange, ...] = ()
    """The first hundred at most; `level_changes_total` counts all. They begin at `gain_start_db`."""
    level_changes_total: Count = 0
    gain_start_db: float | None = None
    headphones_changes: tuple[HeadphonesChange, ...] = ()
    headphones_changes_total: Count = 0

    @property
    def listened_s(self) -> float:
        return self.frames_played / self.rate_hz if self.rate_hz else 0.0


class OrderReceived(Word, frozen=True, tag="order-received"):
    """The link has an order in its database, or has refused it and says why."""

    order: Identifier
    accepted: bool
    reason: str = ""


class FormAnswered(Word, frozen=True, tag="form-answered"):
    """A form that belongs to no session: at a rhythm, on a following day of one, or a lesson's read-back.

    occasion: id of this asking, so that what came in two parts is one; request: id of the FormRequest, FollowUp or
    Education; after: the session that a following day belongs to, and `day`: which one.
    """

    occasion: Identifier
    request: Identifier
    response: QuestionnaireResponse
    asked: Stamp
    delay_s: float = 0.0
    answered_by: Respondent | None = None
    after: Identifier | None = None
    day: Count = 0


Chosen = Literal["offered", "kept", "help", "left"]


class NeedTold(Word, frozen=True, tag="need"):
    """What the answers proposed, and what the person chose: the rule's offer, what they had chosen, or help.

    session: of the care, or the occasion of a form apart from one.
    """

    session: Identifier
    rule: Line
    offered: Identifier
    chosen: Chosen


class HelpAsked(Word, frozen=True, tag="help"):
    """The person asked for a carer. It goes before everything else. `rule`: of the need that proposed it."""

    help: Identifier
    asked: Stamp
    rule: Line | None = None
    session: Identifier | None = None


StopReason = Literal["tired", "pain", "sound", "disturbed", "dislike", "other"]


class StopExplained(Word, frozen=True, tag="stop-explained"):
    """Why a care was stopped, when the person said it."""

    session: Identifier
    reason: StopReason


class MessageFromPatient(Word, frozen=True, tag="message-from-patient"):
    """What the person wrote. `reply_to`: the team's message that it answers."""

    message: Identifier
    text: MessageText
    written: Stamp
    reply_to: Identifier | None = None


class MessageOpened(Word, frozen=True, tag="message-opened"):
    """The person has opened a message of the team's on the box, to its last page."""

    message: Identifier
    opened: Stamp


class LessonRead(Word, frozen=True, tag="lesson-read"):
    """How far a lesson was read, and for how long; its read-back is a FormAnswered."""

    lesson: Identifier
    version: Annotated[int, Meta(ge=1)]
    pages_read: Count
    pages: Count
    duration_s: float
    opened: Stamp


class DeliveryAsked(Word, frozen=True, tag="delivery-asked"):
    """The person asks for their medicines. `note`: in their words."""

    delivery: Identifier
    asked: Stamp
    note: Annotated[str, Meta(max_length=500)] = ""


class DeliveryReceived(Word, frozen=True, tag="delivery-received"):
    """The person says that the sealed parcel is there."""

    delivery: Identifier
    received: Stamp


class DeathTold(Word, frozen=True, tag="death"):
    """A member of staff has said on the box that the person has died."""

    told: Stamp


class Finding(Word, frozen=True):
    """One line of a self-test, by its name in the box's words."""

    check: Identifier
    fine: bool
    told: Annotated[str, Meta(max_length=300)] = ""


class SelfTested(Word, frozen=True, tag="self-test"):
    """The protocol of a self-test made at the bedside."""

    made: Stamp
    findings: Annotated[tuple[Finding, ...], Meta(max_length=30)]


class BoxWiped(Word, frozen=True, tag="box-wiped"):
    """The last word of a box: by this order everything but its keys is destroyed; they go when this is in the record.

    lost: reports that were not in the record and went with it; uncounted: what bedside.db held could not be read, so
    that it may have been more. A box that does not tell has counted.
    """

    order: Identifier
    began: Stamp
    ended: Stamp
    lost: Count = 0
    uncounted: bool = False


Content = (
    Evaluation
    | Listening
    | OrderReceived
    | PackageState
    | FormAnswered
    | NeedTold
    | HelpAsked
    | StopExplained
    | MessageFromPatient
    | MessageOpened
    | LessonRead
    | DeliveryAsked
    | DeliveryReceived
    | DeathTold
    | SelfTested
    | BoxWiped
)

Answers = Evaluation | Listening | FormAnswered
"""What « vos réponses » means on the box."""


def subject_of(content: Content) -> str:
    """What a report tells of: the session, the occasion, the message... by its id. Reports of one thing share it."""
    match content:
        case Evaluation(session=name) | Listening(session=name) | NeedTold(session=name) | StopExplained(session=name):
            return name
        case FormAnswered(occasion=name) | HelpAsked(help=name) | LessonRead(lesson=name) | OrderReceived(order=name):
            return name
        case BoxWiped(order=name) | MessageFromPatient(message=name) | MessageOpened(message=name):
            return name
        case DeliveryAsked(delivery=name) | DeliveryReceived(delivery=name):
            return name
        case PackageState():
            return content.package.id
        case DeathTold() | SelfTested():
            return ""


CALL, ALERT, CARE, HEALTH = -1, 0, 1, 2
"""Priorities on the wire: a call for help before everything, then what the clinic must see within the hour, then what
else concerns the person, then the box's own health. Of a box of before there were alerts a call has the number 0."""
URGENT = ALERT
"""The last one that waits behind no backlog."""


def priority_of(content: Content) -> int:
    """In which order rows leave the box: the lower first."""
    match content:
        case HelpAsked() | DeathTold():
            return CALL
        case Evaluation(response=given, given_in=None) | FormAnswered(response=given) if _is_alert(given):
            return ALERT
        case OrderReceived() | PackageState() | SelfTested() | BoxWiped():
            return HEALTH
        case _:
            return CARE


def _is_alert(given: QuestionnaireResponse) -> bool:
    """Strong pain of the person's own, as the clinic notices it; a relative's answers about themselves are not."""
    return not given.subject.reference.startswith("RelatedPerson/") and strong_pain(given) is not None


class Report(Word, frozen=True):
    """The plaintext of a sealed report. It repeats the identity, so that a sealed body cannot be moved to another."""

    id: str
    """A UUID, to speak of the report; never a key."""
    identity: Identity
    recorded: Stamp
    content: Content
    patient: Identifier | None = None
    plan: Identifier | None = None
    plan_version: int | None = None
