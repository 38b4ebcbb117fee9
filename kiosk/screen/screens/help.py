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
    said = text.few(view.title, "Bold", (panel.pick(58, 40), panel.pick(50, 34)), (title.w, title.h), 3)
    head = page.laid(said, Rect(title.x, title.y, title.w, said.height_px), theme.INK)
    foot = panel.bottom_y - panel.gap_y
    state_h = panel.pick(104, 78) if view.state and view.ask else 0
    begin = head.bottom + panel.pick(30, 8)
    room = Rect(left, begin, panel.width_px - panel.margin - left, foot - state_h - begin)
    end = _lines(page, view.lines, _beside_loudspeaker(panel, room))
    _bar(page, Rect(panel.margin, top + 8, panel.pick(12, 8), max(end, head.bottom) - top - 12))
    done = _foot(page, view)
    if view.ask:
        _state(page, view, Rect(panel.margin, foot - state_h, panel.width_px - 2 * panel.margin, state_h - 8))
    else:
        _state(page, view, Rect(panel.margin, done.y, done.x - panel.gap_x - panel.margin, done.h))
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


def _state(page: Sheet, view: HelpView, box: Rect) -> None:
    """A box of its own, with the mark of how far the request has come; at the foot where nothing is to be asked."""
    if not view.state:
        return
    panel = page.panel
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


def _foot(page: Sheet, view: HelpView) -> Rect:
    panel = page.panel
    wide = panel.pick(300, 220)
    done = Rect(panel.width_px - panel.margin - wide, panel.bottom_y, wide, panel.target_h)
    if view.ask:
        buttons.button(page, "done", done, view.done, buttons.PLAIN)
        ask = Rect(panel.margin, panel.bottom_y, done.x - panel.gap_x - panel.margin, panel.target_h)
        buttons.button(page, "ask", ask, view.ask, buttons.LEAD, words_px=panel.pick(46, 36))
    else:
        buttons.button(page, "done", done, view.done, buttons.LEAD)
    return done
