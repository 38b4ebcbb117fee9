"""Press the round button: the words on the left, a picture of the box with its lit button on the right."""

from kiosk.journey.views import ReadyView
from kiosk.screen import buttons, scenery, theme
from kiosk.screen.geometry import Rect
from kiosk.screen.sheet import Look, Sheet
from kiosk.screen.theme import Panel, mix
from kiosk.screen.vector import disc, gradient, number, placed, radial, ring, rounded


def sheet(view: ReadyView, panel: Panel, pressed: str | None) -> Sheet:
    page = Sheet(theme.PAPER, panel, pressed)
    size = panel.pick(560, 326)
    top = panel.listen.bottom + panel.pick(44, 14)
    picture = Rect(panel.width_px - panel.pick(64, 10) - size, top, size, size)
    page.scenery(picture, box(size, lit=view.armed))
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


def box(size_px: int, *, lit: bool) -> str:
    """The box as it stands by the bed: one sees at once that this is a picture, and which thing to press."""
    body = Rect(round(size_px * 0.04), round(size_px * 0.02), round(size_px * 0.92), round(size_px * 0.94))
    shadow = radial("floor", ((0, theme.INK, 0.20), (1, theme.INK, 0)))
    shadow += (
        f'<ellipse cx="{number(size_px / 2)}" cy="{number(body.bottom)}" rx="{number(size_px * 0.48)}" '
        f'ry="{number(size_px * 0.045)}" fill="url(#floor)"/>'
    )
    shell = placed(rounded(body.w, body.h, size_px * 0.09, "#EFE6D4", theme.LINE, 2), body.x, body.y)
    return shadow + shell + _screen(size_px) + placed(round_button(size_px * 0.46, lit=lit), *_button_at(size_px))


def _button_at(size_px: int) -> tuple[float, float]:
    """Its upper left corner, under the box's screen."""
    return size_px * 0.27, size_px * 0.515


def _screen(size_px: int) -> str:
    """Its own screen, with a calm water on it."""
    wide, tall = round(size_px * 0.76), round(size_px * 0.44)
    glass = rounded(wide, tall, size_px * 0.03, theme.INK)
    inside = rounded(wide - 16, tall - 16, size_px * 0.02, theme.TEAL)
    water = scenery.tile("relaxation", (wide - 16, tall - 16), round(size_px * 0.02), theme.TEAL)
    return placed(glass + placed(inside + water, 8, 8), size_px * 0.12, size_px * 0.085)


def round_button(size_px: float, *, lit: bool) -> str:
    """The box's one button: a collar, a well, a dome; a ring of light when it waits for a press."""
    c = size_px / 2
    halo = radial("halo", ((0, "#F7C948", 0.95), (0.62, "#F7C948", 0.75), (1, "#F7C948", 0))) + _round(c, c, c, "halo")
    collar = _vertical("collar", "#FFFFFF", "#D9CFBC") + _round(c, c, c * 0.62, "collar")
    light = "#F2C45C" if lit else "#CFC6B6"
    well = disc(c, c, c * 0.475, mix(light, theme.INK, 0.1)) + ring(c, c, c * 0.455, light, c * 0.05)
    edge = ring(c, c, c * 0.62, theme.LINE, c * 0.02)
    return (halo if lit else "") + collar + edge + well + _dome(c, theme.TEAL if lit else "#9A958C")


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
