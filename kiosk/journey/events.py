"""What has happened, in the past tense. Every event carries the stamp of the instant when it happened."""

from dataclasses import dataclass
from typing import Literal

from kiosk.journey.draft import Draft
from kiosk.journey.letters import Letters
from kiosk.journey.notes import Tries
from mqtt_bridge.contract.care import CareKind, CarePlan
from mqtt_bridge.contract.correspondence import StandingState
from mqtt_bridge.contract.report import Finding, Gap, HeadphonesChange, LevelChange, Outcome
from mqtt_bridge.contract.stamp import Stamp

PlanProblem = Literal["", "none", "expired", "future", "unsigned"]
Truth = Literal["pending", "in_record", "held"]
Phase = Literal["idle", "preparing", "ready", "playing", "fading", "ended"]
Plug = Literal["in", "out", "unknown"]
Filler = Literal["cares", "updates", "records", "other"]
"""What takes most of a full card: session packages, updates of the system, the databases, none of these."""


@dataclass(frozen=True)
class Resident:
    """A person of the box, by their plan; problem: why nothing of it may begin."""

    plan: CarePlan
    problem: PlanProblem = ""


@dataclass(frozen=True)
class PlanChanged:
    """The plan in force, or why there is none. others: of the other residents of a shared box (A3)."""

    at: Stamp
    plan: CarePlan | None
    problem: PlanProblem = ""
    others: tuple[Resident, ...] = ()


@dataclass(frozen=True)
class Touched:
    """A touch accepted on a target; `height` when the target is the cone."""

    at: Stamp
    target: str
    height: int | None = None


@dataclass(frozen=True)
class ButtonPressed:
    at: Stamp


@dataclass(frozen=True)
class ButtonHeld:
    at: Stamp


@dataclass(frozen=True)
class Sound:
    """What the player says of its session."""

    phase: Phase
    session: str | None = None
    frames_total: int = 0
    frames_played: int = 0
    rate_hz: int = 0
    gaps: tuple[Gap, ...] = ()
    gaps_total: int = 0
    gain_db: float = 0.0
    outcome: Outcome | None = None
    cause: str = ""
    level_changes: tuple[LevelChange, ...] = ()
    level_changes_total: int = 0
    headphones: Plug = "unknown"
    headphones_changes: tuple[HeadphonesChange, ...] = ()
    headphones_changes_total: int = 0


@dataclass(frozen=True)
class SoundReported:
    at: Stamp
    sound: Sound


@dataclass(frozen=True)
class PlayerGone:
    """The player's socket closed. The sound may still be playing: it says so itself when it is found again."""

    at: Stamp


@dataclass(frozen=True)
class RoomRefused:
    """The disk has no room for a session."""

    at: Stamp


@dataclass(frozen=True)
class PowerReturned:
    """The kiosk starts. `draft`: what was under way when it stopped."""

    at: Stamp
    draft: Draft | None


@dataclass(frozen=True)
class RecordTold:
    """Where the answers of a session are; `reader` once somebody has read them: « Claire, infirmière »."""

    at: Stamp
    patient: str
    session: str
    truth: Truth
    reader: str = ""


@dataclass(frozen=True)
class Heard:
    """One exposure of the last seven days. It counts until `until_ms` (CLOCK_BOOTTIME)."""

    pa2h: float
    until_ms: int


@dataclass(frozen=True)
class Loudness:
    """What the box knows of an installed package."""

    package: str
    lufs: float
    duration_s: float


@dataclass(frozen=True)
class Ears:
    """What a person has heard, and what this box makes of a loudness.

    dba_at_0_lufs: level, at gain 0, of a package of 0 LUFS; calibration: the headphones' model, or `uncalibrated`.
    """

    patient: str
    calibration: str
    dba_at_0_lufs: float
    heard: tuple[Heard, ...] = ()
    packages: tuple[Loudness, ...] = ()


@dataclass(frozen=True)
class EarsTold:
    """What the person in front of the box has heard this week has been read, or has changed."""

    at: Stamp
    ears: Ears


Scores = tuple[tuple[str, int], ...]
"""(linkId, height) of each cone that was answered."""


@dataclass(frozen=True)
class PastCare:
    """One care of the last thirty days.

    started_ms, ended_ms: CLOCK_BOOTTIME, below zero in an earlier boot, by the time that the box is sure of.
    started_wall_ms: None while the clock was not trusted. counts: towards the limits (A15); a care that was never heard
    does not. share: of it that was heard, 0 to 1. own: both evaluations were the person's own words.
    eased: by how many steps of the cones they felt better, on average, 0 to 10; None when it was not told twice.
    """

    session: str
    request: str
    kind: CareKind
    started_ms: int
    ended_ms: int
    started_wall_ms: int | None = None
    counts: bool = True
    share: float = 1.0
    before: Scores = ()
    after: Scores = ()
    own: bool = True
    eased: int | None = None


