"""The garden, and the person's own words before and after the last care: no red, no green, no judgement."""

from kiosk.journey.views import GardenView, Pair
from kiosk.screen import buttons, theme
from kiosk.screen.cone import RAMPS
from kiosk.screen.garden import Ground, picture
from kiosk.screen.geometry import Rect
from kiosk.screen.port import ScreenError
from kiosk.screen.screens.links import FIRM
from kiosk.screen.sheet import Look, Sheet
from kiosk.screen.slope import HEIGHTS
from kiosk.screen.theme import Panel
from kiosk.screen.vector import fill, number, rounded, stroke

PAIRS = 3
LARGE, SMALL = (420, 340, 290, 230), (270, 225, 180, 150)
"""The height of the tallest plants, under so many pairs."""


def sheet(view: GardenView, panel: Panel, pressed: str | None) -> Sheet:
    """Raises ScreenError for more pairs than have a place."""
    if len(view.pairs) > PAIRS:
        raise ScreenError(f"{len(view.pairs)} pairs: {PAIRS} have a place on one screen; show the others after them")
    page = Sheet(theme.PAPER, panel, pressed)
    _garden(page, view)
    top = _head(page, view)
    _pairs(page, view, top)
    back = Rect(panel.margin, panel.bottom_y, panel.pick(176, 112), panel.target_h)
    buttons.button(page, "back", back, view.back, FIRM)
    if view.more:
        wide = panel.pick(224, 178)
        rect = Rect(panel.width_px - panel.margin - wide, panel.bottom_y, wide, panel.target_h)
        buttons.button(page, "more", rect, view.more, FIRM)
    return page


def _garden(page: Sheet, view: GardenView) -> None:
    """Behind everything; its plants stand between the buttons, where no card hides them."""
    panel = page.panel
    tallest = (LARGE if panel.large else SMALL)[len(view.pairs)]
    left = panel.margin + panel.pick(176, 112) + panel.pick(30, 10)
    right = panel.width_px - panel.margin - (panel.pick(224, 178) if view.more else 0)
    tall = min(panel.height_px, round(tallest * 1.16))
    ground = Ground(panel.width_px, tall, left, right, tallest, round(tallest * panel.pick(10, 12) / 100))
    page.scenery(Rect(0, panel.height_px - tall, panel.width_px, tall), picture(view.plants, ground))


def _head(page: Sheet, view: GardenView) -> int:
    panel = page.panel
    room = Rect(panel.margin, panel.pick(32, 6), panel.head_w, panel.pick(72, 48))
    title = page.text(view.title, room, ("Bold", panel.pick(56, 38), panel.floor_px, theme.INK), lines_max=1)
    soft: Look = ("Regular", panel.body_px, panel.floor_px, theme.INK_SOFT)
    below = Rect(panel.margin, title.bottom, panel.head_w, panel.pick(44, 36))
    y = page.text(view.sentence, below, soft, lines_max=1).bottom
    if view.pairs_title:
        line = Rect(panel.margin, y + panel.pick(10, 0), panel.head_w, panel.pick(44, 36))
        look: Look = ("SemiBold", panel.body_px, panel.floor_px, theme.INK)
        y = page.text(view.pairs_title, line, look, lines_max=1).bottom
    return max(y + panel.pick(10, 2), panel.listen.bottom + panel.pick(14, 2))


def _pairs(page: Sheet, view: GardenView, top: int) -> None:
    """One row each: a cone and a number before, an arrow, a cone and a number after, each with its word."""
    panel = page.panel
    tall, gap = panel.pick(92, 71), panel.pick(12, 4)
    for index, pair in enumerate(view.pairs):
        row = Rect(panel.margin, top + index * (tall + gap), panel.width_px - 2 * panel.margin, tall)
        page.image(row, rounded(row.w, row.h, panel.pick(22, 16), theme.CARD, theme.EDGE, 2))
        inside = row.inset(panel.pick(22, 6), panel.pick(8, 1))
        arrow = panel.pick(72, 36)
        half = (inside.w - arrow - panel.pick(36, 12)) // 2
        _height(page, pair, (pair.before, pair.before_word), Rect(inside.x, inside.y, half, inside.h))
        at = Rect(inside.x + half + panel.pick(18, 6), row.center[1] - arrow // 2, arrow, arrow)
        page.image(at, _arrow(arrow))
        _height(page, pair, (pair.after, pair.after_word), Rect(inside.right - half, inside.y, half, inside.h))


def _arrow(size: int) -> str:
    n = number
    middle, pen = size / 2, size * 0.09
    barb = size * 0.25
    path = f"M{n(pen)} {n(middle)} H{n(size - pen)} m{n(-barb)} {n(-barb)} l{n(barb)} {n(barb)} l{n(-barb)} {n(barb)}"
    return stroke(path, theme.INK, pen)


def _height(page: Sheet, pair: Pair, said: tuple[int, str], room: Rect) -> None:
    """A small cone filled so far, the number, the word."""
    panel = page.panel
    value, word = said
    wide = panel.pick(room.h * 9 // 10, 40)
    cone = Rect(room.x, room.y, wide, room.h)
    page.image(cone, small_cone(wide, room.h, pair.ramp, value))
    digits = Rect(cone.right + panel.pick(16, 5), room.y, panel.pick(76, 48), room.h)
    figure: Look = ("Bold", panel.pick(58, 40), panel.floor_px, theme.INK)
    page.text(str(value), digits, figure, middle=True, lines_max=1)
    words = Rect(digits.right + panel.pick(10, 2), room.y, room.right - digits.right - panel.pick(10, 2), room.h)
    look: Look = ("Regular", panel.pick(32, 28), panel.floor_px, theme.INK)
    page.text(word, words, look, middle=True, lines_max=2)


def small_cone(width_px: int, height_px: int, ramp: str, value: int) -> str:
    """The cone as a small picture: eleven bands, full up to the value."""
    colours = RAMPS["pleasant" if ramp == "pleasant" else "intense"]
    bands = "".join(
        fill(_band(width_px, height_px, height, height + 1), colour if height <= value else theme.PAPER_DEEP)
        for height, colour in enumerate(colours)
    )
    return bands + stroke(_band(width_px, height_px, 0, HEIGHTS), theme.INK, 2)


def _band(width_px: int, height_px: int, foot: int, top: int) -> str:
    """From one height to another, as a path."""
    pitch, middle = (height_px - 4) / HEIGHTS, width_px / 2
    below, above = (middle * 0.16 + (middle * 0.84 - 2) * at / HEIGHTS for at in (foot, top))
    y, z, n = height_px - 2 - foot * pitch, height_px - 2 - top * pitch, number
    return f"M{n(middle - below)} {n(y)} L{n(middle - above)} {n(z)} H{n(middle + above)} L{n(middle + below)} {n(y)} Z"
