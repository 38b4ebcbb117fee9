"""Antialiased shapes: SVG markup, rasterised by SDL_image (nanosvg: no text, no masks, no clip paths).

Surfaces are kept in the display's own order of bytes, so that laying them down is a plain blend.
"""

import io
from functools import lru_cache

import pygame

from kiosk.screen.theme import mix


def rasterised(width_px: int, height_px: int, markup: str) -> pygame.Surface:
    """The markup's shapes on a transparent surface of this size; not kept."""
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width_px}" height="{height_px}">{markup}</svg>'
    loaded = pygame.image.load(io.BytesIO(svg.encode()), "shape.svg")
    surface = pygame.Surface((width_px, height_px), pygame.SRCALPHA, 32)
    surface.blit(loaded, (0, 0), special_flags=pygame.BLEND_RGBA_ADD)  # an exact copy; convert() would want a display
    return surface


@lru_cache(maxsize=96)
def picture(width_px: int, height_px: int, markup: str) -> pygame.Surface:
    """As `rasterised`, kept: for buttons, icons and other small shapes."""
    return rasterised(width_px, height_px, markup)


@lru_cache(maxsize=5)
def scenery(width_px: int, height_px: int, markup: str) -> pygame.Surface:
    """As `picture`, for what covers much of the screen: only the last five are kept, as many as one screen has."""
    return rasterised(width_px, height_px, markup)


VEIL = (205, 212, 216)
"""What is left of each colour under a veil, of 255."""


def darken(surface: pygame.Surface, rect: tuple[int, int, int, int], radius_px: int) -> None:
    """Under a rounded rectangle; its corners come from one small picture."""
    x, y, w, h = rect
    r = radius_px
    for part in ((x + r, y, w - 2 * r, h), (x, y + r, r, h - 2 * r), (x + w - r, y + r, r, h - 2 * r)):
        surface.fill(VEIL, part, special_flags=pygame.BLEND_RGB_MULT)
    round_one = _corners(r)
    for dx, dy in ((0, 0), (r, 0), (0, r), (r, r)):
        at = (x + (w - 2 * r) * bool(dx) + dx, y + (h - 2 * r) * bool(dy) + dy)
        surface.blit(round_one, at, (dx, dy, r, r), special_flags=pygame.BLEND_RGB_MULT)


@lru_cache(maxsize=2)
def _corners(radius_px: int) -> pygame.Surface:
    """A disc of veil on white, which changes nothing."""
    surface = pygame.Surface((2 * radius_px, 2 * radius_px), 0, 32)
    surface.fill((255, 255, 255))
    pygame.draw.circle(surface, VEIL, (radius_px, radius_px), radius_px)
    return surface


def number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def rounded(width_px: float, height_px: float, radius_px: float, fill: str, edge: str = "", edge_px: float = 0) -> str:
    """A rounded rectangle that fills its surface, edge inside."""
    half = edge_px / 2
    line = f'stroke="{edge}" stroke-width="{number(edge_px)}"' if edge else ""
    return (
        f'<rect x="{number(half)}" y="{number(half)}" width="{number(width_px - edge_px)}" '
        f'height="{number(height_px - edge_px)}" rx="{number(radius_px)}" fill="{fill}" {line}/>'
    )


def stroke(path: str, colour: str, width_px: float, opacity: float = 1) -> str:
    return (
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{number(width_px)}" '
        f'stroke-linecap="round" stroke-linejoin="round" stroke-opacity="{number(opacity)}"/>'
    )


def fill(path: str, colour: str, opacity: float = 1) -> str:
    return f'<path d="{path}" fill="{colour}" fill-opacity="{number(opacity)}"/>'


def disc(x: float, y: float, radius_px: float, colour: str, opacity: float = 1) -> str:
    return (
        f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius_px)}" fill="{colour}" '
        f'fill-opacity="{number(opacity)}"/>'
    )


def ring(x: float, y: float, radius_px: float, colour: str, width_px: float, opacity: float = 1) -> str:
    return (
        f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(radius_px)}" fill="none" stroke="{colour}" '
        f'stroke-width="{number(width_px)}" stroke-opacity="{number(opacity)}"/>'
    )


def placed(markup: str, x: float, y: float, scale: float = 1) -> str:
    return f'<g transform="translate({number(x)},{number(y)}) scale({number(scale)})">{markup}</g>'


def gradient(name: str, stops: tuple[tuple[float, str], ...], *, vertical: bool = False) -> str:
    """A linear gradient over its shape's own box (nanosvg reads bare numbers as pixels: percent is meant)."""
    end = 'x2="0%" y2="100%"' if vertical else 'x2="100%" y2="0%"'
    marks = "".join(f'<stop offset="{number(at)}" stop-color="{colour}"/>' for at, colour in stops)
    return f'<defs><linearGradient id="{name}" x1="0%" y1="0%" {end}>{marks}</linearGradient></defs>'


def radial(name: str, stops: tuple[tuple[float, str, float], ...]) -> str:
    """A light that spreads from the middle of its shape: stops of (share of the radius, colour, opacity)."""
    marks = "".join(
        f'<stop offset="{number(at)}" stop-color="{colour}" stop-opacity="{number(opacity)}"/>'
        for at, colour, opacity in stops
    )
    return f'<defs><radialGradient id="{name}" cx="50%" cy="50%" r="50%">{marks}</radialGradient></defs>'


def glow(name: str, at: tuple[float, float], radius_px: float, colour: str, ground: str) -> str:
    """A soft light that has sunk into the ground's colour at its radius; opaque, or rounding would show rings."""
    fall = ((0.0, 1.0), (0.25, 0.82), (0.5, 0.42), (0.75, 0.12), (1.0, 0.0))
    stops = tuple((share, mix(ground, colour, light), 1.0) for share, light in fall)
    shape = f'<circle cx="{number(at[0])}" cy="{number(at[1])}" r="{number(radius_px)}" fill="url(#{name})"/>'
    return radial(name, stops) + shape
