"""Help: first that the box does not call for rescue and what to do; then to ask, and the true state of the request."""

from kiosk.journey.views import HelpView
from kiosk.screen import buttons, icons, text, theme
from kiosk.screen.geometry import Rect
from kiosk.screen.sheet import Sheet
from kiosk.screen.theme import Panel
from kiosk.screen.vector import ring, rounded, stroke


def sheet(view: HelpView, panel: Panel, pressed: str | None) -> Sheet:
    page = Sheet(theme.PAPER, panel, pressed)
    left = panel.margin + panel.pick(36, 22)
    top = panel.pick(44, 12)
    title = Rect(left, top, panel.listen.x - panel.gap_x - left, panel.pick(150, 112))
    head = page.text(view.title, title, ("Bold", panel.pick(62, 40), panel.floor_px, theme.INK), lines_max=3)
    foot = panel.bottom_y - panel.gap_y
    state_h = _state_px(page, view)
    begin = head.bottom + panel.pick(30, 8)
    room = Rect(left, begin, panel.width_px - panel.margin - left, foot - state_h - begin)
    end = _lines(page, view.lines, _beside_loudspeaker(panel, room))
    _bar(page, Rect(panel.margin, top + 8, panel.pick(12, 8), max(end, head.bottom) - top - 12))
    _state(page, view, Rect(panel.margin, foot - state_h, panel.width_px - 2 * panel.margin, state_h))
    _foot(page, view)
    return page


def _beside_loudspeaker(panel: Panel, room: Rect) -> Rect:
    if room.y >= panel.listen.bottom:
        return room
    return Rect(room.x, room.y, panel.listen.x - panel.gap_x - room.x, room.h)


def _lines(page: Sheet, lines: tuple[str, ...], room: Rect) -> int:
    """What to do, one line each, all in one size. Returns where they end."""
    panel, floor = page.panel, page.panel.floor_px
    air = panel.pick(24, 6)
    size = next((size for size in range(panel.pick(62, 42), floor, -1) if _fit(lines, size, room, air)), floor)
    y = room.y
    for line in lines:
        place = Rect(room.x, y, room.w, max(0, room.bottom - y))
        y = page.text(line, place, ("SemiBold", size, floor, theme.INK)).bottom + air
    return y - air


def _fit(lines: tuple[str, ...], size: int, room: Rect, air: int) -> bool:
    laid = [text.fitted(line, "SemiBold", (size, size), (room.w, room.h)) for line in lines]
    return sum(one.height_px + air for one in laid) <= room.h + air and not any(one.cut for one in laid)


def _bar(page: Sheet, rect: Rect) -> None:
    page.image(rect, rounded(rect.w, rect.h, rect.w / 2, theme.TEAL))


def _state_px(page: Sheet, view: HelpView) -> int:
    return page.panel.pick(104, 78) if view.state else 0


def _state(page: Sheet, view: HelpView, rect: Rect) -> None:
    """One line in its own box, with the mark of how far the request has come."""
    if not view.state:
        return
    panel = page.panel
    box = Rect(rect.x, rect.y, rect.w, rect.h - panel.pick(16, 8))
    page.image(box, rounded(box.w, box.h, panel.pick(22, 16), theme.CARD, theme.LINE, panel.pick(3, 2)))
    size = panel.pick(52, 40)
    mark = Rect(box.x + panel.pick(20, 12), box.center[1] - size // 2, size, size)
    page.image(mark, icons.scaled(mark_of(view), size))
    x = mark.right + panel.pick(20, 12)
    words = Rect(x, box.y, box.right - x - panel.pick(16, 10), box.h)
    page.text(view.state, words, ("SemiBold", panel.pick(38, 31), panel.floor_px, theme.INK), middle=True, lines_max=2)


def mark_of(view: HelpView) -> str:
    """Hollow with dots: on its way. Hollow with a tick: arrived. Full with a tick: read."""
    if view.sent == "read":
        return icons.in_record(theme.TEAL, theme.WHITE)
    if view.sent == "arrived":
        return ring(50, 50, 40, theme.TEAL, 9) + stroke("M31 52 L45 66 L70 36", theme.TEAL, 9)
    return icons.on_its_way(theme.INK_SOFT)


def _foot(page: Sheet, view: HelpView) -> None:
    panel = page.panel
    wide = panel.pick(300, 220)
    done = Rect(panel.width_px - panel.margin - wide, panel.bottom_y, wide, panel.target_h)
    if view.ask:
        buttons.button(page, "done", done, view.done, buttons.PLAIN)
        ask = Rect(panel.margin, panel.bottom_y, done.x - panel.gap_x - panel.margin, panel.target_h)
        buttons.button(page, "ask", ask, view.ask, buttons.LEAD, words_px=panel.pick(46, 36))
    else:
        buttons.button(page, "done", done, view.done, buttons.LEAD)
