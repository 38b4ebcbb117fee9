"""Press the round button: the words on the left, the button itself, lit, on the right."""

from kiosk.journey.views import ReadyView
from kiosk.screen import buttons, theme
from kiosk.screen.geometry import Rect
from kiosk.screen.sheet import Look, Sheet
from kiosk.screen.theme import Panel, mix
from kiosk.screen.vector import disc, glow, gradient, number, radial, ring


def sheet(view: ReadyView, panel: Panel, pressed: str | None) -> Sheet:
    page = Sheet(theme.PAPER, panel, pressed)
    size = panel.pick(560, 330)
    picture = Rect(panel.width_px - panel.pick(70, 6) - size, (panel.height_px - size) // 2, size, size)
    page.scenery(picture, round_button(size, lit=view.armed))
    _words(page, view, picture.x - panel.margin - panel.pick(30, 6))
    buttons.back(page, view.back)
    return page


def _words(page: Sheet, view: ReadyView, width: int) -> None:
    panel = page.panel
    room = Rect(panel.margin, panel.pick(84, 18), width, panel.pick(90, 72))
    soft: Look = ("Regular", panel.pick(38, 30), panel.floor_px, theme.INK_SOFT)
    title = page.text(view.title, room, soft, lines_max=2)
    top = title.bottom + panel.pick(36, 8)
    asked = Rect(panel.margin, top, width, panel.pick(250, 160))
    said = page.text(view.instruction, asked, ("Bold", panel.pick(66, 44), panel.floor_px, theme.INK), lines_max=3)
    below = said.bottom + panel.pick(24, 6)
    detail = Rect(panel.margin, below, width, panel.bottom_y - panel.gap_y - below)
    page.text(view.detail, detail, soft)


def round_button(size_px: int, *, lit: bool) -> str:
    """The box's one button, seen from above: a collar, a well, a dome; a ring of light when it waits for a press."""
    c = size_px / 2
    halo = glow("halo", (c, c), c, "#F2C860", theme.PAPER) if lit else ""
    shade = radial("shade", ((0.7, theme.INK, 0.22), (1, theme.INK, 0))) + _round(c, c * 1.05, c * 0.72, "shade")
    collar = _vertical("collar", "#FFFFFF", "#D9CFBC") + _round(c, c, c * 0.62, "collar")
    light = "#F2C45C" if lit else "#CFC6B6"
    well = disc(c, c, c * 0.475, mix(light, theme.INK, 0.1)) + ring(c, c, c * 0.455, light, c * 0.05)
    edge = ring(c, c, c * 0.62, "#BDB096", c * 0.008)
    return halo + shade + collar + edge + well + _dome(c, theme.TEAL if lit else "#9A958C")


def _dome(c: float, colour: str) -> str:
    top, foot = mix(colour, theme.WHITE, 0.28), mix(colour, theme.INK, 0.35)
    body = gradient("dome", ((0, top), (0.55, colour), (1, foot)), vertical=True) + _round(c, c, c * 0.42, "dome")
    shine = _vertical("shine", mix(colour, theme.WHITE, 0.62), mix(colour, theme.WHITE, 0.14))
    return (
        body
        + shine
        + (
            f'<ellipse cx="{number(c)}" cy="{number(c * 0.76)}" rx="{number(c * 0.25)}" ry="{number(c * 0.115)}" '
            f'fill="url(#shine)" fill-opacity="0.8"/>'
        )
    )


def _vertical(name: str, top: str, foot: str) -> str:
    return gradient(name, ((0, top), (1, foot)), vertical=True)


def _round(x: float, y: float, radius: float, paint: str) -> str:
    return f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" fill="url(#{paint})"/>'
