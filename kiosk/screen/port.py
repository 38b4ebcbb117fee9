"""What the shell needs of a window: show a view, hear fingers, say what can be touched. No pygame here."""

from dataclasses import dataclass
from typing import Protocol

from kiosk.journey.views import Frame, View
from kiosk.screen.geometry import Rect
from kiosk.screen.slope import ConeSlope

PLAIN = Frame()
"""Nothing stands around the screen."""

MOUSE = -1
"""The finger that is a mouse."""


class ScreenError(Exception):
    """The screen cannot be used as asked."""


@dataclass(frozen=True)
class Target:
    """Something that can be touched now. `slope` turns a touch on the cone into a height."""

    name: str
    rect: Rect
    label: str
    slope: ConeSlope | None = None


@dataclass(frozen=True)
class PointerDown:
    finger: int
    x: int
    y: int


@dataclass(frozen=True)
class PointerMoved:
    finger: int
    x: int
    y: int


@dataclass(frozen=True)
class PointerUp:
    finger: int
    x: int
    y: int


@dataclass(frozen=True)
class SpacePressed:
    """The keyboard's stand-in for the round button."""


@dataclass(frozen=True)
class SpaceReleased:
    pass


@dataclass(frozen=True)
class CloseAsked:
    pass


@dataclass(frozen=True)
class Exposed:
    """The window was uncovered. It has already redrawn itself; this is only news."""


Pointer = PointerDown | PointerMoved | PointerUp
Input = Pointer | SpacePressed | SpaceReleased | CloseAsked | Exposed


class Window(Protocol):
    def show(self, view: View, monotonic_ms: int, frame: Frame = PLAIN) -> None:
        """Draw what differs from what is on screen, and put it on the panel before returning."""

    def press(self, name: str | None) -> None:
        """Draw the target under the finger as pressed (None: no more). It changes nothing else."""

    def animate(self, monotonic_ms: int) -> None:
        """Draw the next picture of what moves; nothing when nothing moves or it is too early."""

    def next_frame_ms(self, monotonic_ms: int) -> int | None:
        """In how many milliseconds to call `animate` and `inputs` again, whatever the descriptors say; None: never.

        0 too when something was read while drawing: the descriptors will not tell of it any more.
        """

    def filenos(self) -> list[int]:
        """Descriptors to wait on; readable means: call `inputs`."""

    def inputs(self) -> list[Input]:
        """What happened since the last call; never waits."""

    def targets(self) -> tuple[Target, ...]:
        """What can be touched now, in drawing order."""

    def present(self) -> int:
        """Hand the whole picture to the panel anew; how often something was handed to it. Raises ScreenError."""

    def close(self) -> None:
        """Give the screen back."""
