"""A message under way: the warning always in sight, a sheet to write on, the keyboard or the ready phrases."""

from kiosk.journey.views import WritingView
from kiosk.screen import buttons, keyboard, text, theme
from kiosk.screen.geometry import Rect
from kiosk.screen.port import ScreenError
from kiosk.screen.sheet import Look, Piece, Sheet
from kiosk.screen.text import Laid, drawn
from kiosk.screen.theme import Panel
from kiosk.screen.vector import rounded

PHRASES = 6


def sheet(view: WritingView, panel: Panel, pressed: str | None) -> Sheet:
    """Raises ScreenError for more phrases than have a place."""
    page = Sheet(theme.PAPER, panel, pressed)
    if len(view.phrases) > PHRASES:
        raise ScreenError(f"{len(view.phrases)} phrases: {PHRASES} have a place on one screen")
    if view.phrases_shown:
        _phrases(page, view)
    else:
        _keys(page, view)
    return page


def _side(panel: Panel) -> int:
    """The keyboard is as wide as the screen allows."""
    return panel.pick(24, 20)


def _keys(page: Sheet, view: WritingView) -> None:
    panel = page.panel
    bottom = keyboard.top_y(page) - panel.pick(panel.gap_y, 9)
    left = _toggle_by_the_head(page, view) if view.phrases else _side(panel)
    right = panel.pick(panel.listen.x - panel.gap_x, panel.listen.x - 12)
    if panel.large:
        top = _warned(page, view, Rect(left, 16, right - left, panel.listen.bottom - 16), titled=True)
        top = max(top, panel.listen.bottom) + 12
        _paper(page, view, Rect(_side(panel), top, panel.width_px - 2 * _side(panel), bottom - top))
    else:
        top = _warned(page, view, Rect(left, 4, right - left, 72), titled=False) + 2
        _paper(page, view, Rect(left, top, right - left, bottom - top))
    y = keyboard.foot_y(page)
    back, send = _foot(page, view, y)
    x = back.right + panel.gap_x
    keyboard.draw(page, view.layer, Rect(x, y, send.x - panel.gap_x - x, panel.target_h))


def _toggle_by_the_head(page: Sheet, view: WritingView) -> int:
    """The way to the ready phrases, at the head on the left. Returns where the words beside it begin."""
    panel = page.panel
    rect = Rect(_side(panel), panel.listen.y, panel.pick(220, 140), panel.target_h)
    buttons.button(page, "more", rect, view.phrases_label, buttons.PLAIN, words_px=panel.pick(34, 28))
    return rect.right + panel.pick(panel.gap_x, 12)


def _warned(page: Sheet, view: WritingView, room: Rect, *, titled: bool) -> int:
    """The title where there is room for it; the warning always. Returns where they end."""
    panel, y = page.panel, room.y
    if titled:
        title: Look = ("Bold", panel.pick(40, 32), panel.floor_px, theme.INK)
        y = page.text(view.title, Rect(room.x, y, room.w, panel.pick(50, 40)), title, lines_max=1).bottom
    bar = Rect(room.x, y + 6, panel.pick(8, 6), 0)
    words = Rect(bar.right + panel.pick(14, 8), y, room.right - bar.right - panel.pick(14, 8), room.bottom - y)
    look: Look = ("SemiBold", panel.pick(32, 28), panel.floor_px, theme.INK)
    said = page.text(view.warning, words, look, lines_max=2)
    page.fill(Rect(bar.x, bar.y, bar.w, said.bottom - bar.y - 6), theme.TEAL)
    return said.bottom


def _foot(page: Sheet, view: WritingView, y: int) -> tuple[Rect, Rect]:
    panel = page.panel
    back = Rect(_side(panel), y, panel.pick(150, 112), panel.target_h)
    buttons.button(page, "back", back, view.back, buttons.PLAIN)
    wide = panel.pick(230, 166)
    send = Rect(panel.width_px - _side(panel) - wide, y, wide, panel.target_h)
    awake = view.empty_allowed or bool(view.text.strip())
    style = buttons.LEAD if awake else buttons.ASLEEP
    buttons.button(page, "send", send, view.send, style, asleep=not awake)
    return back, send


def _paper(page: Sheet, view: WritingView, rect: Rect) -> None:
    """What was written, its last lines in sight, and the place where the next letter goes."""
    panel = page.panel
    page.image(rect, rounded(rect.w, rect.h, panel.pick(22, 14), theme.CARD, theme.TEAL, panel.pick(3, 2)))
    size = panel.pick(38, 28)
    pitch = round(size * text.LEADING)
    count = max(1, (rect.h - panel.pick(20, 4)) // pitch)
    room = Rect(rect.x + panel.pick(26, 12), rect.y + (rect.h - count * pitch) // 2, rect.w - panel.pick(52, 24), 0)
    words = view.text or view.placeholder
    lines = text.tail(words, "Regular", size, room.w - 8, count)
    laid = Laid(lines, "Regular", size, room.w)
    ground = Rect(room.x, room.y, room.w, laid.height_px)
    at, colour = (
        (room.x + (0 if view.text else 10), room.y, room.w),
        page.tone(theme.INK if view.text else theme.INK_SOFT),
    )
    page.pieces.append(Piece(ground, (laid, colour), lambda s: drawn(s, laid, at, colour)))
    end = room.x + (text.width_px(lines[-1], "Regular", size) + 3 if view.text else 0)
    page.fill(Rect(end, room.y + (len(lines) - 1) * pitch + size // 8, panel.pick(4, 3), size), theme.TEAL)


def _phrases(page: Sheet, view: WritingView) -> None:
    """Three in a row, in place of the keyboard; what was put together stays in sight above where there is room."""
    panel = page.panel
    if not panel.large:
        page.listen = Rect(_side(panel) + 112 + panel.gap_x, panel.bottom_y, panel.target_w, panel.target_h)
    x, wide = panel.margin, panel.pick(panel.head_w, panel.width_px - 2 * panel.margin)
    top = _warned(page, view, Rect(x, panel.pick(24, 6), wide, panel.pick(130, 70)), titled=panel.large)
    foot = panel.bottom_y - panel.gap_y
    tall = panel.pick(150, panel.target_h)
    rows = -(-len(view.phrases) // 3)
    first = foot - rows * tall - (rows - 1) * panel.gap_y
    if panel.large:
        top = max(top, panel.listen.bottom) + panel.gap_y
        _paper(page, view, Rect(x, top, panel.width_px - 2 * x, first - panel.gap_y - top))
    column = (panel.width_px - 2 * x - 2 * panel.gap_x) // 3
    for index, words in enumerate(view.phrases):
        at = Rect(x + index % 3 * (column + panel.gap_x), first + index // 3 * (tall + panel.gap_y), column, tall)
        buttons.button(page, f"phrase:{index}", at, words, buttons.PLAIN, words_px=panel.pick(34, 28))
    _, send = _foot(page, view, panel.bottom_y)
    wide = panel.pick(260, 176)
    at = Rect(send.x - panel.gap_x - wide, panel.bottom_y, wide, panel.target_h)
    buttons.button(page, "more", at, view.phrases_label, buttons.PLAIN)
