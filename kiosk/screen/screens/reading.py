"""A page to read: large type, air around it, a picture. Long words take the picture's room, then that of the foot."""

from dataclasses import dataclass

from kiosk.screen import buttons, pictograms, theme
from kiosk.screen.geometry import Rect
from kiosk.screen.sheet import Look, Sheet
from kiosk.screen.theme import Panel


@dataclass(frozen=True)
class Reading:
    """What a page holds, whatever it is a page of."""

    title: str
    heading: str
    paragraph: str
    picture: str
    page: int
    pages: int
    go_on: str
    back: str


@dataclass(frozen=True)
class Way:
    """One way to lay it out. column: the buttons stand one over the other at the right, and the foot is free."""

    pictured: bool
    column: bool = False
    titled: bool = True


WAYS = (Way(pictured=True), Way(pictured=False), Way(pictured=False, column=True), Way(False, True, titled=False))
"""The first in which every word has its place."""


def sheet(reading: Reading, panel: Panel, pressed: str | None) -> Sheet:
    for way in WAYS:
        page = _laid(reading, Sheet(theme.PAPER, panel, pressed), way)
        if not any(piece.cut for piece in page.pieces):
            break
    return page


def _laid(reading: Reading, page: Sheet, way: Way) -> Sheet:
    panel = page.panel
    room = _room(panel, way)
    top = _head(page, reading, room, titled=way.titled)
    text = Rect(room.x, top, room.w, room.bottom - top)
    if way.pictured and reading.picture and not way.column:
        text = _picture(page, reading.picture, text)
    size = panel.pick(44, 34)
    page.text(reading.paragraph, text, ("Regular", size, panel.floor_px, theme.INK))
    _buttons(page, reading, column=way.column)
    return page


def _column_w(panel: Panel) -> int:
    return panel.pick(224, 150)


def _room(panel: Panel, way: Way) -> Rect:
    """Title, heading and paragraph. On the small panel it lies beside the loudspeaker all the way down."""
    y = panel.pick(36, 8)
    if way.column:
        wide = panel.width_px - 2 * panel.margin - _column_w(panel) - panel.gap_x
        return Rect(panel.margin, y, wide, panel.height_px - panel.pick(40, 8) - y)
    wide = panel.pick(panel.width_px - 2 * panel.margin, panel.head_w)
    return Rect(panel.margin, y, wide, panel.bottom_y - panel.gap_y - y)


def _head(page: Sheet, reading: Reading, room: Rect, *, titled: bool) -> int:
    """Whose page it is and which, then what it is about. Returns where the paragraph may begin."""
    panel, y = page.panel, room.y
    wide = min(room.w, panel.head_w)
    if titled:
        line = panel.pick(44, 34)
        beads = _beads(page, reading, Rect(room.x, y, wide, line))
        soft: Look = ("Regular", panel.body_px, panel.floor_px, theme.INK_SOFT)
        title = Rect(room.x, y, wide - beads - panel.pick(24, 14), line)
        page.text(reading.title, title, soft, lines_max=1)
        y += line + panel.pick(10, 2)
    if not reading.heading:
        return y + panel.pick(16, 4)
    look: Look = ("Bold", panel.question_px, panel.floor_px, theme.INK)
    head = page.text(reading.heading, Rect(room.x, y, wide, panel.pick(132, 82)), look, lines_max=2)
    return max(head.bottom + panel.pick(20, 4), panel.pick(panel.listen.bottom + panel.gap_y, 0))


def _beads(page: Sheet, reading: Reading, line: Rect) -> int:
    """Where one is: beads, or a bar where there are too many. Returns their width."""
    if reading.pages < 2:
        return 0
    wide = buttons.steps_px(page, reading.pages)
    if wide <= line.w // 3:
        return buttons.steps(page, line.right, line.center[1], reading.page, reading.pages)
    wide = line.w // 4
    buttons.filling(page, Rect(line.right - wide, line.y, wide, line.h), reading.page / reading.pages)
    return wide


def _picture(page: Sheet, name: str, text: Rect) -> Rect:
    """On a pale ground at the right, under the loudspeaker. Returns what is left for the words."""
    panel = page.panel
    size = panel.pick(264, 104)
    right = panel.width_px - panel.margin
    at = Rect(right - size, panel.listen.bottom + panel.gap_y + panel.pick(10, 4), size, size)
    inside = at.inset(panel.pick(40, 4))
    page.image(at, f'<circle cx="{size / 2}" cy="{size / 2}" r="{size / 2}" fill="{theme.PAPER_DEEP}"/>')
    page.image(inside, pictograms.drawn(name, inside.w))
    return Rect(text.x, text.y, min(text.w, at.x - panel.pick(48, 16) - text.x), text.h)


def _buttons(page: Sheet, reading: Reading, *, column: bool) -> None:
    if not column:
        buttons.back(page, reading.back)
        buttons.onward(page, "continue", reading.go_on)
        return
    panel, wide = page.panel, _column_w(page.panel)
    x = panel.width_px - panel.margin - wide
    tall = panel.target_h
    if reading.back:
        above = Rect(x, panel.bottom_y - panel.gap_y - tall, wide, tall)
        buttons.button(page, "back", above, reading.back, buttons.PLAIN)
    if reading.go_on:
        buttons.button(page, "continue", Rect(x, panel.bottom_y, wide, tall), reading.go_on, buttons.LEAD)
