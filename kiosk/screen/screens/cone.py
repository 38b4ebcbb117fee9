"""How do you feel: the question, the cone, the answer in a number and a word."""

from dataclasses import dataclass

from kiosk.journey.views import ConeView
from kiosk.screen import buttons, cone, icons, theme
from kiosk.screen.geometry import Rect
from kiosk.screen.port import Target
from kiosk.screen.sheet import Look, Sheet
from kiosk.screen.slope import HEIGHTS, ConeSlope
from kiosk.screen.text import LEADING, Align, Laid, Weight, few, fitted, width_px
from kiosk.screen.theme import Panel
from kiosk.screen.vector import fill

DIGIT_EM = 0.695
"""Height of the ink of a digit."""
DIGIT_TOP_EM = 0.247
"""From the top of its line to that ink."""


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
    _numbers(page, plan.slope, view.value)
    _anchors(page, plan.slope, view)
    foot = plan.side.x if panel.large else panel.pick(0, 440)
    if view.value is not None:
        _pointer(page, plan.slope, view.value, Rect(foot, panel.bottom_y, panel.width_px - foot, panel.target_h))
    _answer(page, view, plan.side)
    _foot(page, view, foot)
    _touchable(page, plan.slope, view)
    return page


def _plan(panel: Panel, header_bottom: int) -> Plan:
    half, axis = panel.pick(186, 100), panel.pick(506, 378)
    lid = round(half * 0.11)
    top = header_bottom + panel.pick(18, 6) + lid
    bottom = panel.height_px - panel.pick(52, 20)
    left, begin = panel.pick(800, 526), max(top - lid, panel.listen.bottom + 2)
    side = Rect(left, begin, panel.width_px - panel.margin - left, panel.bottom_y - panel.gap_y - begin)
    return Plan(ConeSlope(axis, top, bottom, half, panel.pick(17, 12)), side)


def _header(page: Sheet, view: ConeView) -> int:
    """The question and its help; the moment and the step beside them, left of the loudspeaker. Returns the end."""
    panel = page.panel
    top, right = panel.pick(38, 8), panel.margin + panel.head_w
    moment_px = fitted(view.moment, "Regular", (panel.body_px, panel.floor_px), (300, 50), 1).width_px
    question = _question(panel, view.question, right - moment_px - 48 if panel.large else right)
    asked = page.laid(question, Rect(panel.margin, top, question.width_px, question.height_px), theme.INK)
    return _below(page, view, top, asked)


def _below(page: Sheet, view: ConeView, top: int, asked: Rect) -> int:
    """The help under the question; on the small panel the moment follows it on its line, or stands on its own."""
    panel, soft = page.panel, (page.panel.body_px, page.panel.floor_px, theme.INK_SOFT)
    room = Rect(panel.margin, asked.bottom + panel.pick(4, 0), panel.head_w, panel.pick(84, 70))
    if panel.large:
        _beside(page, view, top)
        narrow = Rect(room.x, room.y, panel.head_w - 300, room.h)
        return max(asked.bottom, page.text(view.help, narrow, ("Regular", *soft), lines_max=2).bottom)
    helped = page.text(view.help, room, ("Regular", *soft), lines_max=2)
    wide = _moment_px(page, view)
    same = helped.h <= round(1.2 * panel.body_px) and helped.w + 24 + wide <= panel.head_w
    y = helped.y if same else helped.bottom
    _moment(page, view, panel.margin + panel.head_w - wide if same else panel.margin, y)
    return y + round(1.2 * panel.floor_px)


def _beside(page: Sheet, view: ConeView, top: int) -> None:
    """On the large panel: the moment beside the loudspeaker, the beads below it."""
    panel = page.panel
    right, size = panel.margin + panel.head_w, panel.body_px
    aside = Rect(right - 300, top + 8, 300, round(size * 1.2))
    look: Look = ("Regular", size, panel.floor_px, theme.INK_SOFT)
    moment = page.text(view.moment, aside, look, align="right", lines_max=1)
    buttons.steps(page, right, moment.bottom + 18, view.step, view.steps)


def _moment_px(page: Sheet, view: ConeView) -> int:
    return width_px(view.moment, "Regular", page.panel.floor_px) + 16 + buttons.steps_px(page, view.steps)


