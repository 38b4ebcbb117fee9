"""Orders to the shell, carried out in the order given. What is on the screen follows the state (`show.view_of`)."""

from dataclasses import dataclass
from typing import Literal

from kiosk.journey.draft import Draft
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
class Light:
    """The button's light."""

    mode: Literal["off", "on", "breathing"]


Effect = Write | Reserve | Prepare | Start | Stop | SetGain | Collect | Light
