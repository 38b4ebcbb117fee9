"""One of several answers in no order, as cards, with their pictures where all have one."""

from kiosk.journey.views import ChoiceView, Option
from kiosk.screen import asked, cards, pictograms, theme
from kiosk.screen.cards import Card, Picture
from kiosk.screen.geometry import Rect
from kiosk.screen.sheet import Sheet
from kiosk.screen.text import fitted
from kiosk.screen.theme import Panel


def sheet(view: ChoiceView, panel: Panel, pressed: str | None) -> Sheet:
    page = Sheet(theme.PAPER, panel, pressed)
    pictured = all(option.picture in pictograms.names() for option in view.options)
    offered = [_card(option, view.chosen, pictured=pictured) for option in view.options]
    need = cards.need_px(panel, (card.label for card in offered))
    room = asked.lay(page, view, need, awake=view.chosen is not None, more=view.more)
    grid(page, offered, room)
    return page


def grid(page: Sheet, offered: list[Card], room: Rect) -> None:
    """All alike: one size of words, and pictures on all or on none."""
    panel = page.panel
    labels = tuple(card.label for card in offered)
    places = cards.places(panel, len(offered), cards.columns(panel, labels, room), room, panel.pick(250, 999))
    inside = (places[0].w - panel.pick(36, 20), places[0].h - panel.pick(20, 12))
    sizes = (panel.pick(42, 34), panel.floor_px)
    size = min(fitted(one, "SemiBold", sizes, inside).size_px for one in labels)
    for card, rect in zip(offered, places, strict=True):
        cards.draw(page, card, rect, size)


def _card(option: Option, chosen: str | None, *, pictured: bool) -> Card:
    return Card(option.target, option.label, option.target == chosen, picture_of(option.picture) if pictured else None)


def picture_of(name: str) -> Picture:
    return lambda size_px: pictograms.drawn(name, size_px)
