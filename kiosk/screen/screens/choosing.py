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
    # Six tiles need the whole width: on the small panel the loudspeaker goes to the foot, where only « back » stands.
    if not panel.large:
        page.listen = page.listen.moved(0, panel.bottom_y - page.listen.y)
    room = Rect(panel.margin, panel.pick(44, 12), panel.pick(panel.head_w, width), panel.pick(104, 52))
    title = page.text(view.title, room, ("Bold", panel.question_px, panel.floor_px, theme.INK), lines_max=2)
    top = max(title.bottom + panel.pick(30, 10), panel.pick(panel.listen.bottom + panel.gap_y, 0))
    tiles.draw(page, view.tiles, Rect(panel.margin, top, width, panel.bottom_y - panel.gap_y - top), first_leads=False)
    buttons.back(page, view.back)
    return page
