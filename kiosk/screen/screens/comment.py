"""In one's own words: the question, a sheet to write on, the keyboard."""

from kiosk.journey.views import CommentView
from kiosk.screen import buttons, keyboard, text, theme
from kiosk.screen.geometry import Rect
from kiosk.screen.sheet import Piece, Sheet
from kiosk.screen.text import Laid, drawn
from kiosk.screen.theme import Panel
from kiosk.screen.vector import rounded


def sheet(view: CommentView, panel: Panel, pressed: str | None) -> Sheet:
    page = Sheet(theme.PAPER, panel, pressed)
    bottom = keyboard.top_y(page) - panel.pick(panel.gap_y, 9)
    page.listen = Rect(panel.width_px - _side(panel) - panel.target_w, panel.listen.y, panel.target_w, panel.target_h)
    top = _header(page, view)
    _paper(page, view, Rect(_side(panel), top, page.listen.x - panel.gap_x - _side(panel), bottom - top))
    left = _back(page, view.back)
    right = _onward(page, view.go_on)
    x = left.right + panel.gap_x
    keyboard.draw(page, view.layer, Rect(x, keyboard.foot_y(page), right.x - panel.gap_x - x, panel.target_h))
    return page


def _side(panel: Panel) -> int:
    """The keyboard is as wide as the screen allows; the sheet above it keeps its edges."""
    return panel.pick(24, 20)


def _back(page: Sheet, label: str) -> Rect:
    panel = page.panel
    rect = Rect(_side(panel), keyboard.foot_y(page), panel.pick(150, 112), panel.target_h)
    buttons.button(page, "back", rect, label, buttons.PLAIN)
    return rect


def _onward(page: Sheet, label: str) -> Rect:
    panel = page.panel
    wide = panel.pick(230, 166)
    rect = Rect(panel.width_px - _side(panel) - wide, keyboard.foot_y(page), wide, panel.target_h)
    buttons.button(page, "continue", rect, label, buttons.LEAD)
    return rect


def _header(page: Sheet, view: CommentView) -> int:
    """The question; the beads beside it where it leaves them room, and on the large panel the moment."""
    panel = page.panel
    x, y, right = _side(panel), panel.pick(26, 4), page.listen.x - panel.gap_x
    sizes = (panel.pick(46, 32), panel.floor_px)
    beads = buttons.steps_px(page, view.steps) + 24
    two = text.fitted(view.question, "Bold", sizes, (right - x, panel.pick(62, 42)), 1).cut
    if text.fitted(view.question, "Bold", sizes, (right - x - beads, panel.pick(62, 42)), 1).cut:
        beads = 0
    else:
        buttons.steps(page, right, y + panel.pick(28, 20), view.step, view.steps)
    room = Rect(x, y, right - x - beads, panel.pick(120, 74 if two else 42))
    asked = page.text(view.question, room, ("Bold", *sizes, theme.INK), lines_max=2 if panel.large or two else 1)
    _moment(page, view, right - beads - asked.right, asked)
    return asked.bottom + panel.pick(14, 1)


def _moment(page: Sheet, view: CommentView, free: int, asked: Rect) -> None:
    """Only where the question leaves it room."""
    panel = page.panel
    look = (panel.body_px, panel.floor_px)
    if panel.large and text.width_px(view.moment, "Regular", panel.body_px) + 24 <= free:
        room = Rect(asked.right + 24, asked.y + 8, free - 24, 44)
        page.text(view.moment, room, ("Regular", *look, theme.INK_SOFT), align="right", lines_max=1)


def _paper(page: Sheet, view: CommentView, rect: Rect) -> None:
    """What was written, its last lines in sight, and the place where the next letter goes."""
    panel = page.panel
    page.image(rect, rounded(rect.w, rect.h, panel.pick(22, 16), theme.CARD, theme.TEAL, panel.pick(3, 2)))
    room = rect.inset(panel.pick(26, 14), panel.pick(16, 4))
    size = panel.pick(40, 29)
    if view.text:
        _written(page, view.text, room, size)
        return
    page.text(view.placeholder, room.moved(14, 0), ("Regular", size, panel.floor_px, theme.INK_SOFT), lines_max=1)
    _caret(page, room.x, room.y, size)


def _written(page: Sheet, words: str, room: Rect, size: int) -> None:
    pitch = round(size * text.LEADING)
    lines = text.tail(words, "Regular", size, room.w - 8, max(1, room.h // pitch))
    laid = Laid(lines, "Regular", size, room.w)
    ground = Rect(room.x, room.y, room.w, laid.height_px)
    at = (room.x, room.y, room.w)
    ink = page.tone(theme.INK)
    page.pieces.append(Piece(ground, (laid, ink), lambda s: drawn(s, laid, at, ink)))
    end = room.x + text.width_px(lines[-1], "Regular", size) + 3
    _caret(page, end, room.y + (len(lines) - 1) * pitch, size)


def _caret(page: Sheet, x: int, y: int, size: int) -> None:
    page.fill(Rect(x, y + size // 8, page.panel.pick(4, 3), size), theme.TEAL)
