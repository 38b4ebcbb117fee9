"""The face of the product: a glass cone, narrow at 0 and wide at 10, filled to the height that the person touches."""

from dataclasses import dataclass
from functools import lru_cache

import pygame

from kiosk.screen import theme, vector
from kiosk.screen.geometry import Rect
from kiosk.screen.sheet import Sheet
from kiosk.screen.slope import HEIGHTS, ConeSlope
from kiosk.screen.theme import mix
from kiosk.screen.vector import gradient, number
from mqtt_bridge.contract.forms import Ramp

RAMPS: dict[Ramp, tuple[str, ...]] = {"intense": theme.INTENSE, "pleasant": theme.PLEASANT}
PALE_EDGE = "#6E7580"
"""Of glass; a full slice is outlined in ink."""
EDGE_PX = 2.5
PAD_PX = 3


def draw(sheet: Sheet, slope: ConeSlope, ramp: Ramp, value: int | None) -> None:
    """Full up to `value`, glass above; all glass when nothing was said."""
    _shadow(sheet, slope)
    _rim(sheet, slope, ramp)
    for height in range(HEIGHTS):
        full = value is not None and height <= value
        _slice(sheet, slope, ramp, height, full=full)
        if height == value:
            _surface(sheet, slope, ramp, height)


def slice_rect(slope: ConeSlope, height: int) -> Rect:
    """The ground of one slice, its outline and its bow."""
    top, bottom = slope.slice_y(height)
    half = slope.half_px(top)
    left = round(slope.axis_x - half) - PAD_PX
    y = round(top) - PAD_PX
    return Rect(left, y, 2 * (slope.axis_x - left), round(bottom + slope.curve * half) + PAD_PX - y)


def _slice(sheet: Sheet, slope: ConeSlope, ramp: Ramp, height: int, *, full: bool) -> None:
    rect = slice_rect(slope, height)
    night = sheet.night
    sheet.picture(rect, (slope, ramp, height, full, night), lambda: _slices(slope, ramp, night=night)[height][full])


@lru_cache(maxsize=2)
def _slices(slope: ConeSlope, ramp: Ramp, *, night: bool) -> tuple[tuple[pygame.Surface, pygame.Surface], ...]:
    """Each slice as glass and full, drawn once: a touch only lays them down."""
    return tuple(
        (_cut(slope, height, _glass(colour, night=night)), _cut(slope, height, _full(colour, night=night)))
        for height, colour in enumerate(RAMPS[ramp])
    )


@dataclass(frozen=True)
class Paint:
    """How a slice looks: its light from side to side, its opacity, its outline."""

    light: str
    opacity: float
    edge: str
    edge_px: float


def _full(colour: str, *, night: bool) -> Paint:
    """Its own colour by day and by night: only the outline follows the ground."""
    return Paint(_light(colour, full=True), 1, theme.by_night(theme.INK) if night else theme.INK, EDGE_PX)


def _glass(colour: str, *, night: bool) -> Paint:
    edge = theme.NIGHT_EDGE if night else PALE_EDGE
    return Paint(_night_glass(colour) if night else _light(colour, full=False), 0.62, edge, EDGE_PX - 0.7)


def _cut(slope: ConeSlope, height: int, paint: Paint) -> pygame.Surface:
    rect = slice_rect(slope, height)
    body = (
        f'<path d="{_path(slope, height, rect)}" fill="url(#light)" fill-opacity="{paint.opacity}" '
        f'stroke="{paint.edge}" stroke-width="{number(paint.edge_px)}" stroke-linejoin="round"/>'
    )
    return vector.rasterised(rect.w, rect.h, paint.light + body)


def _path(slope: ConeSlope, height: int, rect: Rect) -> str:
    """A band between two bowed edges, with a hair of paper to the next."""
    top, bottom = slope.slice_y(height)
    gap = slope.pitch_px * 0.055
    y0, y1 = top + gap, bottom - gap
    a, b = slope.half_px(y0), slope.half_px(y1)
    x, n = slope.axis_x - rect.x, number
    y0, y1 = y0 - rect.y, y1 - rect.y
    return (
        f"M{n(x - a)} {n(y0)} A{n(a)} {n(a * slope.curve)} 0 0 0 {n(x + a)} {n(y0)} "
        f"L{n(x + b)} {n(y1)} A{n(b)} {n(b * slope.curve)} 0 0 1 {n(x - b)} {n(y1)} Z"
    )


