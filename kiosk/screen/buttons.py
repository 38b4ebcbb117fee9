"""Buttons and the other small parts that every screen shares."""

from dataclasses import dataclass

from kiosk.screen import icons, theme
from kiosk.screen.geometry import Rect
from kiosk.screen.sheet import Look, Sheet
from kiosk.screen.vector import placed, rounded


@dataclass(frozen=True)
class Style:
    """A button's fill, edge and words; `lift`: the shade under it, which a press takes away."""

    fill: str
    edge: str
    words: str
    pressed: str
    lift: str = ""


LEAD = Style(theme.TEAL, theme.TEAL, theme.WHITE, theme.TEAL_DEEP, "#B9CBC8")
PLAIN = Style(theme.CARD, theme.LINE, theme.INK, theme.TEAL_PALE, "#E6DCC8")
CHOSEN = Style(theme.INK, theme.INK, theme.WHITE, theme.TEAL_DEEP, "#CFC9BD")
ASLEEP = Style(theme.PAPER_DEEP, theme.EDGE, theme.INK_SOFT, theme.PAPER_DEEP)
NIGHT = Style("none", theme.NIGHT_EDGE, theme.NIGHT_TEXT, theme.NIGHT_PRESSED)
NIGHT_LEAD = Style("#1E3A4A", "#7FB9B5", theme.NIGHT_TEXT, theme.NIGHT_PRESSED)
DIM = Style("none", theme.DIM_EDGE, theme.DIM_TEXT, theme.NIGHT_PRESSED)


def face(sheet: Sheet, rect: Rect, style: Style, *, pressed: bool, edge_px: int = 0) -> None:
    """The button's body, without words."""
    radius, edge_px = sheet.panel.pick(28, 22), edge_px or sheet.panel.pick(3, 2)
    body = rounded(rect.w, rect.h, radius, style.pressed if pressed else style.fill, style.edge, edge_px)
    if not style.lift:
        sheet.image(rect, body)
        return
    lift_px = sheet.panel.pick(5, 4)
    under = placed(rounded(rect.w, rect.h, radius, style.lift), 0, 0 if pressed else lift_px)
    sheet.image(Rect(rect.x, rect.y, rect.w, rect.h + lift_px), under + body)


def button(
    sheet: Sheet, name: str, rect: Rect, label: str, style: Style, *, asleep: bool = False, words_px: int = 0
) -> None:
    """A button with words, touched anywhere on its face; asleep it cannot be touched."""
    face(sheet, rect, style, pressed=sheet.pressed == name and not asleep)
    panel = sheet.panel
    room = rect.inset(panel.pick(8, 6), 4)
    look: Look = ("SemiBold", words_px or panel.button_px, panel.floor_px, style.words)
    sheet.text(label, room, look, align="center", middle=True)
    if not asleep:
        sheet.target(name, rect, label)


def icon_button(sheet: Sheet, name: str, rect: Rect, label: str, style: Style, icon: str, *, asleep: bool) -> None:
    """A button with a picture; its label is for who cannot see it."""
    face(sheet, rect, style, pressed=sheet.pressed == name and not asleep)
    size_px = min(rect.w, rect.h) * 6 // 10
    x, y = rect.center
    sheet.image(Rect(x - size_px // 2, y - size_px // 2, size_px, size_px), icons.scaled(icon, size_px))
    if not asleep:
        sheet.target(name, rect, label)


def back(sheet: Sheet, label: str) -> Rect:
    """Always at the foot, left."""
    panel = sheet.panel
    rect = Rect(panel.margin, panel.bottom_y, panel.pick(176, 112), panel.target_h)
    if label:
        button(sheet, "back", rect, label, PLAIN)
    return rect


def onward(sheet: Sheet, name: str, label: str, *, awake: bool = True) -> Rect:
    """Always at the foot, right: what leads on."""
    panel = sheet.panel
    width = panel.pick(224, 178)
    rect = Rect(panel.width_px - panel.margin - width, panel.bottom_y, width, panel.target_h)
    if label:
        button(sheet, name, rect, label, LEAD if awake else ASLEEP, asleep=not awake)
    return rect


def _bead_px(sheet: Sheet) -> tuple[int, int]:
    """A bead, and the space to the next."""
    return sheet.panel.pick(16, 13), sheet.panel.pick(10, 7)


BEADS_MAX = 12
"""More steps than this are a bar of the same width."""


def steps_px(sheet: Sheet, of: int) -> int:
    """The width of so many beads, or of the bar in their place."""
    bead, gap = _bead_px(sheet)
    of = min(of, BEADS_MAX)
    return 0 if of < 2 else of * (bead + gap) - gap + bead


def steps(sheet: Sheet, right: int, middle_y: int, step: int, of: int) -> int:
    """Where one is, as beads ending at `right`: those behind full, the present one longer. Returns their width."""
    if of < 2:
        return 0
    bead, gap = _bead_px(sheet)
    width, marks, x = steps_px(sheet, of), [], 0
    if of > BEADS_MAX:
        filling(sheet, Rect(right - width, middle_y - bead // 2, width, bead), step / of)
        return width
    for one in range(1, of + 1):
        wide = bead * 2 if one == step else bead
        marks.append(placed(_bead(wide, bead, reached=one <= step), x, 0))
        x += wide + gap
    sheet.image(Rect(right - width, middle_y - bead // 2, width, bead), "".join(marks))
    return width


def _bead(wide: int, tall: int, *, reached: bool) -> str:
    if reached:
        return rounded(wide, tall, tall / 2, theme.TEAL)
    return rounded(wide, tall, tall / 2 - 1, theme.PAPER, theme.LINE, 2)


def filling(sheet: Sheet, room: Rect, share: float) -> None:
    """Where one is in a long form: a bar, full so far."""
    tall = _bead_px(sheet)[0]
    rect = Rect(room.x, room.center[1] - tall // 2, room.w, tall)
    body = rounded(rect.w, tall, tall / 2 - 1, theme.PAPER, theme.LINE, 2)
    sheet.image(rect, body + rounded(max(tall, rect.w * min(1.0, share)), tall, tall / 2, theme.TEAL))


def record_mark(sheet: Sheet, rect: Rect, *, in_record: bool) -> None:
    mark = icons.in_record(theme.TEAL, theme.WHITE) if in_record else icons.on_its_way(theme.INK_SOFT)
    sheet.image(rect, icons.scaled(mark, rect.w))