@dataclass(frozen=True)
class Grown:
    """What is kept of a care of before those thirty days, for the garden alone: neither when nor what was answered."""

    kind: CareKind
    share: float
    eased: int | None = None


@dataclass(frozen=True)
class Past:
    """What a person has had on this box, oldest first."""

    patient: str
    cares: tuple[PastCare, ...] = ()
    grown: tuple[Grown, ...] = ()


@dataclass(frozen=True)
class PastTold:
    """What the person in front of the box has had has been read, or has changed."""

    at: Stamp
    past: Past


@dataclass(frozen=True)
class HelpRequest:
    """The last request for a carer. asked_ms: CLOCK_BOOTTIME, below zero in an earlier boot; reader: who has read it.

    patient: None when nobody was signed in.
    """

    help: str
    patient: str | None
    asked_ms: int
    truth: Truth = "pending"
    reader: str = ""
    read_ms: int | None = None
    """Since when the journey knows that it was read."""


@dataclass(frozen=True)
class HelpTold:
    """Where the last request for a carer is."""

    at: Stamp
    request: HelpRequest


@dataclass(frozen=True)
class TriesTold:
    """The codes that were tried in vain before the box started."""

    at: Stamp
    tries: tuple[Tries, ...]


@dataclass(frozen=True)
class CodeChecked:
    """Whether the code entered was this person's."""

    at: Stamp
    patient: str
    fits: bool


@dataclass(frozen=True)
class StandingsTold:
    """Where the people of the box stand with the clinic (E2), the last told last."""

    at: Stamp
    standings: tuple[tuple[str, StandingState], ...]


@dataclass(frozen=True)
class LettersTold:
    """What has passed between the person in front of the box and the clinic has been read, or has changed."""

    at: Stamp
    letters: Letters


@dataclass(frozen=True)
class SpeechEnded:
    """What `Say` was told to say is over; unsaid: how many sentences nobody could say. Only `aloud` hears it."""

    at: Stamp
    number: int
    unsaid: int = 0


@dataclass(frozen=True)
class Box:
    """What the box knows of itself.

    service: digest of staff's PIN, empty where none is set. answered_ms: when the clinic last answered
    (CLOCK_BOOTTIME, below zero in an earlier boot), None when it never did or nobody knows how long ago;
    answered_once: which of the two. waiting: reports that have not landed. room: enough of it for care, room_mb: in
    steps of 10. player: it is there. headphones: what the level is reckoned with, dba_at_0_lufs: how loud that is.
    box_file: what became of the technician's file (`absent`, `used`, `refused`), empty where there is no place for
    one; box_file_line: to blame for a refusal, 0 where none is.
    """

    name: str = ""
    version: str = ""
    service: str = ""
    sure_of_time: bool = True
    answered_ms: int | None = None
    answered_once: bool = False
    waiting: int = 0
    room: bool = True
    room_mb: int = 0
    player: bool = True
    headphones: str = ""
    dba_at_0_lufs: float = 0.0
    training: bool = False
    box_file: str = ""
    box_file_line: int = 0


@dataclass(frozen=True)
class BoxTold:
    """What the box knows of itself has changed."""

    at: Stamp
    box: Box


@dataclass(frozen=True)
class Examined:
    """What the box has found out about itself, when staff asked for a self-test; filled: where its card is full."""

    at: Stamp
    findings: tuple[Finding, ...]
    filled: Filler | None = None


@dataclass(frozen=True)
class Done:
    """A form, or a lesson's read-back, that was sent. at_ms: CLOCK_BOOTTIME, below zero in an earlier boot."""

    request: str
    at_ms: int


@dataclass(frozen=True)
class Forms:
    """When a person last sent each form.

    wall_at_0_ms: without a trusted clock, the wall time at CLOCK_BOOTTIME 0 as far as it is surely past, where known.
    """

    patient: str
    done: tuple[Done, ...] = ()
    wall_at_0_ms: int | None = None


@dataclass(frozen=True)
class FormsTold:
    """Which forms the person in front has sent has been read, or has changed."""

    at: Stamp
    forms: Forms


@dataclass(frozen=True)
class Ticked:
    """The time that the journey asked for (`alarm_of`) has come."""

    at: Stamp


Event = (
    PlanChanged
    | Touched
    | ButtonPressed
    | ButtonHeld
    | SoundReported
    | PlayerGone
    | RoomRefused
    | PowerReturned
    | RecordTold
    | EarsTold
    | PastTold
    | HelpTold
    | TriesTold
    | CodeChecked
    | StandingsTold
    | LettersTold
    | BoxTold
    | Examined
    | FormsTold
    | Ticked
)
