"""Where the box is with what it says."""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal

Stage = Literal["screen", "answer", "choice", "read"]
"""What is being said, or was said last: the screen, what was just chosen, one of the choices, all of it on request."""


@dataclass(frozen=True)
class Voice:
    """able: there are recordings. dba_at_0_lufs: level of a sound of 0 LUFS at gain 0 (EarsTold has the same).

    leads: the box is set up for closed eyes, whatever the plan says. count: numbers what is said; saying: what is being
    said now. screen: the one that was told last. choice: index of the choice that was said last, which a second press
    chooses; former: the one before it. pressed_ms: the last press. repeats: how often it was said again by itself.
    """

    able: bool = False
    dba_at_0_lufs: float = 0.0
    leads: bool = False
    count: int = 0
    saying: int | None = None
    stage: Stage = "screen"
    screen: Hashable = None
    choice: int | None = None
    former: int | None = None
    pressed_ms: int | None = None
    ended_ms: int | None = None
    repeats: int = 0
    asked_ms: int | None = None
    """Since when « Voulez-vous arrêter ? » is asked."""
    backwards: bool = False
    """The last choice was to go back: what cannot be said is passed over in that direction."""
