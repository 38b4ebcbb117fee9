"""Places of staff on the box: their PIN, the menu, the self-test, the level, « the person has died »."""

from dataclasses import dataclass, field

from kiosk.journey.places import Elsewhere
from mqtt_bridge.contract.report import Finding

POINTS = ("north-west", "north-east", "middle", "south-west", "south-east")


@dataclass(frozen=True)
class Pin(Elsewhere):
    """checking: all of its digits were entered and are being compared."""

    entered: tuple[str, ...] = field(default=(), repr=False)
    checking: bool = False
    wrong: bool = False


@dataclass(frozen=True)
class NoPin(Elsewhere):
    """This box has no PIN for staff: nothing here opens without one."""


@dataclass(frozen=True)
class Menu(Elsewhere):
    pass


@dataclass(frozen=True)
class Examining(Elsewhere):
    """asked: what a human being has said so far, in the order of `chapters.selftest.ASKED`. points: still to touch."""

    asked: tuple[Finding, ...] = ()
    points: tuple[str, ...] = POINTS


@dataclass(frozen=True)
class Levelling(Elsewhere):
    level_dba: float


@dataclass(frozen=True)
class Dying(Elsewhere):
    """« Is this person dead? », asked twice. patient: None while staff have to say who; page: of the names."""

    patient: str | None = None
    sure: bool = False
    page: int = 0


StaffPlace = Pin | NoPin | Menu | Examining | Levelling | Dying
