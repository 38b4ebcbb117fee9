"""Dark and silent; one very dim line; a touch anywhere wakes."""

from kiosk.journey.views import RestView
from kiosk.screen import theme
from kiosk.screen.geometry import Rect
from kiosk.screen.sheet import Look, Sheet
from kiosk.screen.theme import Panel


def sheet(view: RestView, panel: Panel, pressed: str | None) -> Sheet:
    page = Sheet(theme.DARK, panel, pressed)
    page.target("wake", panel.bounds, view.sentence)
    wide = panel.width_px - 2 * panel.pick(160, 60)
    room = Rect((panel.width_px - wide) // 2, 0, wide, panel.height_px)
    look: Look = ("Regular", panel.body_px, panel.floor_px, theme.DARK_TEXT)
    page.text(view.sentence, room, look, align="center", middle=True)
    return page
