"""One page of a message, or its ready answers."""

from dataclasses import replace

from kiosk.journey.views import LetterView
from kiosk.screen import buttons, theme
from kiosk.screen.geometry import Rect
from kiosk.screen.port import ScreenError
from kiosk.screen.screens import reading
from kiosk.screen.sheet import Look, Sheet
from kiosk.screen.theme import Panel

COLUMNS, REPLIES = 3, 6


def sheet(view: LetterView, panel: Panel, pressed: str | None) -> Sheet:
    """Raises ScreenError for more ready answers than have a place."""
    if view.replies or (view.reply and view.go_on):
        return _answering(view, Sheet(theme.PAPER, panel, pressed))
    heading = f"{view.who}\n{view.state}" if view.state else view.who
    words = (view.when, heading, view.paragraph, "")
    go_on = view.go_on or view.reply
    page = reading.sheet(reading.Reading(*words, view.page, view.pages, go_on, view.back), panel, pressed)
    if not view.go_on and view.reply:
        _rename(page, "continue", "write")
    return page


def _rename(page: Sheet, name: str, to: str) -> None:
    """The last button leads to an answer instead of another page."""
    page.targets = [replace(one, name=to) if one.name == name else one for one in page.targets]


def _answering(view: LetterView, page: Sheet) -> Sheet:
    panel = page.panel
    if len(view.replies) > REPLIES:
        raise ScreenError(f"{len(view.replies)} ready answers: {REPLIES} have a place on one screen")
    if not panel.large:
        page.listen = Rect(panel.margin + 112 + panel.gap_x, panel.bottom_y, panel.target_w, panel.target_h)
    wide = panel.pick(panel.head_w, panel.width_px - 2 * panel.margin)
    soft: Look = ("Regular", panel.body_px, panel.floor_px, theme.INK_SOFT)
    who = page.text(f"{view.who} · {view.when}", Rect(panel.margin, panel.pick(34, 6), wide, panel.pick(44, 36)), soft)
    rows = -(-len(view.replies) // COLUMNS)
    foot = panel.bottom_y - panel.gap_y
    tall = panel.pick(150, panel.target_h)
    top = foot - rows * tall - max(0, rows - 1) * panel.gap_y
    y = who.bottom + panel.pick(12, 2)
    room = Rect(panel.margin, y, wide, top - y - panel.pick(16, 8))
    page.text(view.paragraph, room, ("SemiBold", panel.pick(44, 34), panel.floor_px, theme.INK))
    _replies(page, view.replies, Rect(panel.margin, top, panel.width_px - 2 * panel.margin, tall))
    _foot(page, view)
    return page


def _replies(page: Sheet, replies: tuple[str, ...], first: Rect) -> None:
    """Three in a row; fewer share the whole width."""
    panel = page.panel
    columns = min(COLUMNS, len(replies)) or 1
    wide = (first.w - panel.gap_x * (columns - 1)) // columns
    for index, words in enumerate(replies):
        row, column = divmod(index, columns)
        rect = Rect(first.x + column * (wide + panel.gap_x), first.y + row * (first.h + panel.gap_y), wide, first.h)
        buttons.button(page, f"reply:{index}", rect, words, buttons.PLAIN, words_px=panel.pick(34, 28))


def _foot(page: Sheet, view: LetterView) -> None:
    panel = page.panel
    buttons.back(page, view.back)
    right = panel.width_px - panel.margin + panel.gap_x
    if view.go_on:
        away = buttons.onward(page, "continue", "" if view.replies else view.go_on)
        if view.replies:  # no answer is not what leads on here
            buttons.button(page, "continue", away, view.go_on, buttons.PLAIN)
        right = away.x
    if view.reply:
        wide = panel.pick(330, 220)
        rect = Rect(right - panel.gap_x - wide, panel.bottom_y, wide, panel.target_h)
        buttons.button(page, "write", rect, view.reply, buttons.PLAIN if view.go_on or view.replies else buttons.LEAD)
