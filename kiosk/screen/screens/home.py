"""Home: what is due leads; above it the true state of the last answers, below it help and what is always there."""

from dataclasses import dataclass

from kiosk.journey.views import Banner, HomeView
from kiosk.screen import buttons, pictograms, scenery, text, theme
from kiosk.screen.geometry import Rect
from kiosk.screen.screens import links, tiles
from kiosk.screen.sheet import Look, Sheet
from kiosk.screen.theme import Panel
from kiosk.screen.vector import rounded


def sheet(view: HomeView, panel: Panel, pressed: str | None) -> Sheet:
    page = Sheet(theme.PAPER, panel, pressed)
    if not view.tiles:
        _rest(page)
    top = max(_head(page, view), panel.listen.bottom) + panel.gap_y
    foot = _banner(page, view.banner) if view.banner.said else panel.bottom_y - panel.gap_y
    area = Rect(panel.margin, top, panel.width_px - 2 * panel.margin, foot - top)
    tiles.draw(page, view.tiles, area, first_leads=True)
    links.draw(page, view.help, view.links, over_scenery=not view.tiles)
    return page


def _rest(page: Sheet) -> None:
    """Nothing is due: a wide calm view instead of an empty page."""
    panel = page.panel
    top = panel.pick(190, 112)
    rect = Rect(0, top, panel.width_px, panel.height_px - top)
    page.scenery(rect, scenery.hills(rect.w, rect.h, (0.74, 0.36, 0.115)))


def _head(page: Sheet, view: HomeView) -> int:
    """The greeting; then the record, which on the small panel takes the place of a line that says less."""
    panel = page.panel
    hello = Rect(panel.margin, panel.pick(30, 6), panel.head_w, panel.pick(80, 50))
    y = page.text(view.greeting, hello, ("Bold", panel.pick(60, 40), panel.floor_px, theme.INK), lines_max=1).bottom
    truth = Record(view.record, view.in_record, view.read)
    if panel.large or not (view.record and view.tiles) or _one_line(page, truth):
        room = Rect(panel.margin, y, panel.head_w, panel.pick(84, 68) if not view.record else panel.body_px * 5 // 4)
        soft: Look = ("Regular", panel.body_px, panel.floor_px, theme.INK_SOFT)
        y = page.text(view.subtitle, room, soft, lines_max=2 if not view.record else 1).bottom
    if view.record:
        y = record(page, truth, Rect(panel.margin, y + panel.pick(6, 0), panel.head_w, panel.pick(84, 70)))
    return y


def _one_line(page: Sheet, truth: "Record") -> bool:
    width = page.panel.head_w - _mark_w(page.panel)
    fits = text.width_px(truth.said, "SemiBold", page.panel.floor_px) <= width
    return fits and not truth.read


def _banner(page: Sheet, banner: Banner) -> int:
    """One honest line above the foot. Returns where what stands above it ends."""
    panel = page.panel
    wide = panel.width_px - 2 * panel.margin - panel.pick(92, 66)
    laid = text.fitted(banner.said, "Regular", (panel.pick(32, 28), panel.floor_px), (wide, panel.pick(90, 76)), 2)
    tall = laid.height_px + panel.pick(12, 4)
    rect = Rect(panel.margin, panel.bottom_y - panel.gap_y - tall, panel.width_px - 2 * panel.margin, tall)
    page.image(rect, rounded(rect.w, rect.h, panel.pick(24, 18), theme.PAPER_DEEP))
    mark = panel.pick(34, 26)
    at = Rect(rect.x + panel.pick(16, 10), rect.y + (tall - mark) // 2, mark, mark)
    page.image(at, pictograms.drawn(banner.mark, mark, pictograms.ASLEEP))
    top = rect.y + (tall - laid.height_px) // 2
    page.laid(laid, Rect(at.right + panel.pick(14, 10), top, wide, laid.height_px), theme.INK)
    return rect.y - panel.pick(14, 10)


@dataclass(frozen=True)
class Record:
    """What is true of the last answers: the sentence, whether they are in the record, and who has read them."""

    said: str
    in_record: bool
    read: str = ""


def _mark_w(panel: Panel) -> int:
    return panel.pick(36, 28) + panel.pick(14, 10)


def record(page: Sheet, truth: Record, room: Rect) -> int:
    """A mark (a tick for in the record, three dots for on its way), then one or two lines. Returns where they end."""
    panel, mark_w = page.panel, _mark_w(page.panel)
    size, x, width = panel.pick(36, 28), room.x + mark_w, room.w - mark_w
    sizes = (panel.pick(32, 28), panel.floor_px)
    said = text.fitted(truth.said, "SemiBold", sizes, (width, room.h), 2)
    place = page.laid(said, Rect(x, room.y, width, said.height_px), theme.INK)
    at = Rect(room.x, room.y + (said.pitch_px - size) // 2, size, size)
    buttons.record_mark(page, at, in_record=truth.in_record)
    return _read(page, truth.read, Rect(x, room.y, width, room.h), place) if truth.read else place.bottom


def _read(page: Sheet, words: str, room: Rect, said: Rect) -> int:
    """By whom they were read: on the same line where there is room, else below."""
    panel, sizes = page.panel, (page.panel.pick(32, 28), page.panel.floor_px)
    gap = panel.pick(20, 14)
    left = room.right - said.right - gap
    look: Look = ("Regular", *sizes, theme.INK_SOFT)
    if said.h < 2 * sizes[0] and text.width_px(words, "Regular", sizes[0]) <= left:
        page.text(words, Rect(said.right + gap, said.y, left, said.h), look)
        return said.bottom
    below = Rect(room.x, said.bottom, room.w, room.bottom - said.bottom)
    return page.text(words, below, look, lines_max=1).bottom
