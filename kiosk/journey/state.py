"""Where the patient is in the journey. All of it frozen: a step makes a new one."""

from dataclasses import dataclass
from typing import Literal

from kiosk.journey.draft import Draft
from kiosk.journey.events import Box, Ears, Filler, Forms, HelpRequest, Past, PlanProblem, Plug, Resident, Sound, Truth
from kiosk.journey.filling import Filling
from kiosk.journey.letters import NO_PHRASES, Letters, Phrases
from kiosk.journey.notes import Tries
from kiosk.journey.places import Elsewhere
from kiosk.journey.session import Session
from mqtt_bridge.contract.care import CarePlan
from mqtt_bridge.contract.correspondence import StandingState
from mqtt_bridge.contract.framing import NotYet
from mqtt_bridge.contract.report import Finding, Moment
from mqtt_bridge.contract.stamp import Stamp


@dataclass(frozen=True)
class Home:
    pass


@dataclass(frozen=True)
class Choosing:
    """All cares, or all that is due beside them, or the links of home that have no place there."""

    page: int = 0
    others: bool = False
    links: bool = False


@dataclass(frozen=True)
class Asking:
    """The questions before or after a care."""

    session: Session
    moment: Moment
    asked: Stamp
    filling: Filling
    delay_s: float = 0.0
    ended: Stamp | None = None
    """When the care ended, for an evaluation after it."""


@dataclass(frozen=True)
class Resting:
    """Dark and silent: the questions wait (A8). The care may have put the person to sleep."""

    asking: Asking


@dataclass(frozen=True)
class Explaining:
    session: Session
    page: int = 0


@dataclass(frozen=True)
class Ready:
    """Waiting for the button. `since_ms`: since when the player has been asked to make ready."""

    session: Session
    since_ms: int
    armed: bool = False
    headphones: Plug = "unknown"


@dataclass(frozen=True)
class Playing:
    """The sound goes on whatever happens here.

    committed: the frames of the last draft; told: what that draft tells of levels and plug. A plug that wobbles would
    have each of its moves written otherwise.
    """

    session: Session
    started: Stamp
    sound: Sound
    gain_db: float
    touched_ms: int
    committed: int = 0
    told: Sound | None = None
    asking_to_stop: bool = False
    stopping_ms: int | None = None
    """Since when it has been asked to stop."""
    level_shown: bool = False
    at_cap: bool = False
    """Louder was asked for where it ends."""


@dataclass(frozen=True)
class Returning:
    """The kiosk or the player came back during a care: waiting for the player to say where the sound is."""

    session: Session
    draft: Draft
    since_ms: int


@dataclass(frozen=True)
class Thanking:
    session: Session
    since_ms: int


OwnCause = Literal[
    "", "player-gone", "player-lost", "player-silent", "power-lost", "level-device", "level-unknown", "disk-full"
]
"""What the journey itself knows to be why; the player's causes come beside these. Each has words for staff."""


@dataclass(frozen=True)
class Noticing:
    """A calm sentence; `code` names it in the words, `cause` is why, told to staff; in_ms: in how long, where said.

    not_yet: why a care cannot start now, and when it can (A15).
    """

    code: str
    cause: str = ""
    in_ms: int | None = None
    not_yet: NotYet | None = None


Place = Home | Choosing | Asking | Resting | Explaining | Ready | Playing | Returning | Thanking | Noticing | Elsewhere


@dataclass(frozen=True)
class Record:
    """Where the last answers of a person are."""

    patient: str
    session: str
    truth: Truth
    reader: str = ""


@dataclass(frozen=True)
class Helping:
    """Help is shown, over the place where the person is: that goes on beneath, and is there when it is closed.

    rule: of the need that proposed it; session: the care that it was about.
    """

    rule: str | None = None
    session: str | None = None


@dataclass(frozen=True)
class Journey:
    """The whole state. `epoch` and `count` name the sessions: the epoch is random and new at each start."""

    epoch: str
    count: int = 0
    plan: CarePlan | None = None
    problem: PlanProblem = "none"
    place: Place = Home()
    record: Record | None = None
    ears: Ears | None = None
    past: Past | None = None
    forms: Forms | None = None
    helping: Helping | None = None
    help: HelpRequest | None = None
    """The last request for a carer, of whoever asked: `own_help` says whether it is told to the person in front."""
    look_ms: int | None = None
    """When (CLOCK_BOOTTIME) home changes by itself: a care becomes possible, or is so no more."""
    touched_ms: int = 0
    plans: tuple[Resident, ...] = ()
    """Of everybody on the box. More than one: it is shared, and `plan` is None while nobody is signed in."""
    proven: bool = False
    """The person in front has given their code."""
    tries: tuple[Tries, ...] = ()
    standings: tuple[tuple[str, StandingState], ...] = ()
    letters: Letters | None = None
    box: Box | None = None
    examined: tuple[Finding, ...] | None = None
    """By the box itself, in the self-test that staff have asked for last."""
    filled: Filler | None = None
    """What fills the card, by the same self-test; None: it is not full."""
    phrases: Phrases = NO_PHRASES


OF_THE_BOX = (
    "epoch",
    "count",
    "place",
    "touched_ms",
    "plans",
    "tries",
    "standings",
    "help",
    "phrases",
    "box",
    "examined",
    "filled",
)
"""What stays when a person goes. Everything else of the journey is theirs, and is forgotten (A3)."""