def _moment(page: Sheet, view: ConeView, x: int, y: int) -> None:
    """Both on one line."""
    size = page.panel.floor_px
    wide = width_px(view.moment, "Regular", size)
    page.text(view.moment, Rect(x, y, wide + 2, round(size * 1.2)), ("Regular", size, size, theme.INK_SOFT))
    beads = buttons.steps_px(page, view.steps)
    buttons.steps(page, x + wide + 16 + beads, y + round(size * 0.64), view.step, view.steps)


def _question(panel: Panel, words: str, right: int) -> Laid:
    """On one line if it can be a little smaller, else on two."""
    room, wanted = right - panel.margin, panel.question_px
    one = fitted(words, "Bold", (wanted, panel.pick(42, 30)), (room, 60), 1)
    return (
        fitted(words, "Bold", (panel.pick(wanted, 29), panel.pick(34, panel.floor_px)), (room, 120), 2)
        if one.cut
        else one
    )


def _number_right(slope: ConeSlope, height: int) -> int:
    return round(slope.axis_x - slope.half_px(slope.middle_y(height))) - 14


def _numbers(page: Sheet, slope: ConeSlope, value: int | None) -> None:
    """Each number beside its own slice."""
    size = page.panel.floor_px
    for height in range(HEIGHTS):
        right, y = _number_right(slope, height), slope.middle_y(height)
        room = Rect(right - 50, y - size * 3 // 5, 50, round(size * 1.2))
        weight: Weight = "Bold" if height == value else "Regular"
        colour = theme.INK if height == value else theme.INK_SOFT
        page.text(str(height), room, (weight, size, size, colour), align="right")


def _anchors(page: Sheet, slope: ConeSlope, view: ConeView) -> None:
    """The words of 0, 5 and 10, each before its number; they never leave."""
    for height, words in zip((0, 5, 10), view.anchors, strict=True):
        _anchor(page, slope, height, words, chosen=height == view.value)


def _anchor(page: Sheet, slope: ConeSlope, height: int, words: str, *, chosen: bool) -> None:
    """The words hang down from 10, stand up from 0, and lie level with 5; they clear every number that they pass."""
    panel, size = page.panel, page.panel.floor_px
    left = panel.margin if height else _back_right(panel) - panel.pick(0, 8)
    look: tuple[Weight, int, int, str] = ("Bold" if chosen else "SemiBold", size, size, theme.INK)
    for passed in range(height, HEIGHTS):
        right = _number_left(panel, slope, passed)
        tall = fitted(words, look[0], (size, size), (right - left, panel.height_px)).height_px
        top = _anchor_top(slope, height, tall, size)
        if top >= slope.slice_y(passed)[0] - 4 or passed == HEIGHTS - 1:
            page.text(words, Rect(left, top, right - left, tall), look, align="right")
            return


def _number_left(panel: Panel, slope: ConeSlope, height: int) -> int:
    digits_px = panel.floor_px * 6 // 10 * len(str(height))
    return _number_right(slope, height) - digits_px - panel.pick(16, 8)


def _anchor_top(slope: ConeSlope, height: int, tall: int, size: int) -> int:
    middle, line = slope.middle_y(height), round(size * 1.2)
    return {10: middle - line // 2, 5: middle - tall // 2, 0: middle + line // 2 - tall}[height]


def _back_right(panel: Panel) -> int:
    return panel.margin + panel.pick(176, 112) + panel.gap_x


def _pointer(page: Sheet, slope: ConeSlope, value: int, foot: Rect) -> None:
    """A tag that touches the chosen slice and says its number, where the buttons at the foot leave it whole.

    Low on the small panel they do not: there the slice's own number is bold, and the answer's stands large beside it.
    """
    panel = page.panel
    wide, tall = panel.pick(84, 56 if value == 10 else 38), panel.pick(46, 36)
    y = slope.middle_y(value)
    x = round(slope.axis_x + slope.half_px(y)) + panel.pick(8, 3)
    nose, r = panel.pick(23, 14), 8
    path = f"M0 {tall / 2} L{nose} 0 H{wide - r} a{r} {r} 0 0 1 {r} {r} V{tall - r} a{r} {r} 0 0 1 -{r} {r} H{nose} Z"
    rect = Rect(x, y - tall // 2, wide, tall)
    if rect.overlaps(foot):
        return
    page.image(rect, fill(path, theme.INK))
    room = Rect(x + nose // 2, rect.y, wide - nose // 2, tall)
    size = panel.pick(34, panel.floor_px)
    page.text(str(value), room, ("Bold", size, panel.floor_px, theme.WHITE), align="center", middle=True)


def _answer(page: Sheet, view: ConeView, side: Rect) -> None:
    """The number and the word, or what to do; below, one less and one more."""
    panel = page.panel
    wide = panel.pick(side.w, 288)
    row = Rect(side.right - wide, side.bottom - panel.target_h, wide, panel.target_h)
    _less_and_more(page, row, asleep=view.value is None)
    top = side.y + panel.pick(10, 0)
    words = Rect(side.x, top, side.w, row.y - top - panel.pick(24, 0))
    if view.value is None:
        _prompt(page, view, words)
    elif panel.large:
        _number_and_word(page, view, words)
    else:
        word = few(view.word, "Bold", (34, panel.floor_px), (words.w, words.h), 3)
        middle = Rect(words.x, words.y + (words.h - word.height_px) // 2, words.w, word.height_px)
        page.laid(word, middle, theme.INK, "right")
        page.text(str(view.value), row, ("Bold", 68, 68, theme.INK), align="center", middle=True)


def _number_and_word(page: Sheet, view: ConeView, room: Rect) -> None:
    """One block, balanced in its room by what the eye sees of the digits."""
    word = few(view.word, "Bold", (46, page.panel.floor_px), (room.w, room.h // 2), 2)
    size = min(190, round((room.h - word.height_px - 12) / DIGIT_EM))
    ink, air = round(size * DIGIT_EM), 18
    top = room.y + (room.h - ink - air - word.height_px) // 2
    digits = Rect(room.x - 6, top - round(size * DIGIT_TOP_EM), room.w, round(size * LEADING) + 1)
    page.text(str(view.value), digits, ("Bold", size, size, theme.INK))
    page.words[-1] = Rect(room.x, top, room.w, ink)
    below = Rect(room.x, top + ink + air, room.w, word.height_px)
    page.text(view.word, below, ("Bold", word.size_px, word.size_px, theme.INK))


def _prompt(page: Sheet, view: ConeView, room: Rect) -> None:
    """Two lines: what to do. When the person chose not to answer, that stands there instead."""
    panel = page.panel
    first, second = (view.decline, "") if view.declined else view.prompt
    lead = few(first, "Bold", (panel.pick(56, 34), panel.floor_px), (room.w, room.h), 2)
    then = fitted(second, "Regular", (panel.pick(38, 30), panel.floor_px), (room.w, room.h), 2)
    tall = lead.height_px + (then.height_px if second else 0)
    top = room.y + (room.h - tall) // 2
    align: Align = "left" if panel.large else "right"
    page.text(
        first, Rect(room.x, top, room.w, lead.height_px), ("Bold", lead.size_px, lead.size_px, theme.INK), align=align
    )
    below = Rect(room.x, top + lead.height_px, room.w, then.height_px)
    page.text(second, below, ("Regular", then.size_px, then.size_px, theme.INK), align=align)


def _less_and_more(page: Sheet, row: Rect, *, asleep: bool) -> None:
    panel = page.panel
    wide = panel.pick((row.w - panel.gap_x) // 2, panel.target_w)
    style = buttons.ASLEEP if asleep else buttons.PLAIN
    colour = "#A79C88" if asleep else theme.INK
    minus, plus = Rect(row.x, row.y, wide, row.h), Rect(row.right - wide, row.y, wide, row.h)
    buttons.icon_button(page, "minus", minus, "−", style, icons.minus(colour), asleep=asleep)
    buttons.icon_button(page, "plus", plus, "+", style, icons.plus(colour), asleep=asleep)


def _foot(page: Sheet, view: ConeView, left: int) -> None:
    buttons.back(page, view.back)
    awake = view.value is not None or view.declined
    onward = buttons.onward(page, "continue", view.go_on, awake=awake)
    rect = Rect(left, onward.y, onward.x - page.panel.gap_x - left, onward.h)
    buttons.button(page, "decline", rect, view.decline, buttons.CHOSEN if view.declined else buttons.PLAIN)


def _touchable(page: Sheet, slope: ConeSlope, view: ConeView) -> None:
    """The whole column, numbers and words included, as far as the buttons let it."""
    panel = page.panel
    left, right = _back_right(panel), panel.pick(slope.axis_x + slope.top_half_px + 60, 424)
    top = slope.top_y - round(slope.top_half_px * slope.curve)
    rect = Rect(left, top, right - left, panel.height_px - top)
    page.targets.append(Target("cone", rect, view.question, slope))
