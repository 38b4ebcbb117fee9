"""A window without a screen: it behaves, remembers what was shown, and can be touched by the name of a target."""

import os

from kiosk.journey.views import Frame, PlayingView, View
from kiosk.screen.port import (
    PLAIN,
    CloseAsked,
    Input,
    PointerDown,
    PointerUp,
    ScreenError,
    SpacePressed,
    SpaceReleased,
    Target,
)

FINGER = 1
FRAME_MS = 100


class FakeWindow:
    """`shown` holds every view in order. The targets are those of the real layout, which needs no screen.

    `filenos` is a pipe that is readable while something was not read: a shell waits on it as on the real one.
    """

    def __init__(self, size: tuple[int, int] = (1280, 800)) -> None:
        self.size = size
        self.shown: list[View] = []
        self.pressed: list[str | None] = []
        self.frames = self.presented = 0
        self.closed = self.refuses = False
        self.frame = PLAIN
        self._waiting: list[Input] = []
        self._frame_ms: int | None = None
        self._read_fd, self._write_fd = os.pipe()

    def show(self, view: View, monotonic_ms: int, frame: Frame = PLAIN) -> None:
        if self.closed:
            raise ScreenError("show after close: the window is gone; open another")
        self.shown.append(view)
        self.frame = frame
        moves = isinstance(view, PlayingView) and not frame.still
        self._frame_ms = (self._frame_ms or monotonic_ms) if moves else None

    def press(self, name: str | None) -> None:
        self.pressed.append(name)

    def animate(self, monotonic_ms: int) -> None:
        if self._frame_ms is not None and monotonic_ms >= self._frame_ms:
            self.frames += 1
            self._frame_ms = monotonic_ms + FRAME_MS

    def next_frame_ms(self, monotonic_ms: int) -> int | None:
        if self._waiting:
            return 0
        return None if self._frame_ms is None else max(0, self._frame_ms - monotonic_ms)

    def filenos(self) -> list[int]:
        return [self._read_fd]

    def inputs(self) -> list[Input]:
        if self._waiting:
            os.read(self._read_fd, len(self._waiting))
        waiting, self._waiting = self._waiting, []
        return waiting

    def targets(self) -> tuple[Target, ...]:
        from kiosk.screen.painter import laid_out

        return tuple(laid_out(self.shown[-1], self.size, frame=self.frame).targets) if self.shown else ()

    def present(self) -> int:
        if self.closed:
            raise ScreenError("present after close: the window is gone; open another")
        if self.refuses:
            raise ScreenError("the display refuses: told so by a test")
        self.presented += 1
        return len(self.shown) + self.presented

    def close(self) -> None:
        if not self.closed:
            os.close(self._read_fd)
            os.close(self._write_fd)
        self.closed = True

    def happen(self, *inputs: Input) -> None:
        """Let these be read by the next `inputs`."""
        self._waiting.extend(inputs)
        os.write(self._write_fd, b"." * len(inputs))

    def touch(self, name: str, value: int | None = None) -> None:
        """A finger down and up on a target; on the cone, at a height. Raises ScreenError if it is not there."""
        target = self._target(name)
        x, y = target.rect.center
        if target.slope and value is not None:
            y = target.slope.middle_y(value)
            x = target.slope.axis_x - round(target.slope.half_px(y)) - 10
        self.happen(PointerDown(FINGER, x, y), PointerUp(FINGER, x, y))

    def press_button(self) -> None:
        """The space bar, which stands for the round button."""
        self.happen(SpacePressed(), SpaceReleased())

    def ask_close(self) -> None:
        self.happen(CloseAsked())

    def _target(self, name: str) -> Target:
        for target in self.targets():
            if target.name == name:
                return target
        there = ", ".join(target.name for target in self.targets()) or "nothing"
        raise ScreenError(f"touch of {name}: not on this screen; there is {there}")
