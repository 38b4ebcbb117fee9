"""Asked once, over the night, while the sound goes on: to listen on leads."""

from kiosk.journey.views import ConfirmStopView
from kiosk.screen import buttons, theme
from kiosk.screen.geometry import Rect
from kiosk.screen.sheet import Look, Sheet
from kiosk.screen.theme import Panel
from kiosk.screen.vector import glow


def sheet(view: ConfirmStopView, panel: Panel, pressed: str | None) -> Sheet:
    page = Sheet(theme.NIGHT, panel, pressed)
    size = panel.pick(1000, 640)
    ground = Rect((panel.width_px - size) // 2, panel.pick(-180, -150), size, size)
    page.scenery(ground, glow("far", (size / 2, size / 2), size / 2, "#1F3A48", theme.NIGHT))
    wide = panel.pick(900, 700)
    x = (panel.width_px - wide) // 2
    room = Rect(x, panel.pick(190, 60), wide, panel.pick(170, 110))
    look: Look = ("Bold", panel.pick(62, 44), panel.floor_px, theme.NIGHT_TEXT)
    asked = page.text(view.question, room, look, align="center", lines_max=2)
    below = Rect(x, asked.bottom + panel.pick(22, 12), wide, panel.bottom_y - asked.bottom - panel.pick(60, 30))
    page.text(view.detail, below, ("Regular", panel.pick(38, 32), panel.floor_px, theme.NIGHT_SOFT), align="center")
    _choices(page, view)
    return page


def _choices(page: Sheet, view: ConfirmStopView) -> None:
    panel = page.panel
    wide, gap = panel.pick(420, 330), panel.pick(60, 40)
    y, x = panel.bottom_y - panel.pick(60, 20), (panel.width_px - 2 * wide - gap) // 2
    buttons.button(page, "yes", Rect(x, y, wide, panel.target_h), view.yes, buttons.NIGHT)
    buttons.button(page, "no", Rect(x + wide + gap, y, wide, panel.target_h), view.no, buttons.NIGHT_LEAD)
