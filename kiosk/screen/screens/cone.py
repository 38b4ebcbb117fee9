"""How do you feel: the question, the cone, the answer in a number and a word."""

from dataclasses import dataclass

from kiosk.journey.views import ConeView
from kiosk.screen import buttons, cone, icons, theme
from kiosk.screen.geometry import Rect
from kiosk.screen.port import Target
from kiosk.screen.sheet import Sheet
from kiosk.screen.slope import HEIGHTS, ConeSlope
from kiosk.screen.theme import Panel
from kiosk.screen.vector import fill


@dataclass(frozen=True)
class Plan:
    """Where things stand; the cone takes the height that the question leaves."""

    slope: ConeSlope
    side: Rect
    """The answer, beside the cone."""


def sheet(view: ConeView, panel: Panel, pressed: str | None) -> Sheet:
    page = Sheet(theme.PAPER, panel, pressed)
    plan = _plan(panel, _header(page, view))
    cone.draw(page, plan.slope, view.ramp, view.value)
    _numbers(page, plan.slope, view)
    _anchors(page, plan.slope, view)
    if view.value is not None:
        _pointer(page, plan.slope, view.value)
    _answer(page, view, plan.side)
    _foot(page, view)
    _touchable(page, plan, view)
    return page


def _plan(panel: Panel, header_bottom: int) -> Plan:
    half, axis = panel.pick(186, 122), panel.pick(506, 332)
    lid = round(half * 0.11)
    top = header_bottom + panel.pick(16, 6) + lid
    bottom = panel.height_px - panel.pick(52, 20)
    slope = ConeSlope(axis, top, bottom, half, panel.pick(17, 12))
    left = panel.pick(800, 520)
    side = Rect(left, top - lid, panel.width_px - panel.margin - left, panel.bottom_y - panel.gap_y - top + lid)
    return Plan(slope, side)


def _header(page: Sheet, view: ConeView) -> int:
    """The question and its help, the moment and the step. Returns where they end."""
    panel = page.panel
    top, width = panel.pick(40, 12), panel.width_px - 2 * panel.margin
    aside = panel.pick(300, 0)
    room = Rect(panel.margin, top, width - aside, panel.pick(116, 76))
    look = ("Bold", panel.question_px, panel.pick(38, panel.floor_px), theme.INK)
    asked = page.text(view.question, room, ("Bold", look[1], look[2], look[3]), lines_max=2)
    helped = Rect(panel.margin, asked.bottom + panel.pick(4, 0), width - aside, panel.pick(84, 70))
    below = page.text(view.help, helped, ("Regular", panel.body_px, panel.floor_px, theme.INK_SOFT), lines_max=2)
    if panel.large:
        _moment(page, view, Rect(panel.width_px - panel.margin - 280, top + 8, 280, 90), gap_px=52)
    return max(below.bottom, asked.bottom)


def _moment(page: Sheet, view: ConeView, room: Rect, gap_px: int) -> None:
    look = ("Regular", page.panel.body_px, page.panel.floor_px, theme.INK_SOFT)
    page.text(view.moment, room, ("Regular", look[1], look[2], look[3]), align="right", lines_max=1)
    buttons.steps(page, room.right, room.y + gap_px + page.panel.pick(12, 0), view.step, view.steps)


def _number_right(slope: ConeSlope, height: int) -> int:
    return round(slope.axis_x - slope.half_px(slope.middle_y(height))) - 14


