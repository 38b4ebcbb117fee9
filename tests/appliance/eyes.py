"""Whether the screen shows what it should: a screendump beside the box's own drawing of the view, square by square.

Type is set a little differently by the image's SDL than by the workstation's, by a pixel here and there; a square of 20
pixels takes that in. Another number, button or colour does not fit into it; one line of small words does, and is told
by what it is nearer to (`nearer`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pygame

from kiosk.journey.views import Frame, View
from kiosk.screen.gallery import draw
from kiosk.screen.geometry import Rect

SQUARE_PX = 20
STEP_MAX = 24
"""Of 255, by which a square's mean colour may differ."""
SHARE_MAX = 0.008
"""Of the squares, that may differ by more. Measured: the same view 0.4 % at most, two heights of a cone 2.9 %."""


@dataclass(frozen=True)
class Squares:
    """A picture, averaged: `colours` has three bytes for each square, row by row."""

    wide: int
    tall: int
    colours: bytes


def squares(picture: pygame.Surface) -> Squares:
    wide, tall = picture.get_width() // SQUARE_PX, picture.get_height() // SQUARE_PX
    small = pygame.transform.smoothscale(picture, (wide, tall))
    return Squares(wide, tall, pygame.image.tobytes(small, "RGB"))


def read(path: Path) -> Squares:
    """Of a screendump. Raises pygame.error for what is no picture."""
    return squares(pygame.image.load(str(path)))


def drawn(view: View, frame: Frame, size: tuple[int, int]) -> Squares:
    return squares(draw(view, size, frame=frame))


def apart(one: Squares, other: Squares, but: Rect | None = None) -> float:
    """The share of the squares that differ, 0 to 1; those that touch `but` (pixels) are not looked at."""
    if (one.wide, one.tall) != (other.wide, other.tall):
        return 1.0
    seen = differ = 0
    for at in range(one.wide * one.tall):
        if but is not None and _touches(at % one.wide, at // one.wide, but):
            continue
        seen += 1
        pair = zip(one.colours[3 * at : 3 * at + 3], other.colours[3 * at : 3 * at + 3], strict=True)
        differ += any(abs(a - b) > STEP_MAX for a, b in pair)
    return differ / seen if seen else 1.0


def distance(one: Squares, other: Squares, but: Rect | None = None) -> int:
    """How far apart the colours of all squares are, added up: it tells a line of words, or a letter, from another."""
    kept = (at for at in range(one.wide * one.tall) if but is None or not _touches(at % one.wide, at // one.wide, but))
    return sum(abs(one.colours[3 * at + of] - other.colours[3 * at + of]) for at in kept for of in range(3))


def nearer(screen: Squares, wanted: Sequence[Squares], others: Sequence[Squares], but: Rect | None = None) -> bool:
    """Whether the screen is nearer to one of these than to all of the others."""
    near = min(distance(screen, one, but) for one in wanted)
    return all(near < distance(screen, one, but) for one in others)


def same(one: Squares, other: Squares, but: Rect | None = None) -> bool:
    return apart(one, other, but) <= SHARE_MAX


def _touches(column: int, row: int, rect: Rect) -> bool:
    x, y = column * SQUARE_PX, row * SQUARE_PX
    return x < rect.right and rect.x < x + SQUARE_PX and y < rect.y + rect.h and rect.y < y + SQUARE_PX