def _light(colour: str, *, full: bool) -> str:
    """Light from the upper left: a round body, not a flat one."""
    if full:
        deep, shine = mix(colour, theme.INK, 0.24), mix(colour, theme.WHITE, 0.36)
        soft, away = mix(colour, theme.INK, 0.04), mix(colour, theme.INK, 0.30)
    else:
        base = mix(colour, theme.PAPER, 0.66)
        deep, shine = mix(base, theme.INK, 0.10), mix(base, theme.WHITE, 0.68)
        soft, away, colour = base, mix(base, theme.INK, 0.15), mix(base, theme.WHITE, 0.2)
    return gradient("light", ((0, deep), (0.1, soft), (0.3, shine), (0.56, colour), (0.8, soft), (1, away)))


def _night_glass(colour: str) -> str:
    """Dark glass with a little of the colour: what is empty must not shine."""
    base = mix(colour, theme.NIGHT, 0.74)
    shine, away = mix(base, theme.WHITE, 0.14), mix(base, theme.NIGHT, 0.35)
    return gradient("light", ((0, away), (0.1, base), (0.3, shine), (0.56, base), (1, away)))


def _ellipse_rect(slope: ConeSlope, y: float) -> Rect:
    half = slope.half_px(y)
    left = round(slope.axis_x - half) - PAD_PX
    top = round(y - half * slope.curve) - PAD_PX
    return Rect(left, top, 2 * (slope.axis_x - left), round(2 * half * slope.curve) + 2 * PAD_PX)


def _ellipse(slope: ConeSlope, y: float, paint: str) -> str:
    rect, half = _ellipse_rect(slope, y), slope.half_px(y)
    return (
        f'<ellipse cx="{slope.axis_x - rect.x}" cy="{number(y - rect.y)}" rx="{number(half)}" '
        f'ry="{number(half * slope.curve)}" {paint}/>'
    )


def _surface(sheet: Sheet, slope: ConeSlope, ramp: Ramp, height: int) -> None:
    """The level that the cone is filled to, seen through the glass above."""
    y = slope.slice_y(height)[0] + slope.pitch_px * 0.055
    colour = RAMPS[ramp][height]
    light = gradient("top", ((0, mix(colour, theme.INK, 0.12)), (1, mix(colour, theme.WHITE, 0.45))), vertical=True)
    paint = f'fill="url(#top)" stroke="{sheet.tone(theme.INK)}" stroke-width="{EDGE_PX}"'
    rect, markup = _ellipse_rect(slope, y), light + _ellipse(slope, y, paint)
    sheet.picture(rect, markup, lambda: vector.picture(rect.w, rect.h, markup))


def _rim(sheet: Sheet, slope: ConeSlope, ramp: Ramp) -> None:
    """The opening: one sees the far wall inside."""
    y = slope.slice_y(HEIGHTS - 1)[0] + slope.pitch_px * 0.055
    base = mix(RAMPS[ramp][-1], theme.PAPER, 0.72)
    stops = ((0, mix(base, theme.INK, 0.16)), (0.55, base), (1, mix(base, theme.WHITE, 0.4)))
    paint = f'fill="url(#inside)" fill-opacity="0.75" stroke="{PALE_EDGE}" stroke-width="{EDGE_PX - 0.7}"'
    sheet.image(_ellipse_rect(slope, y), gradient("inside", stops, vertical=True) + _ellipse(slope, y, paint))


def _shadow(sheet: Sheet, slope: ConeSlope) -> None:
    half = slope.bottom_half_px * 3
    rect = Rect(slope.axis_x - half, slope.bottom_y - 2, 2 * half, 14)
    layers = "".join(
        f'<ellipse cx="{half}" cy="7" rx="{number(half * k / 6)}" ry="{number(7 * k / 6)}" fill="{theme.INK}" '
        f'fill-opacity="0.045"/>'
        for k in range(1, 7)
    )
    sheet.image(rect, layers)
