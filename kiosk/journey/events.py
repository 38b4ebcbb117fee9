"""What has happened, in the past tense. Every event carries the stamp of the instant when it happened."""

from dataclasses import dataclass
from typing import Literal

from kiosk.journey.draft import Draft
from mqtt_bridge.contract.care import CarePlan
from mqtt_bridge.contract.report import Gap, HeadphonesChange, LevelChange, Outcome
from mqtt_bridge.contract.stamp import Stamp

PlanProblem = Literal["", "none", "expired", "future", "unsigned"]
Truth = Literal["pending", "in_record", "held"]
Phase = Literal["idle", "preparing", "ready", "playing", "fading", "ended"]
Plug = Literal["in", "out", "unknown"]


@dataclass(frozen=True)
class PlanChanged:
    """The plan in force, or why there is none."""

    at: Stamp
    plan: CarePlan | None
    problem: PlanProblem = ""


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
    | Ticked
)
