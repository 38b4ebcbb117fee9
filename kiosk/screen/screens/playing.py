"""Night: one breathing light, time as an arc around it, and three quiet buttons."""

from kiosk.journey.views import PlayingView
from kiosk.screen import arc, breath, buttons, theme
from kiosk.screen.geometry import Rect
from kiosk.screen.sheet import Sheet
from kiosk.screen.theme import Panel
from kiosk.screen.vector import number


def sheet(view: PlayingView, panel: Panel, pressed: str | None) -> Sheet:
    page = Sheet(theme.DIM if view.dim else theme.NIGHT, panel, pressed)
    if view.dim:
        page.target("wake", panel.bounds, "")
    breath.place(page, dim=view.dim)
    arc.draw(page, breath.centre(panel), breath.arc_radius_px(panel), view.fraction, dim=view.dim)
    stop = _buttons(page, view)
    left = panel.margin + 2 * panel.target_w + 2 * panel.gap_x
    room = Rect(left, panel.bottom_y, stop.x - panel.gap_x - left, panel.target_h)
    page.text(
        view.sentence, room, ("Regular", panel.body_px, panel.floor_px, _words(view)), align="center", middle=True
    )
    if view.show_level:
        _level(page, view)
    return page


def _words(view: PlayingView) -> str:
    return theme.DIM_TEXT if view.dim else theme.NIGHT_SOFT


def _buttons(page: Sheet, view: PlayingView) -> Rect:
    panel, style = page.panel, buttons.DIM if view.dim else buttons.NIGHT
    words_px = panel.pick(32, 28)
    y, wide, tall = panel.bottom_y, panel.target_w, panel.target_h
    buttons.button(page, "softer", Rect(panel.margin, y, wide, tall), view.softer, style, words_px=words_px)
    buttons.button(
        page, "louder", Rect(panel.margin + wide + panel.gap_x, y, wide, tall), view.louder, style, words_px=words_px
    )
    width = panel.pick(2 * wide + panel.gap_x, 150)
    stop = Rect(panel.width_px - panel.margin - width, y, width, tall)
    buttons.button(page, "stop", stop, view.stop, style)
    return stop


def _level(page: Sheet, view: PlayingView) -> None:
    """How loud, as rising bars above the two buttons."""
    panel = page.panel
    wide, tall = 2 * panel.target_w + panel.gap_x, panel.pick(64, 46)
    rect = Rect(panel.margin, panel.bottom_y - panel.gap_y - tall, wide, tall)
    count = max(1, view.level_max)
    pitch = wide / count
    bars = "".join(_bar(step, count, pitch, tall, lit=step < view.level) for step in range(count))
    page.image(rect, bars)


def _bar(step: int, count: int, pitch: float, tall: int, *, lit: bool) -> str:
    height = tall * (0.3 + 0.7 * (step + 1) / count)
    width = min(14.0, pitch * 0.6)
    colour = theme.GOLD if lit else "#33435C"
    return (
        f'<rect x="{number(step * pitch + (pitch - width) / 2)}" y="{number(tall - height)}" width="{number(width)}" '
        f'height="{number(height)}" rx="{number(width / 2)}" fill="{colour}"/>'
    )
