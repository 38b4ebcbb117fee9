"""Press the round button: the words on the left, the button itself, lit, on the right."""

from kiosk.journey.views import ReadyView
from kiosk.screen import buttons, theme
from kiosk.screen.geometry import Rect
from kiosk.screen.sheet import Sheet
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
    soft = ("Regular", panel.pick(38, 30), panel.floor_px, theme.INK_SOFT)
    title = page.text(view.title, room, ("Regular", *soft[1:]), lines_max=2)
    top = title.bottom + panel.pick(36, 8)
    asked = Rect(panel.margin, top, width, panel.pick(250, 160))
    said = page.text(view.instruction, asked, ("Bold", panel.pick(66, 44), panel.floor_px, theme.INK), lines_max=3)
    below = said.bottom + panel.pick(24, 6)
    detail = Rect(panel.margin, below, width, panel.bottom_y - panel.gap_y - below)
    page.text(view.detail, detail, ("Regular", *soft[1:]))


def round_button(size_px: int, *, lit: bool) -> str:
    """The box's one button, seen from above: a collar, a well, a dome; a ring of light when it waits for a press."""
    c = size_px / 2
    shapes = glow("halo", c, c, c, ("#F0C050", 1.0)) if lit else ""
    shapes += glow("shade", c, c * 1.06, c * 0.74, (theme.INK, 0.5))
    shapes += gradient("collar", ((0, "#FFFFFF"), (1, "#D9CFBC")), vertical=True)
    shapes += _round(c, c, c * 0.62, "collar") + ring(c, c, c * 0.62, "#BDB096", c * 0.008)
    light = "#F2C45C" if lit else "#CFC6B6"
    shapes += disc(c, c, c * 0.475, mix(light, theme.INK, 0.1)) + ring(c, c, c * 0.455, light, c * 0.05)
    tones = (
        (mix(theme.TEAL, theme.WHITE, 0.3), theme.TEAL, theme.TEAL_DEEP) if lit else ("#B9B4AA", "#9A958C", "#837E76")
    )
    shapes += gradient("dome", ((0, tones[0]), (0.55, tones[1]), (1, tones[2])), vertical=True)
    shapes += _round(c, c, c * 0.42, "dome")
    return shapes + _shine(c)


def _round(x: float, y: float, radius: float, paint: str) -> str:
    return f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius)}" fill="url(#{paint})"/>'


def _shine(c: float) -> str:
    return radial("shine", ((0, "#FFFFFF", 0.5), (1, "#FFFFFF", 0))) + (
        f'<ellipse cx="{number(c)}" cy="{number(c * 0.74)}" rx="{number(c * 0.25)}" ry="{number(c * 0.1)}" '
        f'fill="url(#shine)"/>'
    )
