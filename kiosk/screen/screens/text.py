"""One paragraph at a time, in large type, with air around it."""

from kiosk.journey.views import TextView
from kiosk.screen import buttons, theme
from kiosk.screen.geometry import Rect
from kiosk.screen.sheet import Look, Sheet
from kiosk.screen.theme import Panel


def sheet(view: TextView, panel: Panel, pressed: str | None) -> Sheet:
    page = Sheet(theme.PAPER, panel, pressed)
    width = panel.width_px - 2 * panel.margin
    x, y = panel.margin, panel.pick(40, 12)
    beads = buttons.steps(page, panel.width_px - panel.margin, y + panel.pick(22, 17), view.page, view.pages)
    soft: Look = ("Regular", panel.body_px, panel.floor_px, theme.INK_SOFT)
    title = Rect(x, y, width - beads - 24, panel.pick(44, 36))
    above = page.text(view.title, title, soft, lines_max=1)
    heading = Rect(x, above.bottom + panel.pick(14, 2), width, panel.pick(140, 80))
    head = page.text(view.heading, heading, ("Bold", panel.question_px, panel.floor_px, theme.INK), lines_max=2)
    top = head.bottom + panel.pick(28, 6)
    room = Rect(x, top, panel.pick(1020, width), panel.bottom_y - panel.gap_y - top)
    page.text(view.paragraph, room, ("Regular", panel.pick(44, 34), panel.floor_px, theme.INK))
    buttons.back(page, view.back)
    buttons.onward(page, "continue", view.go_on)
    return page
