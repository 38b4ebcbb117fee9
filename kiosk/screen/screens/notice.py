"""A calm, honest sentence. Nothing flashes, nothing is red."""

from kiosk.journey.views import NoticeView
from kiosk.screen import buttons, text, theme
from kiosk.screen.geometry import Rect
from kiosk.screen.sheet import Sheet
from kiosk.screen.theme import Panel
from kiosk.screen.vector import rounded


def sheet(view: NoticeView, panel: Panel, pressed: str | None) -> Sheet:
    page = Sheet(theme.PAPER, panel, pressed)
    left = panel.margin + panel.pick(36, 22)
    foot = panel.bottom_y - panel.gap_y
    top = panel.pick(72, 20)
    room = Rect(left, top, panel.listen.x - panel.gap_x - left, panel.pick(150, 112))
    title = page.text(view.title, room, ("Bold", panel.pick(64, 40), panel.floor_px, theme.INK), lines_max=3)
    below = max(title.bottom + panel.pick(28, 8), panel.listen.bottom + panel.pick(14, 6))
    end = _lines(page, view, Rect(left, below, panel.pick(1060, 730), foot - below))
    _bar(page, top, max(end, title.bottom))
    buttons.onward(page, "done", view.done)
    _foot(page, view)
    return page


def _lines(page: Sheet, view: NoticeView, room: Rect) -> int:
    """All lines in one size, the largest that leaves room for the last. Returns where they end."""
    air, floor = page.panel.pick(20, 5), page.panel.floor_px
    size, y = _common_px(view, room, (page.panel.pick(54, 36), floor, air)), room.y
    for line in view.lines:
        place = Rect(room.x, y, room.w, max(0, room.bottom - y))
        y = page.text(line, place, ("Regular", size, floor, theme.INK)).bottom + air
    return y - air


def _common_px(view: NoticeView, room: Rect, sizes: tuple[int, int, int]) -> int:
    wanted, floor, air = sizes
    for size in range(wanted, floor, -1):
        laid = [text.fitted(line, "Regular", (size, size), (room.w, room.h)) for line in view.lines]
        if sum(one.height_px + air for one in laid) <= room.h and not any(one.cut for one in laid):
            return size
    return floor


def _bar(page: Sheet, top: int, bottom: int) -> None:
    """A quiet rule beside the words."""
    wide = page.panel.pick(6, 4)
    rect = Rect(page.panel.margin, top + 8, wide, bottom - top - 12)
    page.image(rect, rounded(rect.w, rect.h, wide / 2, theme.LINE))


def _foot(page: Sheet, view: NoticeView) -> None:
    """Who reads « demandez de l’aide » can do so here; beside it the cause, small, for staff."""
    panel = page.panel
    left = panel.margin
    if view.help:
        rect = Rect(left, panel.bottom_y, panel.pick(316, 160), panel.target_h)
        buttons.button(page, "help", rect, view.help, buttons.PLAIN)
        left = rect.right + panel.gap_x
    room = Rect(
        left, panel.bottom_y, panel.width_px - panel.margin - panel.pick(224, 178) - panel.gap_x - left, panel.target_h
    )
    look = (panel.floor_px, panel.floor_px, theme.INK_SOFT)
    page.text(view.told, room, ("Regular", *look), middle=True, lines_max=3)
