"""The one door to SDL's display and events. It draws when told and never asks for events on its own.

Where SDL puts pixels through a GL texture by software, a touch takes three times as long to be seen and the memory
triples; on a bare console without one, the panel stays black. So the way is chosen by the driver that SDL took.
"""

import os

import pygame
import pygame.display
import pygame.event

from kiosk.journey.views import Frame, PlayingView, View
from kiosk.screen import breath
from kiosk.screen.arena import give_back_pictures
from kiosk.screen.descriptors import open_now, opened_since
from kiosk.screen.fingers import HEARD, heard
from kiosk.screen.geometry import Rect
from kiosk.screen.painter import Painter
from kiosk.screen.port import PLAIN, Exposed, Input, ScreenError, Target

ACCELERATION = {"x11": "0", "wayland": "0", "kmsdrm": "opengles2"}
"""SDL_FRAMEBUFFER_ACCELERATION for each video driver; others keep SDL's own choice."""
TITLE = "Chevet"


class SdlWindow:
    """The screen of the box: the whole panel on a bare console, a window of the given size under X or Wayland."""

    def __init__(self, size: tuple[int, int] | None = None) -> None:
        """size: pixels under X or Wayland; None takes the panel's own. Raises ScreenError when there is no screen."""
        give_back_pictures()
        before = open_now()
        os.environ.setdefault("SDL_TOUCH_MOUSE_EVENTS", "0")
        os.environ.setdefault("SDL_MOUSE_TOUCH_EVENTS", "0")
        try:
            pygame.display.init()
            _refuse_an_unseen_one()
            surface = _surface(size)
        except pygame.error as error:
            raise ScreenError(f"no screen: {error}; set DISPLAY or WAYLAND_DISPLAY, or run on a console") from error
        self._painter = _painter(surface)
        self._filenos = opened_since(before)
        self._view: View | None = None
        self._frame = PLAIN
        self._pressed: str | None = None
        self._targets: tuple[Target, ...] = ()
        self._frame_ms: int | None = None
        self._presented = 0

    def show(self, view: View, monotonic_ms: int, frame: Frame = PLAIN) -> None:
        """Draw what differs, and hand it to the display."""
        self._view, self._frame = view, frame
        if not isinstance(view, PlayingView) or frame.still:
            self._frame_ms = None
        elif self._frame_ms is None:
            self._frame_ms = monotonic_ms
        self._paint()

    def press(self, name: str | None) -> None:
        """Draw the target under the finger as pressed."""
        if name != self._pressed:
            self._pressed = name
            self._paint()

    def animate(self, monotonic_ms: int) -> None:
        """Move the light, when it is due."""
        if isinstance(self._view, PlayingView) and self._frame_ms is not None and monotonic_ms >= self._frame_ms:
            dim = self._view.dim
            self._frame_ms = monotonic_ms + breath.frame_ms(dim=dim)
            self._put([self._painter.breathe(monotonic_ms, dim=dim)])

    def next_frame_ms(self, monotonic_ms: int) -> int | None:
        if pygame.event.peek():
            return 0
        return None if self._frame_ms is None else max(0, self._frame_ms - monotonic_ms)

    def filenos(self) -> list[int]:
        return list(self._filenos)

    def inputs(self) -> list[Input]:
        """All that happened, until nothing is left. What was uncovered is drawn again here."""
        found = [heard(event, self._painter.panel.size) for event in pygame.event.get()]
        if any(isinstance(one, Exposed) for one in found):
            self._put([self._painter.panel.bounds])
        return [one for one in found if one is not None]

    def targets(self) -> tuple[Target, ...]:
        return self._targets

    def present(self) -> int:
        try:
            self._put([self._painter.panel.bounds])
        except pygame.error as error:
            raise ScreenError(f"the display does not take a picture: {error}") from error
        return self._presented

    def close(self) -> None:
        pygame.display.quit()

    def _paint(self) -> None:
        if self._view is None:
            return
        scene = self._painter.paint(self._view, self._pressed, self._frame)
        self._targets = scene.targets
        self._put(list(scene.changed))

    def _put(self, rects: list[Rect]) -> None:
        """Hand these parts of the picture to the display."""
        if rects:
            pygame.display.update(rects)
            self._presented += 1


def _refuse_an_unseen_one() -> None:
    """Where no display answers, SDL takes one that draws into nothing and says no word of it."""
    driver = _driver()
    if driver not in ACCELERATION and os.environ.get("SDL_VIDEODRIVER") != driver:
        pygame.display.quit()
        raise pygame.error(f"SDL found only the driver {driver}")


def _driver() -> str:
    """The driver that SDL took, in small letters: asked for as `kmsdrm`, it calls itself KMSDRM."""
    return pygame.display.get_driver().lower()


def _painter(surface: pygame.Surface) -> Painter:
    try:
        return Painter(surface.get_size(), surface)
    except ScreenError:
        pygame.display.quit()
        raise


def _surface(size: tuple[int, int] | None) -> pygame.Surface:
    """The one call to set_mode. The driver is known by now, and the way to the panel is chosen by it."""
    driver = _driver()
    if driver in ACCELERATION:
        os.environ.setdefault("SDL_FRAMEBUFFER_ACCELERATION", ACCELERATION[driver])
    bare = driver == "kmsdrm"
    pygame.event.set_blocked(None)
    pygame.event.set_allowed(list(HEARD))
    if bare:
        pygame.mouse.set_visible(False)
    pygame.display.set_caption(TITLE)
    if bare or size is None:
        return pygame.display.set_mode((0, 0), pygame.FULLSCREEN)
    return pygame.display.set_mode(size)
