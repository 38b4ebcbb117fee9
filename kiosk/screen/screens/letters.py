"""The messages: four cards, the newest first; what was not read yet stands out by a disc, its weight and its edge."""

from dataclasses import replace

from kiosk.journey.views import LetterLine, LettersView
from kiosk.screen import buttons, pictograms, text, theme
from kiosk.screen.buttons import PLAIN, Style
from kiosk.screen.geometry import Rect
from kiosk.screen.port import ScreenError
from kiosk.screen.sheet import Look, Sheet
from kiosk.screen.text import Weight
from kiosk.screen.theme import Panel
from kiosk.screen.vector import disc

NEW = Style(theme.CARD, theme.TEAL, theme.INK, theme.TEAL_PALE, "#CFE0DC")
OURS = Style(theme.PAPER, theme.LINE, theme.INK, theme.TEAL_PALE)
"""What the person wrote lies flat."""
CARDS = 4


def sheet(view: LettersView, panel: Panel, pressed: str | None) -> Sheet:
    """Raises ScreenError for more letters than have a place."""
    page = Sheet(theme.PAPER, panel, pressed)
    if len(view.letters) > CARDS:
        raise ScreenError(
            f"{len(view.letters)} letters: {CARDS} have a place on one screen; show the others after them"
        )
    if not panel.large:
        page.listen = Rect(panel.margin + 112 + panel.gap_x, panel.bottom_y, panel.target_w, panel.target_h)
    room = Rect(panel.margin, panel.pick(44, 8), panel.pick(panel.head_w, 760), panel.pick(72, 50))
    look: Look = ("Bold", panel.pick(56, 38), panel.floor_px, theme.INK)
    title = page.text(view.title, room, look, lines_max=1)
    top = panel.pick(panel.listen.bottom + panel.gap_y, title.bottom + 8)
    area = Rect(panel.margin, top, panel.width_px - 2 * panel.margin, panel.bottom_y - panel.gap_y - top)
    if view.letters:
        for line, rect in zip(view.letters, _places(panel, area), strict=False):
            _card(page, line, rect)
    else:
        _empty(page, view.empty, area)
    _foot(page, view)
    return page


def _places(panel: Panel, area: Rect) -> list[Rect]:
    wide, tall = (area.w - panel.gap_x) // 2, (area.h - panel.gap_y) // 2
    return [
        Rect(area.x + column * (wide + panel.gap_x), area.y + row * (tall + panel.gap_y), wide, tall)
        for row in (0, 1)
        for column in (0, 1)
    ]


def _card(page: Sheet, line: LetterLine, rect: Rect) -> None:
    panel = page.panel
    buttons.face(page, rect, NEW if line.unread else OURS if line.mine else PLAIN, pressed=page.pressed == line.target)
    room = rect.inset(panel.pick(26, 14), panel.pick(18, 6))
    x = room.x + (_mark(page, room) if line.unread else 0)
    floor, size = panel.floor_px, panel.pick(34, 28)
    when = page.text(
        line.when, Rect(room.x, room.y, room.w, size * 5 // 4), ("Regular", floor, floor, theme.INK_SOFT), align="right"
    )
    name = Rect(x, room.y, when.x - panel.pick(14, 8) - x, size * 5 // 4)
    weight: Weight = "Bold" if line.unread else "SemiBold"
    who = page.text(line.who, name, (weight, size, floor, theme.INK), lines_max=1)
    state_h = floor * 5 // 4 if line.state else 0
    lines = max(1, (room.bottom - who.bottom - state_h) // round(floor * 1.2))
    words = Rect(room.x, who.bottom + panel.pick(8, 0), room.w, room.bottom - state_h - who.bottom)
    _excerpt(page, line.excerpt, words, lines)
    if line.state:
        state = Rect(room.x, room.bottom - state_h, room.w, state_h)
        page.text(line.state, state, ("Regular", floor, floor, theme.INK_SOFT), lines_max=1)
    page.target(line.target, rect, f"{line.who}, {line.when}")


def _mark(page: Sheet, room: Rect) -> int:
    """Not read yet. Returns the width that it takes."""
    size = page.panel.pick(22, 18)
    page.image(
        Rect(room.x, room.y + page.panel.pick(10, 8), size, size), disc(size / 2, size / 2, size / 2, theme.TEAL)
    )
    return size + page.panel.pick(12, 8)


def _excerpt(page: Sheet, words: str, room: Rect, lines: int) -> None:
    """As many of the first words as there is room for: here, being cut short is what is meant."""
    size = page.panel.pick(32, 28)
    laid = text.fitted(words, "Regular", (size, page.panel.floor_px), (room.w, room.h), lines)
    kept = (*laid.lines[:-1], laid.lines[-1].replace(".…", "…"))
    page.laid(replace(laid, lines=kept, cut=""), Rect(room.x, room.y, room.w, laid.height_px), theme.INK)


def _empty(page: Sheet, words: str, area: Rect) -> None:
    panel = page.panel
    size = panel.pick(150, 96)
    at = Rect(area.center[0] - size // 2, area.y + panel.pick(60, 20), size, size)
    page.image(at, pictograms.drawn("message", size))
    look: Look = ("Regular", panel.pick(40, 32), panel.floor_px, theme.INK_SOFT)
    page.text(words, Rect(area.x, at.bottom + panel.pick(20, 10), area.w, panel.pick(120, 76)), look, align="center")


def _foot(page: Sheet, view: LettersView) -> None:
    panel = page.panel
    buttons.back(page, view.back)
    write = _lead(page, view.write) if view.write else Rect(panel.width_px - panel.margin, panel.bottom_y, 0, 0)
    if view.more:
        wide = panel.pick(300, 150)
        rect = Rect(write.x - panel.gap_x - wide, panel.bottom_y, wide, panel.target_h)
        buttons.button(page, "more", rect, view.more, buttons.PLAIN)


def _lead(page: Sheet, label: str) -> Rect:
    panel = page.panel
    wide = panel.pick(300, 200)
    rect = Rect(panel.width_px - panel.margin - wide, panel.bottom_y, wide, panel.target_h)
    buttons.button(page, "write", rect, label, buttons.LEAD)
    return rect
