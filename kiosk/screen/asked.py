"""What every question shows: the question and its help at the head, back, decline and continue at the foot."""

from dataclasses import dataclass

from kiosk.journey.views.questions import Question
from kiosk.screen import buttons, theme
from kiosk.screen.geometry import Rect
from kiosk.screen.sheet import Sheet
from kiosk.screen.text import Laid, fitted
from kiosk.screen.theme import Panel

QUESTION_LINES_MAX = 4


@dataclass(frozen=True)
class Head:
    """The words at the head, fitted; `helped` is None when the help stands at the foot instead."""

    asked: Laid
    helped: Laid | None
    heading: Laid | None

    def height_px(self, air: int) -> int:
        parts = [one.height_px for one in (self.heading, self.asked, self.helped) if one is not None]
        return sum(parts) + air * (len(parts) - 1)


def lay(page: Sheet, view: Question, need_px: int, *, awake: bool, more: str = "") -> Rect:
    """Draw head and foot. Returns the room between them, at least `need_px` high where that can be.

    more: label of what leads to the other answers, at the foot.
    """
    panel = page.panel
    head = _head(panel, view, _limit(panel, need_px))
    bottom = _draw_head(page, head)
    aside = view.help if head.helped is None and view.help else ""
    _foot(page, view, aside, more, awake=awake)
    return room_under(panel, bottom, need_px)


def room_under(panel: Panel, bottom: int, need_px: int) -> Rect:
    """Under the loudspeaker and as wide as the screen, if the need is met there; else beside it."""
    foot = panel.bottom_y - panel.gap_y
    top, wide = max(bottom + panel.pick(16, 8), panel.listen.bottom + panel.gap_y), panel.width_px - 2 * panel.margin
    if foot - top >= need_px:
        return Rect(panel.margin, top, wide, foot - top)
    top = min(max(bottom + panel.pick(12, 6), panel.pick(28, 10)), foot - need_px)
    return Rect(panel.margin, top, panel.head_w, foot - top)


def _limit(panel: Panel, need_px: int) -> int:
    """How high the head may be."""
    return panel.bottom_y - panel.gap_y - need_px - panel.pick(12, 6) - _top(panel)


def _top(panel: Panel) -> int:
    return panel.pick(28, 8)


def _air(panel: Panel) -> int:
    return panel.pick(6, 0)


def _head(panel: Panel, view: Question, limit: int) -> Head:
    """All of it if it can be, then without the heading, then without the help."""
    for heading, helped in ((view.heading, view.help), ("", view.help), ("", "")):
        head = _fitted(panel, view.question, heading, helped, limit)
        if not (head.asked.cut or (head.helped and head.helped.cut)) and head.height_px(_air(panel)) <= limit:
            return head
    return _fitted(panel, view.question, "", "", limit)


def _fitted(panel: Panel, question: str, heading: str, helped: str, limit: int) -> Head:
    floor, wide = panel.floor_px, panel.head_w
    over = fitted(heading, "SemiBold", (floor, floor), (wide, 2 * floor), 1) if heading else None
    under = fitted(helped, "Regular", (panel.body_px, floor), (wide, limit // 2), 2) if helped else None
    left = limit - sum(one.height_px + _air(panel) for one in (over, under) if one is not None)
    room = (wide, max(left, floor))
    one = fitted(question, "Bold", (panel.question_px, panel.pick(42, 31)), room, 1)
    asked = fitted(question, "Bold", (panel.pick(44, 32), floor), room, QUESTION_LINES_MAX) if one.cut else one
    return Head(asked, under, over)


def _draw_head(page: Sheet, head: Head) -> int:
    panel = page.panel
    y = _top(panel)
    for laid, colour in ((head.heading, theme.TEAL), (head.asked, theme.INK), (head.helped, theme.INK_SOFT)):
        if laid is not None:
            y = page.laid(laid, Rect(panel.margin, y, panel.head_w, laid.height_px), colour).bottom + _air(panel)
    return y


def _foot(page: Sheet, view: Question, aside: str, more: str, *, awake: bool) -> None:
    """From the right: continue, decline, more; what is left over tells where one is."""
    panel = page.panel
    left = buttons.back(page, view.back).right + panel.gap_x
    right = buttons.onward(page, "continue", view.go_on, awake=awake or view.declined).x - panel.gap_x
    style = buttons.CHOSEN if view.declined else buttons.PLAIN
    for name, label, dressed in (("decline", view.decline, style), ("more", more, buttons.PLAIN)):
        if label:
            wide = panel.pick(210, 150)
            rect = Rect(right - wide, panel.bottom_y, wide, panel.target_h)
            buttons.button(page, name, rect, label, dressed)
            right = rect.x - panel.gap_x
    _between(page, view, aside, Rect(left, panel.bottom_y, right - left, panel.target_h))


def _between(page: Sheet, view: Question, aside: str, room: Rect) -> None:
    """When the question is asked and where one is in the form; or the help that had no room at the head."""
    panel, floor = page.panel, page.panel.floor_px
    if aside:
        page.text(aside, room, ("Regular", floor, floor, theme.INK_SOFT), middle=True)
        return
    if room.w < panel.pick(170, 110):
        return
    size = panel.pick(32, floor)
    said = fitted(view.moment or " ", "Regular", (size, floor), (room.w, room.h), 2)
    beads = panel.pick(14, 11)
    top = room.y + (room.h - said.height_px - panel.pick(12, 8) - beads) // 2
    page.text(view.moment, Rect(room.x, top, room.w, said.height_px), ("Regular", size, floor, theme.INK_SOFT))
    progress(page, Rect(room.x, top + said.height_px + panel.pick(12, 8), room.w, beads), view.step, view.steps)


def progress(page: Sheet, room: Rect, step: int, of: int) -> None:
    """Beads while they can be told apart, else a bar that fills."""
    wide = buttons.steps_px(page, of)
    if wide <= room.w:
        buttons.steps(page, room.x + wide, room.center[1], step, of)
    else:
        buttons.filling(page, room, step / of)
