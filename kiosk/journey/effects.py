"""Orders to the shell, carried out in the order given. What is on the screen follows the state (`show.view_of`)."""

from dataclasses import dataclass, field
from typing import Literal

from kiosk.journey.draft import Draft
from kiosk.journey.notes import Note
from mqtt_bridge.contract.care import PlanReference
from mqtt_bridge.contract.report import Content
from mqtt_bridge.contract.stamp import Stamp


@dataclass(frozen=True)
class Write:
    """In one transaction: seal and keep these reports, and put this draft in the place of the former one."""

    at: Stamp
    reports: tuple[Content, ...]
    plan: PlanReference | None
    draft: Draft | None
    may_wait: bool = False
    """Only letters were typed: gathered for a second at most, whatever comes next is written with them."""
    notes: tuple[Note, ...] = ()
    """What the box notes for itself, in the same transaction."""


@dataclass(frozen=True)
class Reserve:
    """Keep room on the disk for the session; when it cannot be had, RoomRefused."""


@dataclass(frozen=True)
class Prepare:
    session: str
    package: str
    fingerprint: str
    gain_db: float


@dataclass(frozen=True)
class Start:
    session: str


@dataclass(frozen=True)
class Stop:
    session: str


@dataclass(frozen=True)
class SetGain:
    session: str
    gain_db: float


@dataclass(frozen=True)
class Collect:
    """The player may forget the session: its result is written."""

    session: str


@dataclass(frozen=True)
class CheckCode:
    """Compare a code with its digest, apart from the loop: it costs a third of a second. Then CodeChecked."""

    patient: str
    digest: str
    code: str = field(repr=False)
    """In no log."""


@dataclass(frozen=True)
class Say:
    """Say these sentences, as the screen shows them, at a level of their own. Then SpeechEnded with the number."""

    number: int
    sentences: tuple[str, ...]
    gain_db: float


@dataclass(frozen=True)
class Hush:
    """Say no more."""


@dataclass(frozen=True)
class Examine:
    """Look at everything that can be looked at without a human being, apart from the loop. Then Examined."""


@dataclass(frozen=True)
class TestSound:
    """A steady tone of a few seconds, the same on both sides."""

    gain_db: float


@dataclass(frozen=True)
class Train:
    """Begin the training mode (B10), or end it: another store, another person, nothing of which stays or leaves."""

    on: bool


@dataclass(frozen=True)
class RestartScreen:
    """End this process: its unit starts it again."""


@dataclass(frozen=True)
class Light:
    """The button's light."""

    mode: Literal["off", "on", "breathing"]


Effect = (
    Write
    | Reserve
    | Prepare
    | Start
    | Stop
    | SetGain
    | Collect
    | CheckCode
    | Examine
    | TestSound
    | Train
    | RestartScreen
    | Light
    | Say
    | Hush
)
