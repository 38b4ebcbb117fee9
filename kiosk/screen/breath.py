"""The light that breathes: rings of one picture of 8 bits, whose palette alone changes from frame to frame.

In for 4 s, out for 6 s: six breaths a minute. Only this square is sent to the screen again.
"""

from functools import lru_cache
from math import cos, exp, pi

import pygame

from kiosk.screen import theme
from kiosk.screen.geometry import Rect
from kiosk.screen.sheet import Sheet
from kiosk.screen.theme import Panel, rgb

BREATH_MS = 10_000
IN_SHARE = 0.4
FRAME_MS = 110
DIM_FRAME_MS = 180
SHADES = 255
FIRST_MS = 3_000
"""A point of the breath for a picture that stands still."""
OUTSIDE = 255
"""The index of what is no part of the light."""
BODY = rgb("#7FC4BC")
PEARL = rgb("#F1F6EA")


def centre(panel: Panel) -> tuple[int, int]:
    return panel.width_px // 2, panel.pick(334, 172)


def arc_radius_px(panel: Panel) -> int:
    return panel.pick(292, 150)


def light_radius_px(panel: Panel) -> int:
    return arc_radius_px(panel) - panel.pick(24, 18)


def rect(panel: Panel) -> Rect:
    x, y = centre(panel)
    r = light_radius_px(panel)
    return Rect(x - r, y - r, 2 * r, 2 * r)


def place(page: Sheet, *, dim: bool) -> None:
    """The light as it stands, nearly full at first; `frame` moves it on."""
    page.picture(rect(page.panel), ("breath", dim), lambda: _still(page.panel, dim=dim))


def _still(panel: Panel, *, dim: bool) -> pygame.Surface:
    return frame(panel, FIRST_MS, dim=dim)


def frame_ms(*, dim: bool) -> int:
    return DIM_FRAME_MS if dim else FRAME_MS


def frame(panel: Panel, monotonic_ms: int, *, dim: bool) -> pygame.Surface:
    """The light at this moment."""
    surface = rings(light_radius_px(panel))
    surface.set_palette(palette(monotonic_ms % BREATH_MS // frame_ms(dim=dim), dim=dim))
    return surface


@lru_cache(maxsize=1)
def rings(radius_px: int) -> pygame.Surface:
    """Each pixel holds its distance from the middle, 0 to 254."""
    surface = pygame.Surface((2 * radius_px, 2 * radius_px), 0, 8)
    surface.set_palette([(0, 0, 0)] * 256)
    surface.fill(OUTSIDE)
    for shade in range(SHADES - 1, -1, -1):
        pygame.draw.circle(surface, shade, (radius_px, radius_px), radius_px * (shade + 1) / SHADES)
    surface.set_colorkey(OUTSIDE)
    return surface


def fullness(share: float) -> float:
    """How full the breath is, 0 to 1, at a share of its cycle; smooth at both turns."""
    if share < IN_SHARE:
        return (1 - cos(pi * share / IN_SHARE)) / 2
    return (1 + cos(pi * (share - IN_SHARE) / (1 - IN_SHARE))) / 2


@lru_cache(maxsize=96)
def palette(step: int, *, dim: bool) -> list[tuple[int, int, int]]:
    """From the heart to the edge: a pearl, its body, its halo, and the night."""
    full = fullness(step * frame_ms(dim=dim) / BREATH_MS)
    ground = rgb(theme.DIM if dim else theme.NIGHT)
    shades = [_shade(shade / SHADES, full, ground, 0.34 if dim else 1.0) for shade in range(SHADES)]
    return [*shades, ground]


def _shade(radius: float, full: float, ground: tuple[int, int, int], strength: float) -> tuple[int, int, int]:
    """Light at a share of the radius: a round body with a soft edge, within a wide halo that fades to nothing."""
    size = 0.36 + 0.22 * full
    body = 1 / (1 + exp((radius - size) / 0.028))
    heart = exp(-((radius / (size * 0.8)) ** 2))
    halo = exp(-((radius / (size * 1.45)) ** 2)) * max(0.0, 1 - radius**3) * (0.30 + 0.25 * full)
    veil = 1 / (1 + exp((radius - size * 1.42) / 0.05)) * 0.10
    glow = min(1.0, halo + veil + body * (0.36 + 0.10 * full))
    lit = [night + (tone - night) * glow * strength for night, tone in zip(ground, BODY, strict=True)]
    inner = body * heart * (0.55 + 0.25 * full) * strength
    red, green, blue = (round(tone + (pearl - tone) * inner) for tone, pearl in zip(lit, PEARL, strict=True))
    return red, green, blue
