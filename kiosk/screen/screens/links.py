"""The foot of home: help, always in the same place, and small links to what is always there."""

from dataclasses import replace

from kiosk.journey.views import Tile
from kiosk.screen import buttons, pictograms, text, theme
from kiosk.screen.buttons import LEAD, PLAIN, Style
from kiosk.screen.geometry import Rect
from kiosk.screen.sheet import Look, Sheet
from kiosk.screen.text import Weight
from kiosk.screen.theme import Panel
from kiosk.screen.vector import rounded

QUIET = Style(theme.PAPER, theme.LINE, theme.INK, theme.TEAL_PALE)
"""Flat: it leads nowhere that is due."""
FIRM = Style(theme.CARD, theme.INK_SOFT, theme.INK, theme.TEAL_PALE)
"""Over a landscape, whose greens are too near to the usual edge."""
WEIGHT: Weight = "SemiBold"
NEW_MAX = 9
"""More is written 9: a number of two digits is no news to anybody."""


def draw(page: Sheet, help_label: str, links: tuple[Tile, ...], *, over_scenery: bool) -> None:
    """Help at the left; the links at the right, as wide as their words."""
    panel = page.panel
    asked = Rect(panel.margin, panel.bottom_y, panel.pick(316, 250 if len(links) < 3 else 156), panel.target_h)
    _help(page, asked, help_label, FIRM if over_scenery else PLAIN)
    left = asked.right + panel.gap_x
    room = Rect(left, asked.y, panel.width_px - panel.margin - left, asked.h)
    x = room.right
    for link, wide in reversed(list(zip(links, widths(page, links, room.w), strict=True))):
        _link(page, link, Rect(x - wide, room.y, wide, room.h), FIRM if over_scenery else QUIET)
        x -= wide + panel.gap_x


def widths(page: Sheet, links: tuple[Tile, ...], room_w: int) -> list[int]:
    """Each as wide as its label: on one line, on two, at last without the words of staff, who know their picture."""
    panel = page.panel
    room_w -= panel.gap_x * (len(links) - 1)
    wanted: list[int] = []
    for lines, wordless in ((1, False), (2, False), (2, True)):
        wanted = [_wanted_w(panel, link, lines, wordless=wordless) for link in links]
        if sum(wanted) <= room_w:
            return wanted
    return [wide * room_w // sum(wanted) for wide in wanted]


def _wanted_w(panel: Panel, link: Tile, lines: int, *, wordless: bool) -> int:
    if wordless and link.kind == "service":
        return panel.target_w
    return max(panel.target_w, _label_w(panel, link.title, lines) + panel.pick(36, 12))


def _label_w(panel: Panel, label: str, lines: int) -> int:
    """The narrowest room that takes a label in one or two lines."""
    words = label.split(" ")
    cuts = range(1, len(words)) if lines == 2 and len(words) > 1 else ()
    whole = text.width_px(label, WEIGHT, panel.floor_px)
    broken = [max(_w(panel, words[:cut]), _w(panel, words[cut:])) for cut in cuts]
    return min(broken, default=whole)


def _w(panel: Panel, words: list[str]) -> int:
    return text.width_px(" ".join(words), WEIGHT, panel.floor_px)


def _help(page: Sheet, rect: Rect, label: str, style: Style) -> None:
    panel = page.panel
    buttons.face(page, rect, style, pressed=page.pressed == "help")
    size = panel.pick(72, 0 if rect.w < 220 else 56)
    inside = rect.inset(panel.pick(20, 8), 4)
    if size:
        at = Rect(inside.x, rect.center[1] - size // 2, size, size)
        page.image(at, pictograms.drawn("help", size))
        inside = Rect(at.right + panel.pick(14, 6), inside.y, inside.right - at.right - panel.pick(14, 6), inside.h)
    look: Look = ("SemiBold", panel.pick(36, 30), panel.floor_px, theme.INK)
    page.text(label, inside, look, align="left" if size else "center", middle=True)
    page.target("help", rect, label)


def _link(page: Sheet, link: Tile, rect: Rect, style: Style) -> None:
    """A picture over its name; where something is new, in the colour of what is due, with how many."""
    if not link.new:
        _drawn(page, link, rect, style)
        return
    edge = theme.by_night(LEAD.edge) if page.panel.night else LEAD.edge  # by night it alone stands out from the page
    with page.as_by_day(when=True):
        _drawn(page, link, rect, replace(LEAD, edge=edge))
    _mark(page, link.new, rect)


def _drawn(page: Sheet, link: Tile, rect: Rect, style: Style) -> None:
    panel = page.panel
    buttons.face(page, rect, style, pressed=page.pressed == link.target)
    if text.width_px(link.title, WEIGHT, panel.floor_px) > rect.w and link.kind == "service":
        _picture_alone(page, link, rect)
        return
    laid = text.fitted(
        link.title, WEIGHT, (panel.floor_px, panel.floor_px), (rect.w - panel.pick(16, 6), panel.floor_px * 3), 2
    )
    size = min(panel.pick(56, 52), rect.h - laid.height_px - panel.pick(14, 8))
    top = rect.y + (rect.h - size - laid.height_px - 2) // 2
    tint = pictograms.ON_TEAL if link.new else pictograms.DAY
    page.image(Rect(rect.center[0] - size // 2, top, size, size), pictograms.drawn(link.kind, size, tint))
    page.laid(laid, Rect(rect.x, top + size + 2, rect.w, laid.height_px), style.words, "center")
    page.target(link.target, rect, link.title)


def _mark(page: Sheet, new: int, rect: Rect) -> None:
    """A disc with the number, at the upper right, over the edge: where one looks for news."""
    size = page.panel.pick(58, 46)
    at = Rect(rect.right - size * 3 // 4, rect.y - size // 4, size, size)
    page.image(at, rounded(size, size, size / 2 - 1, theme.MARK, theme.MARK_INK, page.panel.pick(3, 2)))
    look: Look = ("Bold", page.panel.pick(38, 30), page.panel.floor_px, theme.MARK_INK)
    page.text(str(min(new, NEW_MAX)), at, look, align="center", middle=True)


def _picture_alone(page: Sheet, link: Tile, rect: Rect) -> None:
    size = page.panel.pick(72, 64)
    at = Rect(rect.center[0] - size // 2, rect.center[1] - size // 2, size, size)
    page.image(at, pictograms.drawn(link.kind, size))
    page.target(link.target, rect, link.title)
