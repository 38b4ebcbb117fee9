"""Time as an arc, in short sectors: as time goes on only the sector at its tip is drawn again."""

from functools import lru_cache
from math import cos, pi, sin

import pygame

from kiosk.screen import theme, vector
from kiosk.screen.geometry import Rect
from kiosk.screen.sheet import Sheet
from kiosk.screen.vector import disc, number, stroke

SECTORS = 24
TICKS = 20
"""Steps within a sector: 480 in all, one each 2.5 s of a care of 20 minutes."""


def draw(page: Sheet, centre: tuple[int, int], radius_px: int, fraction: float, *, dim: bool) -> None:
    done = round(min(1.0, max(0.0, fraction)) * SECTORS * TICKS)
    pen = page.panel.pick(9, 7)
    for sector in range(SECTORS):
        ticks = min(TICKS, max(0, done - sector * TICKS))
        _sector(page, centre, radius_px, (sector, ticks, pen), dim=dim)
    _tip(page, centre, radius_px, done / (SECTORS * TICKS), dim=dim)


def point(centre: tuple[int, int], radius_px: float, fraction: float) -> tuple[float, float]:
    """On the circle, from the top, clockwise."""
    angle = 2 * pi * fraction - pi / 2
    return centre[0] + radius_px * cos(angle), centre[1] + radius_px * sin(angle)


def colours(*, dim: bool) -> tuple[str, str]:
    """What has been heard, and what is to come."""
    return ("#8E7A50", "#18202E") if dim else (theme.GOLD, "#2B3B55")


def _bounds(centre: tuple[int, int], radius_px: int, sector: int, pen: int) -> Rect:
    ends = [point(centre, radius_px, (sector + share / 4) / SECTORS) for share in range(5)]
    xs, ys = [x for x, _ in ends], [y for _, y in ends]
    x, y = int(min(xs)) - pen, int(min(ys)) - pen
    return Rect(x, y, int(max(xs)) + pen + 1 - x, int(max(ys)) + pen + 1 - y)


def _sector(page: Sheet, centre: tuple[int, int], radius_px: int, part: tuple[int, int, int], *, dim: bool) -> None:
    rect = _bounds(centre, radius_px, part[0], part[2])
    key = ("arc", centre, radius_px, part, dim)
    page.picture(rect, key, lambda: _picture(centre, radius_px, part, dim=dim))


@lru_cache(maxsize=52)
def _picture(centre: tuple[int, int], radius_px: int, part: tuple[int, int, int], *, dim: bool) -> pygame.Surface:
    sector, ticks, pen = part
    rect = _bounds(centre, radius_px, sector, pen)
    heard, to_come = colours(dim=dim)
    at = (centre[0] - rect.x, centre[1] - rect.y)
    start, middle, end = sector / SECTORS, (sector + ticks / TICKS) / SECTORS, (sector + 1) / SECTORS
    markup = _curve(at, radius_px, (middle, end), to_come, pen) if ticks < TICKS else ""
    markup += _curve(at, radius_px, (start, middle), heard, pen) if ticks else ""
    return vector.rasterised(rect.w, rect.h, markup)


def _curve(at: tuple[int, int], radius_px: int, span: tuple[float, float], colour: str, pen: int) -> str:
    (x0, y0), (x1, y1) = point(at, radius_px, span[0]), point(at, radius_px, span[1] + 0.0004)
    n = number
    path = f"M{n(x0)} {n(y0)} A{radius_px} {radius_px} 0 0 1 {n(x1)} {n(y1)}"
    return stroke(path, colour, pen).replace('linecap="round"', 'linecap="butt"')


def _tip(page: Sheet, centre: tuple[int, int], radius_px: int, fraction: float, *, dim: bool) -> None:
    """A bead where time is."""
    half = page.panel.pick(16, 13)
    x, y = point(centre, radius_px, fraction)
    left, top = int(x) - half, int(y) - half
    heard, _ = colours(dim=dim)
    bead = disc(x - left, y - top, half - 2, heard, 0.35) + disc(x - left, y - top, half - 5, heard)
    page.image(Rect(left, top, 2 * half, 2 * half), bead)
