"""The kinds of question beside the cone and the comment.

Targets: `option:<n>`, `key:<digit>`, `yes`, `no`, and `decline`, `continue`, `back` as everywhere.
"""

from dataclasses import dataclass

from kiosk.journey.views.care import TileKind
from mqtt_bridge.contract.forms import Ramp


@dataclass(frozen=True, kw_only=True)
class Question:
    """What every question shows. step counts from 1; declined: the person has chosen not to answer this one.

    heading: of the group that it stands in. `decline` is empty where everybody answers (who is there).
    """

    question: str
    moment: str
    help: str
    decline: str
    go_on: str
    back: str
    step: int
    steps: int
    declined: bool = False
    heading: str = ""


@dataclass(frozen=True, kw_only=True)
class ScaleView(Question):
    """From least to most, in words or in faces (with their words): `option:0` is the least.

    `ramp`: whether the most is the hardest, or the best.
    """

    options: tuple[str, ...]
    chosen: int | None
    faces: bool = False
    ramp: Ramp = "intense"


@dataclass(frozen=True)
class Option:
    """`picture`: a pictogram's name, empty for none."""

    target: str
    label: str
    picture: TileKind | str = ""


@dataclass(frozen=True, kw_only=True)
class ChoiceView(Question):
    """Answers in no order, six at most on one screen; `more` leads to the others."""

    options: tuple[Option, ...]
    chosen: str | None
    """Target of the chosen one, when it is on this page."""
    more: str = ""


@dataclass(frozen=True, kw_only=True)
class YesNoView(Question):
    yes: str
    no: str
    chosen: bool | None


@dataclass(frozen=True, kw_only=True)
class NumberView(Question):
    """A whole number by a pad of digits. `digits`: as typed; allowed: « de 0 à 24 »; wrong: outside of it, and said."""

    digits: str
    allowed: str
    wrong: str = ""
