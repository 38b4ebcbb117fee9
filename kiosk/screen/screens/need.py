"""What the answers propose, with the reason in a sentence; the care that was chosen stays beside it."""

from kiosk.journey.views import NeedView
from kiosk.screen import theme
from kiosk.screen.geometry import Rect
from kiosk.screen.screens import tiles
from kiosk.screen.sheet import Sheet
from kiosk.screen.theme import Panel


def sheet(view: NeedView, panel: Panel, pressed: str | None) -> Sheet:
    page = Sheet(theme.PAPER, panel, pressed)
    bottom = _said(page, view)
    top = max(bottom + panel.pick(28, 12), panel.listen.bottom + panel.gap_y)
    foot = panel.height_px - panel.pick(44, 18)
    area = Rect(panel.margin, top, panel.width_px - 2 * panel.margin, foot - top)
    tiles.draw(page, (*view.offers, view.keep), area, first_leads=True)
    return page


def _said(page: Sheet, view: NeedView) -> int:
    """The title, then the reason, in type as large as leaves the tiles their height."""
    panel, floor = page.panel, page.panel.floor_px
    room = Rect(panel.margin, panel.pick(36, 8), panel.head_w, panel.pick(130, 84))
    title = page.text(view.title, room, ("Bold", panel.pick(52, 36), floor, theme.INK), lines_max=2)
    below = Rect(panel.margin, title.bottom + panel.pick(8, 0), panel.head_w, panel.pick(150, 105))
    return page.text(view.reason, below, ("Regular", panel.pick(40, 32), floor, theme.INK), lines_max=3).bottom
