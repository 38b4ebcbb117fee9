"""For staff: the service screen, the self-test, the level, training (B10).

Targets: the tiles' own, `yes`, `no`, `back`, `softer`, `louder`, `done`, `wake`.
"""

from dataclasses import dataclass
from typing import Literal

from kiosk.journey.views.care import Tile

State = Literal["waiting", "running", "fine", "failed", "asked"]


@dataclass(frozen=True)
class ServiceView:
    """What staff can do on the box. `lines`: network, last contact, what is still to be sent, clock, disk, version."""

    title: str
    lines: tuple[str, ...]
    tiles: tuple[Tile, ...]
    back: str


@dataclass(frozen=True)
class FindingLine:
    label: str
    state: State
    told: str = ""


@dataclass(frozen=True)
class SelfTestView:
    """Each check with its state; `question` (with yes and no) when a human being must say what they saw or heard."""

    title: str
    findings: tuple[FindingLine, ...]
    question: str
    yes: str
    no: str
    back: str


@dataclass(frozen=True)
class TouchTestView:
    """Circles at the corners and in the middle: those of `points` are still to be touched (target `point:<name>`)."""

    title: str
    points: tuple[str, ...]
    skip: str


@dataclass(frozen=True)
class LevelView:
    """The level at the ear of a test sound, in dBA, to be set beside a sound level meter (docs/etalonnage.md)."""

    title: str
    lines: tuple[str, ...]
    level: str
    softer: str
    louder: str
    done: str