def _numbers(page: Sheet, slope: ConeSlope, view: ConeView) -> None:
    """Each number beside its own slice."""
    size = page.panel.floor_px
    for height in range(HEIGHTS):
        right, y = _number_right(slope, height), slope.middle_y(height)
        room = Rect(right - 50, y - size * 3 // 5, 50, round(size * 1.2))
        chosen = height == view.value
        weight, colour = ("Bold", theme.INK) if chosen else ("Regular", theme.INK_SOFT)
        page.text(str(height), room, (weight, size, size, colour), align="right")


def _anchors(page: Sheet, slope: ConeSlope, view: ConeView) -> None:
    """The words of 0, 5 and 10, each before its number; they never leave."""
    panel, size = page.panel, page.panel.floor_px
    line, digit = round(size * 1.2), round(size * 0.6)
    back_right = panel.margin + panel.pick(176, 124) + panel.gap_x
    left = {10: panel.margin, 5: panel.margin, 0: back_right}
    lines = {10: 4, 5: 3, 0: 3}
    for height, words in zip((0, 5, 10), view.anchors, strict=True):
        right = _number_right(slope, height) - digit * len(str(height)) - panel.pick(14, 9)
        tall = lines[height] * line
        middle = slope.middle_y(height)
        top = {10: middle - line // 2, 5: middle - tall // 2, 0: panel.height_px - panel.pick(36, 8) - tall}[height]
        room = Rect(left[height], top, right - left[height], tall)
        weight = "Bold" if height == view.value else "SemiBold"
        page.text(words, room, (weight, size, size, theme.INK), align="right", middle=height != 10)


def _pointer(page: Sheet, slope: ConeSlope, value: int) -> None:
    """A tag that touches the chosen slice and says its number."""
    panel = page.panel
    wide, tall = panel.pick(84, 64), panel.pick(46, 36)
    y = slope.middle_y(value)
    x = round(slope.axis_x + slope.half_px(y)) + 8
    nose, r = tall // 2, 8
    path = (
        f"M0 {tall / 2} L{nose} 0 H{wide - r} a{r} {r} 0 0 1 {r} {r} V{tall - r} "
        f"a{r} {r} 0 0 1 -{r} {r} H{nose} Z"
    )
    rect = Rect(x, y - tall // 2, wide, tall)
    page.image(rect, fill(path, theme.INK))
    room = Rect(x + nose // 2, rect.y, wide - nose // 2, tall)
    size = panel.pick(34, panel.floor_px)
    page.text(str(value), room, ("Bold", size, panel.floor_px, theme.WHITE), align="center", middle=True)


def _answer(page: Sheet, view: ConeView, side: Rect) -> None:
    """The number and the word, or what to do; then one less and one more."""
    if page.panel.large:
        _answer_large(page, view, side)
    else:
        _answer_small(page, view, side)


def _answer_large(page: Sheet, view: ConeView, side: Rect) -> None:
    row = Rect(side.x, side.bottom - page.panel.target_h, side.w, page.panel.target_h)
    _less_and_more(page, view, row)
    words = Rect(side.x, side.y + 24, side.w, row.y - side.y - 40)
    if view.value is None:
        _prompt(page, view, words)
        return
    big = Rect(side.x - 8, words.y - 30, side.w, 228)
    page.text(str(view.value), big, ("Bold", 190, 190, theme.INK))
    room = Rect(side.x, words.bottom - 124, side.w, 116)
    page.text(view.word, room, ("Bold", 46, page.panel.floor_px, theme.INK), middle=True, lines_max=2)


def _answer_small(page: Sheet, view: ConeView, side: Rect) -> None:
    panel = page.panel
    row = Rect(side.right - 312, side.bottom - panel.target_h, 312, panel.target_h)
    _less_and_more(page, view, row)
    _moment(page, view, Rect(side.x, side.y - 2, side.w, 36), gap_px=48)
    words = Rect(side.x, side.y + 58, side.w, row.y - side.y - 62)
    if view.value is None:
        _prompt(page, view, words)
        return
    page.text(view.word, words, ("Bold", 34, panel.floor_px, theme.INK), align="right", middle=True, lines_max=2)
    page.text(str(view.value), row, ("Bold", 76, 76, theme.INK), align="center", middle=True)


def _prompt(page: Sheet, view: ConeView, room: Rect) -> None:
    """Two lines: what to do. When the person chose not to answer, that stands there instead."""
    panel = page.panel
    align = "left" if panel.large else "right"
    first, second = (view.decline, "") if view.declined else view.prompt
    lead_px = panel.pick(58, 36)
    half = room.h // 2
    upper = Rect(room.x, room.y + panel.pick(24, 0), room.w, half)
    taken = page.text(first, upper, ("Bold", lead_px, panel.floor_px, theme.INK), align=align, lines_max=2)
    below = Rect(room.x, taken.bottom + panel.pick(6, 0), room.w, room.bottom - taken.bottom)
    page.text(second, below, ("Regular", panel.pick(38, 30), panel.floor_px, theme.INK), align=align, lines_max=2)


def _less_and_more(page: Sheet, view: ConeView, row: Rect) -> None:
    panel = page.panel
    wide = panel.pick(140, panel.target_w)
    asleep = view.value is None
    style = buttons.ASLEEP if asleep else buttons.PLAIN
    colour = "#A79C88" if asleep else theme.INK
    second_x = row.x + wide + panel.gap_x + 6 if panel.large else row.right - wide
    minus, plus = Rect(row.x, row.y, wide, row.h), Rect(second_x, row.y, wide, row.h)
    buttons.icon_button(page, "minus", minus, "−", style, icons.minus(colour), asleep=asleep)
    buttons.icon_button(page, "plus", plus, "+", style, icons.plus(colour), asleep=asleep)


def _foot(page: Sheet, view: ConeView) -> None:
    panel = page.panel
    buttons.back(page, view.back)
    awake = view.value is not None or view.declined
    right = buttons.onward(page, "continue", view.go_on, awake=awake)
    wide = panel.pick(202, 146)
    rect = Rect(right.x - panel.gap_x - wide, right.y, wide, right.h)
    style = buttons.CHOSEN if view.declined else buttons.PLAIN
    buttons.button(page, "decline", rect, view.decline, style)


def _touchable(page: Sheet, plan: Plan, view: ConeView) -> None:
    """The whole column, numbers and words included, as far as the buttons let it."""
    panel, slope = page.panel, plan.slope
    left = panel.margin + panel.pick(176, 124) + panel.gap_x
    right = panel.pick(slope.axis_x + slope.top_half_px + 60, 434)
    top = slope.top_y - round(slope.top_half_px * slope.curve)
    rect = Rect(left, top, right - left, panel.height_px - top)
    page.targets.append(Target("cone", rect, view.question, slope))
