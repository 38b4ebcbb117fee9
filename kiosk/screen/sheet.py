"""A screen as a list of pieces. Comparing two lists tells what to draw again, and nothing else is drawn."""

import re
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache

import pygame

from kiosk.screen import text, vector
from kiosk.screen.geometry import Rect, merged
from kiosk.screen.port import Target
from kiosk.screen.text import Align, Laid, Weight
from kiosk.screen.theme import Panel, by_night, is_light, rgb

Look = tuple[Weight, int, int, str]
"""Weight, wanted size and smallest size in pixels, colour."""


@dataclass(frozen=True)
class Piece:
    """Something drawn inside `rect`. Two pieces with the same rect and key look the same."""

    rect: Rect
    key: Hashable
    draw: Callable[[pygame.Surface], object] = field(compare=False)
    cut: str = ""


COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")


@lru_cache(maxsize=256)
def nightly(markup: str) -> str:
    """The same shapes in the colours of the night."""
    return COLOUR.sub(lambda found: by_night(found[0].upper()), markup)


@dataclass
class Sheet:
    """Pieces from back to front, and what can be touched.

    On a panel by night every colour given here becomes its counterpart, unless the screen is a dark one by day too.
    What `picture` lays down keeps its own.
    """

    ground: str
    panel: Panel
    pressed: str | None = None
    pieces: list[Piece] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    words: list[Rect] = field(default_factory=list)
    """Where type stands."""
    listen: Rect = field(init=False)
    """Where the loudspeaker stands: the panel's own place, unless the screen has no room there and gives another."""

    def __post_init__(self) -> None:
        self.dark = not is_light(self.ground)
        self.night = self.panel.night and not self.dark
        self.ground = self.tone(self.ground)
        self.listen = self.panel.listen

    @contextmanager
    def as_by_day(self, *, when: bool) -> Iterator[None]:
        """What is drawn within keeps its colours by night: it is dark enough."""
        night, self.night = self.night, self.night and not when
        yield
        self.night = night

    def tone(self, markup: str) -> str:
        """A colour, or shapes with theirs, as they are drawn on this sheet."""
        return nightly(markup) if self.night else markup

    def image(self, rect: Rect, markup: str) -> None:
        """Small shapes, kept."""
        self._vector(rect, markup, vector.picture)

    def scenery(self, rect: Rect, markup: str) -> None:
        """A large picture."""
        self._vector(rect, markup, vector.scenery)

    def _vector(self, rect: Rect, markup: str, source: Callable[[int, int, str], pygame.Surface]) -> None:
        toned = self.tone(markup)
        self.pieces.append(Piece(rect, toned, lambda s: s.blit(source(rect.w, rect.h, toned), rect[:2])))

    def fill(self, rect: Rect, colour: str) -> None:
        toned = self.tone(colour)
        self.pieces.append(Piece(rect, toned, lambda s: s.fill(rgb(toned), rect)))

    def picture(self, rect: Rect, key: Hashable, source: Callable[[], pygame.Surface]) -> None:
        """A surface that someone else keeps."""
        self.pieces.append(Piece(rect, key, lambda s: s.blit(source(), rect[:2])))

    def veil(self, rect: Rect, radius_px: int) -> None:
        """A large rounded ground under the finger: what lies there, darker. Nothing large is rasterised for it."""
        self.pieces.append(Piece(rect, ("veil", radius_px), lambda s: vector.darken(s, rect, radius_px)))

    def text(
        self,
        words: str,
        room: Rect,
        look: Look,
        *,
        align: Align = "left",
        middle: bool = False,
        lines_max: int = 99,
    ) -> Rect:
        """Words in a room. Returns the ground that they take."""
        if not words:
            return Rect(room.x, room.y, 0, 0)
        weight, wanted_px, floor_px, colour = look
        laid = text.fitted(words, weight, (wanted_px, floor_px), (room.w, room.h), lines_max)
        y = room.y + (room.h - laid.height_px) // 2 if middle else room.y
        return self.laid(laid, Rect(room.x, y, room.w, laid.height_px), colour, align)

    def laid(self, laid: Laid, room: Rect, colour: str, align: Align = "left") -> Rect:
        """Lines that were fitted before. Returns the ground that they take."""
        at, toned = (room.x, room.y, room.w), self.tone(colour)
        self.pieces.append(Piece(room, (laid, toned, align), lambda s: text.drawn(s, laid, at, toned, align), laid.cut))
        left = {"left": 0, "center": (room.w - laid.width_px) // 2, "right": room.w - laid.width_px}[align]
        self.words.append(Rect(room.x + left, room.y, laid.width_px, laid.height_px))
        return self.words[-1]

    def target(self, name: str, rect: Rect, label: str) -> None:
        self.targets.append(Target(name, rect, label))


def changed(before: Sheet | None, after: Sheet, bounds: Rect) -> list[Rect]:
    """The ground on which the two differ, as rectangles apart from each other."""
    if before is None or before.ground != after.ground:
        return [bounds]
    old, new = set(before.pieces), set(after.pieces)
    grounds = [piece.rect.clipped(bounds) for piece in old ^ new]
    return merged([rect for rect in grounds if rect.w and rect.h])


def draw(surface: pygame.Surface, sheet: Sheet, rects: list[Rect]) -> None:
    """Draw the sheet again inside the rectangles only."""
    for rect in rects:
        surface.set_clip(rect)
        surface.fill(rgb(sheet.ground), rect)
        for piece in sheet.pieces:
            if piece.rect.overlaps(rect):
                piece.draw(surface)
    surface.set_clip(None)
