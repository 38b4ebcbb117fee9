"""Medicines asked for: where the request is, as a calm path from step to step."""

from kiosk.journey.views import DeliveryView, Step
from kiosk.screen import buttons, icons, pictograms, theme
from kiosk.screen.geometry import Rect
from kiosk.screen.sheet import Look, Sheet
from kiosk.screen.text import Weight
from kiosk.screen.theme import Panel
from kiosk.screen.vector import disc, number, placed, ring, stroke


def sheet(view: DeliveryView, panel: Panel, pressed: str | None) -> Sheet:
    page = Sheet(theme.PAPER, panel, pressed)
    y = _head(page, view)
    foot = panel.bottom_y - panel.gap_y
    if view.steps:
        y = _path(page, view.steps, max(y, panel.listen.bottom) + panel.pick(40, 10))
    else:
        y = _parcel(page, max(y, panel.listen.bottom) + panel.pick(10, 2))
    _state(page, view, Rect(panel.margin, y, panel.width_px - 2 * panel.margin, foot - y))
    buttons.back(page, view.back)
    wide = panel.pick(460, 330)
    lead = Rect(panel.width_px - panel.margin - wide, panel.bottom_y, wide, panel.target_h)
    if view.received:
        buttons.button(page, "received", lead, view.received, buttons.LEAD)
    elif view.ask:
        buttons.button(page, "ask", lead, view.ask, buttons.LEAD)
    return page


def _head(page: Sheet, view: DeliveryView) -> int:
    panel = page.panel
    room = Rect(panel.margin, panel.pick(36, 10), panel.head_w, panel.pick(72, 50))
    title = page.text(view.title, room, ("Bold", panel.pick(56, 38), panel.floor_px, theme.INK), lines_max=1)
    below = Rect(panel.margin, title.bottom + panel.pick(6, 0), panel.head_w, panel.pick(44, 68))
    soft: Look = ("Regular", panel.body_px, panel.floor_px, theme.INK_SOFT)
    return page.text(view.pharmacy, below, soft, lines_max=2).bottom if view.pharmacy else title.bottom


def _path(page: Sheet, steps: tuple[Step, ...], y: int) -> int:
    """A line through all steps: full so far, dotted ahead. Returns where their names end."""
    panel = page.panel
    size, pitch = panel.pick(88, 48), (panel.width_px - 2 * panel.margin) // len(steps)
    first = panel.margin + pitch // 2
    band = Rect(panel.margin, y, panel.width_px - 2 * panel.margin, size)
    reached = sum(step.done or step.now for step in steps)
    marks = "".join(_stretch(index, pitch, size, reached) for index in range(1, len(steps)))
    stations = "".join(
        placed(_station(step), pitch // 2 + index * pitch - size / 2, 0, size / 100) for index, step in enumerate(steps)
    )
    page.image(band, marks + stations)
    ends = [
        _name(page, step, Rect(first + index * pitch - pitch // 2 + 4, y + size, pitch - 8, panel.pick(90, 72)))
        for index, step in enumerate(steps)
    ]
    return max(ends) + panel.pick(30, 4)


def _stretch(index: int, pitch: int, size: int, reached: int) -> str:
    """Between two steps."""
    start, end, y = pitch // 2 + (index - 1) * pitch + size * 0.62, pitch // 2 + index * pitch - size * 0.62, size / 2
    if index < reached:
        return stroke(f"M{number(start)} {number(y)} H{number(end)}", theme.TEAL, size / 9)
    gap = (end - start) / 4
    return "".join(disc(start + gap * at, y, size / 16, theme.LINE) for at in range(5))


def _station(step: Step) -> str:
    """In a box of 100: done, here now, or to come."""
    if step.now:
        return (
            ring(50, 50, 44, theme.TEAL, 6)
            + disc(50, 50, 34, theme.TEAL)
            + placed(icons.tick(theme.WHITE), 22, 22, 0.56)
        )
    if step.done:
        return disc(50, 50, 34, theme.TEAL) + placed(icons.tick(theme.WHITE), 22, 22, 0.56)
    return disc(50, 50, 32, theme.PAPER) + ring(50, 50, 31, theme.LINE, 6)


def _name(page: Sheet, step: Step, room: Rect) -> int:
    panel = page.panel
    weight: Weight = "Bold" if step.now else "Regular"
    colour = theme.INK if step.done or step.now else theme.INK_SOFT
    return page.text(
        step.label, room, (weight, panel.pick(32, 28), panel.floor_px, colour), align="center", lines_max=2
    ).bottom


def _parcel(page: Sheet, y: int) -> int:
    """Nothing is under way: what could be asked for. Returns where it ends."""
    panel = page.panel
    size = panel.pick(170, 84)
    page.image(Rect(panel.margin, y, size, size), pictograms.drawn("delivery", size))
    return y + size + panel.pick(24, 4)


def _state(page: Sheet, view: DeliveryView, room: Rect) -> None:
    panel = page.panel
    size = panel.pick(150, 0) if view.steps else 0
    if size:
        page.image(Rect(room.x, room.y + 14, size, size), pictograms.drawn("delivery", size))
        room = Rect(room.x + size + 40, room.y + 20, room.w - size - 40, room.h - 20)
    said: Look = ("SemiBold", panel.pick(44, 30), panel.floor_px, theme.INK)
    first = page.text(view.state, room, said)
    top = first.bottom + panel.pick(12, 2) if view.state else room.y
    soft: Look = ("Regular", panel.pick(40, 29), panel.floor_px, theme.INK_SOFT)
    page.text(view.note, Rect(room.x, top, room.w, room.bottom - top), soft)
