"""Yes or no: two wide cards; a tick and a cross say the same as the words."""

from kiosk.journey.views import YesNoView
from kiosk.screen import asked, cards, icons, theme
from kiosk.screen.cards import Card, Picture
from kiosk.screen.geometry import Rect
from kiosk.screen.sheet import Sheet
from kiosk.screen.theme import Panel
from kiosk.screen.vector import ring, stroke

CROSS = "M30 30 L70 70 M70 30 L30 70"
TICK = "M28 52 L44 68 L74 34"


def sheet(view: YesNoView, panel: Panel, pressed: str | None) -> Sheet:
    page = Sheet(theme.PAPER, panel, pressed)
    room = asked.lay(page, view, panel.target_h, awake=view.chosen is not None)
    tall = min(room.h, panel.pick(250, 190))
    row = Rect(room.x, room.y + (room.h - tall) // 2, room.w, tall)
    yes = Card("yes", view.yes, view.chosen is True, _mark(TICK))
    no = Card("no", view.no, view.chosen is False, _mark(CROSS))
    for card, rect in zip((yes, no), cards.places(panel, 2, 2, row), strict=True):
        cards.draw(page, card, rect, panel.pick(72, 52), "Bold")
    return page


def _mark(path: str) -> Picture:
    return lambda size_px: icons.scaled(ring(50, 50, 44, theme.TEAL, 6) + stroke(path, theme.TEAL, 10), size_px)
