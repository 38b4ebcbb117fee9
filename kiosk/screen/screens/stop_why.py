"""Why a care was stopped: asked once; not to answer is as easy as to answer."""

from kiosk.journey.views import StopWhyView
from kiosk.screen import buttons, cards, pictograms, theme
from kiosk.screen.asked import room_under
from kiosk.screen.cards import Card
from kiosk.screen.geometry import Rect
from kiosk.screen.screens.choice import grid, picture_of
from kiosk.screen.sheet import Sheet
from kiosk.screen.theme import Panel


def sheet(view: StopWhyView, panel: Panel, pressed: str | None) -> Sheet:
    page = Sheet(theme.PAPER, panel, pressed)
    pictured = all(tile.kind in pictograms.names() for tile in view.reasons) and len({t.kind for t in view.reasons}) > 1
    offered = [
        Card(tile.target, tile.title, picture=picture_of(tile.kind) if pictured else None, asleep=tile.asleep)
        for tile in view.reasons
    ]
    need = cards.need_px(panel, (card.label for card in offered))
    limit = panel.bottom_y - panel.gap_y - need - panel.pick(40, 12)
    room = Rect(panel.margin, panel.pick(36, 10), panel.head_w, limit)
    head = page.text(view.question, room, ("Bold", panel.question_px, panel.floor_px, theme.INK), lines_max=3)
    grid(page, offered, room_under(panel, head.bottom, need))
    _skip(page, view.skip)
    return page


def _skip(page: Sheet, label: str) -> None:
    panel = page.panel
    wide = panel.pick(420, 300)
    rect = Rect(panel.width_px - panel.margin - wide, panel.bottom_y, wide, panel.target_h)
    buttons.button(page, "skip", rect, label, buttons.PLAIN)
