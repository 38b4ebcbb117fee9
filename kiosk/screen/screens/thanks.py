"""Thanks: a flower has grown; the true state of the answers; one way on."""

from kiosk.journey.views import ThanksView
from kiosk.screen import buttons, scenery, theme
from kiosk.screen.geometry import Rect
from kiosk.screen.screens.home import Record, record
from kiosk.screen.sheet import Sheet
from kiosk.screen.theme import Panel


def sheet(view: ThanksView, panel: Panel, pressed: str | None) -> Sheet:
    page = Sheet(theme.PAPER, panel, pressed)
    size = panel.pick(430, 226)
    flower = Rect(panel.width_px - panel.margin - size - panel.pick(84, -8), panel.pick(216, 124), size, size)
    _meadow(page)
    page.scenery(flower, scenery.flower(size, "#4E8A6C", "#EDB95C", "#FFF6DC"))
    _words(page, view, flower.x - panel.margin)
    right = buttons.onward(page, "done", view.done)
    width = right.x - panel.gap_x * 2 - panel.margin
    if view.record:
        record(page, Record(view.record, view.in_record), Rect(panel.margin, right.y, width, right.h))
    return page


def _meadow(page: Sheet) -> None:
    panel = page.panel
    tall = panel.height_px - panel.pick(560, 300)
    rect = Rect(0, panel.height_px - tall, panel.width_px, tall)
    page.scenery(rect, scenery.meadow(rect.w, rect.h))


def _words(page: Sheet, view: ThanksView, width: int) -> None:
    panel = page.panel
    room = Rect(panel.margin, panel.pick(120, 40), width, panel.pick(180, 110))
    title = page.text(view.title, room, ("Bold", panel.pick(72, 48), panel.floor_px, theme.INK), lines_max=2)
    below = Rect(panel.margin, title.bottom + panel.pick(20, 8), width, panel.pick(260, 180))
    page.text(view.sentence, below, ("Regular", panel.pick(42, 33), panel.floor_px, theme.INK_SOFT))
