"""Home: what is due leads, help is always there, and one quiet line tells the true state of the last answers."""

from dataclasses import dataclass

from kiosk.journey.views import HomeView
from kiosk.screen import buttons, scenery, text, theme
from kiosk.screen.geometry import Rect
from kiosk.screen.screens import tiles
from kiosk.screen.sheet import Sheet
from kiosk.screen.theme import Panel
from kiosk.screen.vector import rounded


def sheet(view: HomeView, panel: Panel, pressed: str | None) -> Sheet:
    page = Sheet(theme.PAPER, panel, pressed)
    if not view.tiles:
        _rest(page)
    top = _greeting(page, view)
    area = Rect(panel.margin, top, panel.width_px - 2 * panel.margin, panel.bottom_y - panel.gap_y - top)
    tiles.draw(page, view.tiles, area, first_leads=True)
    _foot(page, view)
    return page


def _rest(page: Sheet) -> None:
    """Nothing is due: a wide calm view instead of an empty page."""
    panel = page.panel
    top = panel.pick(150, 84)
    rect = Rect(0, top, panel.width_px, panel.height_px - top)
    page.scenery(rect, scenery.hills(rect.w, rect.h, (0.74, 0.36, 0.115)))


def _greeting(page: Sheet, view: HomeView) -> int:
    panel = page.panel
    size = panel.pick(62, 38 if len(view.tiles) >= 3 else 42)
    width = panel.width_px - 2 * panel.margin
    hello = Rect(panel.margin, panel.pick(34, 6), width, panel.pick(84, 52))
    taken = page.text(view.greeting, hello, ("Bold", size, panel.floor_px, theme.INK), lines_max=1)
    below = Rect(panel.margin, taken.bottom, width, panel.pick(90, 70 if not view.tiles else 36))
    said = page.text(view.subtitle, below, ("Regular", panel.body_px, panel.floor_px, theme.INK_SOFT), lines_max=2)
    return said.bottom + panel.pick(24, 8)


def _foot(page: Sheet, view: HomeView) -> None:
    panel = page.panel
    rect = Rect(panel.margin, panel.bottom_y, panel.pick(340, 236), panel.target_h)
    buttons.button(page, "help", rect, view.help, buttons.PLAIN)
    if view.record:
        left = rect.right + panel.gap_x * 2
        room = Rect(left, rect.y, panel.width_px - panel.margin - left, rect.h)
        if not view.tiles:
            page.image(room, rounded(room.w, room.h, panel.pick(28, 22), theme.HAZE))
            room = room.inset(panel.pick(24, 12), 0)
        record(page, Record(view.record, view.in_record, view.read), room)


@dataclass(frozen=True)
class Record:
    """What is true of the last answers: the sentence, whether they are in the record, and who has read them."""

    said: str
    in_record: bool
    read: str = ""


def record(page: Sheet, truth: Record, room: Rect) -> None:
    """One or two lines, right-aligned, and a mark: a tick for in the record, three dots for on its way."""
    panel = page.panel
    size = panel.pick(36, 30)
    width = room.w - size - panel.pick(16, 10)
    sizes = (panel.body_px, panel.floor_px)
    said = text.fitted(truth.said, "SemiBold", sizes, (width, room.h), 2)
    read = text.fitted(truth.read, "Regular", sizes, (width, room.h), 2) if truth.read else None
    y = room.y + (room.h - said.height_px - (read.height_px if read else 0)) // 2
    place = Rect(room.x, y, width, said.height_px)
    page.text(truth.said, place, ("SemiBold", *sizes, theme.INK), align="right")
    if read:
        below = Rect(room.x, place.bottom, width, read.height_px)
        page.text(truth.read, below, ("Regular", *sizes, theme.INK_SOFT), align="right")
    mark = Rect(room.right - size, y + (said.pitch_px - size) // 2, size, size)
    buttons.record_mark(page, mark, in_record=truth.in_record)
