"""Several cares may be begun: one tile each, all alike in size."""

from kiosk.journey.views import ChoosingView
from kiosk.screen import buttons, theme
from kiosk.screen.geometry import Rect
from kiosk.screen.screens import tiles
from kiosk.screen.sheet import Sheet
from kiosk.screen.theme import Panel


def sheet(view: ChoosingView, panel: Panel, pressed: str | None) -> Sheet:
    page = Sheet(theme.PAPER, panel, pressed)
    width = panel.width_px - 2 * panel.margin
    room = Rect(panel.margin, panel.pick(44, 12), width, panel.pick(120, 52))
    title = page.text(view.title, room, ("Bold", panel.question_px, panel.floor_px, theme.INK), lines_max=2)
    top = title.bottom + panel.pick(30, 10)
    tiles.draw(page, view.tiles, Rect(panel.margin, top, width, panel.bottom_y - panel.gap_y - top), first_leads=False)
    buttons.back(page, view.back)
    return page
