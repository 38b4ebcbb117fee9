"""The level of a test sound at the ear, to be set beside a sound level meter."""

from kiosk.journey.views import LevelView
from kiosk.screen import buttons, icons, theme
from kiosk.screen.geometry import Rect
from kiosk.screen.sheet import Look, Sheet
from kiosk.screen.theme import Panel
from kiosk.screen.vector import rounded


def sheet(view: LevelView, panel: Panel, pressed: str | None) -> Sheet:
    page = Sheet(theme.PAPER, panel, pressed)
    room = Rect(panel.margin, panel.pick(34, 6), panel.head_w, panel.pick(70, 46))
    title = page.text(view.title, room, ("Bold", panel.pick(50, 34), panel.floor_px, theme.INK), lines_max=1)
    y = title.bottom + panel.pick(14, 2)
    for line in view.lines:
        place = Rect(panel.margin, y, panel.head_w, panel.pick(84, 68))
        y = page.text(line, place, ("Regular", panel.body_px, panel.floor_px, theme.INK), lines_max=2).bottom
    _level(page, view, max(y, panel.listen.bottom) + panel.gap_y)
    buttons.onward(page, "done", view.done)
    return page


def _level(page: Sheet, view: LevelView, top: int) -> None:
    """The figure, large, between softer and louder."""
    panel = page.panel
    tall = min(panel.pick(260, 180), panel.bottom_y - panel.gap_y - top)
    side, wide = panel.pick(180, 130), panel.pick(520, 330)
    x = (panel.width_px - wide - 2 * (side + panel.gap_x)) // 2
    minus = Rect(x, top, side, tall)
    plain = buttons.PLAIN
    buttons.icon_button(page, "softer", minus, view.softer, plain, icons.minus(theme.INK), asleep=False)
    card = Rect(minus.right + panel.gap_x, top, wide, tall)
    page.image(card, rounded(card.w, card.h, panel.pick(28, 22), theme.CARD, theme.EDGE, panel.pick(3, 2)))
    look: Look = ("Bold", panel.pick(96, 64), panel.floor_px, theme.INK)
    page.text(view.level, card.inset(10), look, align="center", middle=True, lines_max=1)
    plus = Rect(card.right + panel.gap_x, top, side, tall)
    buttons.icon_button(page, "louder", plus, view.louder, plain, icons.plus(theme.INK), asleep=False)
