"""From a view to pixels: a whole picture, or only what differs from the one before."""

from dataclasses import dataclass
from importlib import import_module

import pygame

from kiosk.journey import views
from kiosk.journey.views import Frame, View
from kiosk.screen import around, breath
from kiosk.screen.geometry import Rect
from kiosk.screen.port import PLAIN, Target
from kiosk.screen.sheet import Sheet, changed, draw
from kiosk.screen.theme import panel_of


@dataclass(frozen=True)
class Scene:
    """What was drawn: the picture, what can be touched, what changed, and words that found no room (must be none)."""

    surface: pygame.Surface
    targets: tuple[Target, ...]
    changed: tuple[Rect, ...]
    cut: tuple[str, ...]


SCREENS: dict[type[View], str] = {
    views.HomeView: "home",
    views.ChoosingView: "choosing",
    views.ConeView: "cone",
    views.CommentView: "comment",
    views.TextView: "text",
    views.ReadyView: "ready",
    views.PlayingView: "playing",
    views.ConfirmStopView: "confirm_stop",
    views.RestView: "rest",
    views.ThanksView: "thanks",
    views.NoticeView: "notice",
    views.LettersView: "letters",
    views.LetterView: "letter",
    views.WritingView: "writing",
    views.LessonView: "lesson",
    views.DeliveryView: "delivery",
    views.GardenView: "garden",
    views.ServiceView: "service",
    views.SelfTestView: "selftest",
    views.LevelView: "level",
    views.TouchTestView: "touch_test",
    views.ScaleView: "scale",
    views.ChoiceView: "choice",
    views.YesNoView: "yes_no",
    views.NumberView: "number",
    views.WhoView: "who",
    views.CodeView: "code",
    views.NeedView: "need",
    views.HelpView: "help",
    views.StopWhyView: "stop_why",
}


def laid_out(view: View, size: tuple[int, int], pressed: str | None = None, frame: Frame = PLAIN) -> Sheet:
    """The view as pieces and targets, and the frame around it. A screen's file is loaded when it is first shown."""
    screen = import_module(f"kiosk.screen.screens.{SCREENS[type(view)]}")
    laid: Sheet = screen.sheet(view, panel_of(size, night=frame.night), pressed)
    around.draw(laid, frame)
    return laid


class Painter:
    """Draws on one surface and remembers what is there."""

    def __init__(self, size: tuple[int, int], surface: pygame.Surface | None = None) -> None:
        """Without a surface it draws off screen, with no display. Raises ScreenError for another size."""
        self.panel = panel_of(size)
        self.surface = surface or pygame.Surface(size, 0, 32)
        self._sheet: Sheet | None = None

    def paint(self, view: View, pressed: str | None = None, frame: Frame = PLAIN) -> Scene:
        """Draw what this view changes."""
        after = laid_out(view, self.panel.size, pressed, frame)
        rects = changed(self._sheet, after, self.panel.bounds)
        draw(self.surface, after, rects)
        self._sheet = after
        cut = tuple(piece.cut for piece in after.pieces if piece.cut)
        return Scene(self.surface, tuple(after.targets), tuple(rects), cut)

    def breathe(self, monotonic_ms: int, *, dim: bool) -> Rect:
        """The next picture of the light; nothing else is touched."""
        rect = breath.rect(self.panel)
        self.surface.blit(breath.frame(self.panel, monotonic_ms, dim=dim), rect[:2])
        return rect
