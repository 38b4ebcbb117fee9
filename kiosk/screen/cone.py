"""The face of the product: a glass cone, narrow at 0 and wide at 10, filled to the height that the person touches."""

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
INK_EDGE = theme.INK
PALE_EDGE = "#6E7580"
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
    sheet.picture(rect, (slope, ramp, height, full), lambda: _slices(slope, ramp)[height][full])


@lru_cache(maxsize=2)
def _slices(slope: ConeSlope, ramp: Ramp) -> tuple[tuple[pygame.Surface, pygame.Surface], ...]:
    """Each slice as glass and full, drawn once: a touch only lays them down."""
    return tuple(
        (_cut(slope, ramp, height, full=False), _cut(slope, ramp, height, full=True)) for height in range(HEIGHTS)
    )


def _cut(slope: ConeSlope, ramp: Ramp, height: int, *, full: bool) -> pygame.Surface:
    rect = slice_rect(slope, height)
    path = _path(slope, height, rect)
    colour = RAMPS[ramp][height]
    edge = INK_EDGE if full else PALE_EDGE
    opacity = 1 if full else 0.62
    width = EDGE_PX if full else EDGE_PX - 0.7
    body = (
        f'<path d="{path}" fill="url(#light)" fill-opacity="{opacity}" stroke="{edge}" '
        f'stroke-width="{number(width)}" stroke-linejoin="round"/>'
    )
    return vector.rasterised(rect.w, rect.h, _light(colour, full=full) + body)


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
    paint = f'fill="url(#top)" stroke="{INK_EDGE}" stroke-width="{EDGE_PX}"'
    sheet.image(_ellipse_rect(slope, y), light + _ellipse(slope, y, paint))


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
