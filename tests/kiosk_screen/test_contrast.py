"""Contrast as it is drawn: 7:1 for words, 3:1 for what can be touched, by day and by night."""

from collections import Counter
from functools import lru_cache

import pygame
import pytest

from kiosk.journey import views
from kiosk.journey.views import Frame, View
from kiosk.screen import gallery, theme
from kiosk.screen.geometry import Rect
from kiosk.screen.painter import laid_out
from kiosk.screen.port import Target
from kiosk.screen.sheet import Piece, Sheet, draw
from kiosk.screen.slope import HEIGHTS
from kiosk.screen.text import Laid, width_px
from kiosk.screen.theme import PANELS, Panel, by_night, contrast, hexed, panel_of

WORDS_MIN, SHAPES_MIN = 7.0, 3.0
SHARE_MIN = 0.97
"""Of the ground under a word: the edge of a neighbour may touch its rectangle."""
FREE = ("wake",)
"""The dark screen is one target, and shows none."""
SCREENS = [
    pytest.param(view, panel, night, id=f"{name}-{panel.width_px}-{'night' if night else 'day'}")
    for name, view in gallery.VIEWS.items()
    for panel in PANELS
    for night in (False, True)
]
on_every_screen = pytest.mark.parametrize(("view", "panel", "night"), SCREENS)


def laid(view: View, panel: Panel, *, night: bool) -> Sheet:
    listen = "" if isinstance(view, views.PlayingView | views.ConfirmStopView | views.RestView) else "Écouter"
    return laid_out(view, panel.size, frame=Frame(listen=listen, night=night))


def pictured(page: Sheet, pieces: list[Piece]) -> pygame.Surface:
    surface = pygame.Surface(page.panel.size, 0, 32)
    bare = Sheet(page.ground, panel_of(page.panel.size))
    bare.pieces = pieces
    draw(surface, bare, [page.panel.bounds])
    return surface


def shades(surface: pygame.Surface, rect: Rect) -> Counter[int]:
    """How often each colour stands in a rectangle."""
    pixels = surface.subsurface(rect.clipped(Rect(0, 0, *surface.get_size()))).copy()
    return Counter(memoryview(pixels.get_buffer().raw).cast("I"))


@lru_cache(maxsize=4096)
def ratio(pixel: int, colour: str) -> float:
    return contrast(hexed(pixel >> 16 & 255, pixel >> 8 & 255, pixel & 255), colour)


@on_every_screen
def test_words_stand_out_from_the_pixels_behind_them(view: View, panel: Panel, *, night: bool) -> None:
    if isinstance(view, views.RestView):
        return  # dark on purpose: it must wake nobody
    page = laid(view, panel, night=night)
    words = [piece for piece in page.pieces if isinstance(piece.key, tuple) and isinstance(piece.key[0], Laid)]
    behind = pictured(page, [piece for piece in page.pieces if piece not in words])
    for piece in words:
        line, colour = piece.key[0], str(piece.key[1])  # type: ignore[index]
        if colour == "upwards":
            continue
        for rect in lines_of(piece):
            ground = shades(behind, rect)
            fine = sum(count for pixel, count in ground.items() if ratio(pixel, colour) >= WORDS_MIN)
            assert fine >= SHARE_MIN * ground.total(), (line.lines, colour, rect, ground.most_common(3))


def lines_of(piece: Piece) -> list[Rect]:
    """Where the ink of each line of type stands."""
    assert isinstance(piece.key, tuple)
    laid: Laid = piece.key[0]
    align, out = piece.key[2] if len(piece.key) > 2 else "left", []
    for row, line in enumerate(laid.lines):
        wide = width_px(line, laid.weight, laid.size_px)
        left = {"left": 0, "center": (piece.rect.w - wide) // 2, "right": piece.rect.w - wide}[align]
        top = piece.rect.y + row * laid.pitch_px + laid.size_px // 4
        out.append(Rect(piece.rect.x + left, top, wide, laid.size_px * 3 // 4))
    return [rect for rect in out if rect.w]


@on_every_screen
def test_what_can_be_touched_stands_out_from_the_page(view: View, panel: Panel, *, night: bool) -> None:
    page = laid(view, panel, night=night)
    surface = pictured(page, page.pieces)
    for target in page.targets:
        if target.name not in FREE and target.slope is None:
            assert edge_contrast(surface, target) >= SHAPES_MIN, target


def edge_contrast(surface: pygame.Surface, target: Target) -> float:
    """Between the page just outside of a target's left edge and the clearest pixel of that edge."""
    x, y = target.rect.x, target.rect.center[1]
    outside = hexed(*tuple(surface.get_at((max(0, x - 4), y)))[:3])
    return max(contrast(outside, hexed(*tuple(surface.get_at((x + step, y)))[:3])) for step in range(8))


@pytest.mark.parametrize("night", [False, True], ids=["day", "night"])
@pytest.mark.parametrize("panel", PANELS)
@pytest.mark.parametrize("value", [None, 5])
def test_every_slice_of_the_cone_has_an_outline(panel: Panel, value: int | None, *, night: bool) -> None:
    """Pale fills alone have none: the outline is what is seen."""
    view = gallery.VIEWS["cone-unanswered" if value is None else "cone-six"]
    page = laid(view, panel, night=night)
    surface = pictured(page, page.pieces)
    ground = by_night(theme.PAPER) if night else theme.PAPER
    slope = next(target.slope for target in page.targets if target.slope)
    for height in range(HEIGHTS):
        y = slope.middle_y(height)
        left = round(slope.axis_x - slope.half_px(y))
        edge = max(contrast(ground, hexed(*tuple(surface.get_at((x, y)))[:3])) for x in range(left - 4, left + 5))
        assert edge >= SHAPES_MIN, height


def test_a_faint_word_is_found() -> None:
    """The measure itself: a grey on paper that 7:1 does not allow."""
    page = Sheet(theme.PAPER, PANELS[0])
    page.text("à peine", Rect(100, 100, 400, 80), ("Regular", 40, 30, "#8A8A8A"))
    ground = shades(pictured(page, []), page.pieces[0].rect)
    assert all(ratio(pixel, "#8A8A8A") < WORDS_MIN for pixel in ground)
