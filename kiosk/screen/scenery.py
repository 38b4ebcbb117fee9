"""Calm landscapes: water under the first tile, hills and a low sun where there is nothing to do."""

from itertools import pairwise
from math import sin

from kiosk.screen.theme import MEADOW, PAPER, mix
from kiosk.screen.vector import disc, fill, glow, gradient, number, placed, stroke

HILLS = ("#E7E6D3", "#D2DDCB", "#B4CDC0", "#8FB6AE")


def ridge(width_px: int, crest_px: float, swing_px: float, phase: float, waves: float) -> str:
    """A long even swell from left to right, as path commands."""
    step = width_px / 6
    points = [(x * step, crest_px + swing_px * sin(phase + x * waves)) for x in range(7)]
    path = f"{number(points[0][0])} {number(points[0][1])}"
    for (x0, y0), (x1, y1) in pairwise(points):
        middle = (x0 + x1) / 2
        path += f" C{number(middle)} {number(y0)} {number(middle)} {number(y1)} {number(x1)} {number(y1)}"
    return path


LOW_PX = 180
CARES = ("relaxation", "crisis", "sleep", "sophrology", "mediation", "education")


def tile(kind: str, size: tuple[int, int], radius_px: int, ground: str) -> str:
    """Within a rounded tile: water under a low sun, or a moon where it is for sleep; no light where it is no care."""
    wide, tall = size
    sky = _moon(wide, tall, ground) if kind == "sleep" else _sun(wide, tall, ground) if kind in CARES else ""
    return sky + _water(wide, tall, radius_px, ground)


def _sun(width_px: int, height_px: int, ground: str) -> str:
    x, y, radius = width_px * 0.8, height_px * 0.42, height_px * 0.17
    if height_px < LOW_PX:  # the words come up higher: the light stays above them
        x, y, radius = width_px * 0.88, height_px * 0.22, height_px * 0.12
    light = glow("dusk", (x, y), min(radius * 2.6, width_px - x), mix(ground, "#F3DDA6", 0.6), ground)
    return light + disc(x, y, radius, "#F3DDA6", 0.95)


def _moon(width_px: int, height_px: int, ground: str) -> str:
    """A thin moon and three stars."""
    x, y, radius = width_px * 0.8, height_px * 0.32, height_px * 0.15
    if height_px < LOW_PX:
        x, y, radius = width_px * 0.88, height_px * 0.24, height_px * 0.13
    light = glow("moonlight", (x, y), min(radius * 2.4, width_px - x), mix(ground, "#DCE8F2", 0.35), ground)
    stars = ((0.52, 0.16, 3.4), (0.63, 0.34, 2.4), (0.93, 0.14, 2.8), (0.43, 0.30, 2.0))
    night = "".join(disc(width_px * sx, height_px * sy, size, "#F4F1E0", 0.9) for sx, sy, size in stars)
    shade = disc(x - radius * 0.42, y - radius * 0.2, radius * 0.86, mix(ground, "#DCE8F2", 0.27))
    return light + disc(x, y, radius, "#F4F1E0") + shade + night


def _water(width_px: int, height_px: int, radius_px: int, ground: str) -> str:
    """Three swells darker than the ground, so that words stay clear."""
    shapes = ""
    for layer, (crest, swing, phase) in enumerate(((0.47, 0.05, 0.4), (0.6, 0.045, 2.1), (0.76, 0.04, 4.0))):
        colour = mix(ground, "#062F36", 0.22 + 0.22 * layer)
        shapes += fill(_pond(width_px, height_px, radius_px, (crest * height_px, swing * height_px, phase)), colour)
    return shapes


def _pond(width_px: int, height_px: int, radius_px: int, swell: tuple[float, float, float]) -> str:
    """From a swell down to the tile's rounded foot."""
    crest, swing, phase = swell
    r = radius_px
    foot = f"V{height_px - r} a{r} {r} 0 0 1 -{r} {r} H{r} a{r} {r} 0 0 1 -{r} -{r} Z"
    return f"M{ridge(width_px, crest, swing, phase, 1.25)} {foot}"


def hills(width_px: int, height_px: int, sun: tuple[float, float, float]) -> str:
    """The whole picture: a low sun (x, y, radius in shares of the height) behind four hills."""
    x, y, radius = sun[0] * width_px, sun[1] * height_px, sun[2] * height_px
    halo = glow("dawn", (x, y), radius * 3, "#F6DFA4", PAPER)
    shapes = halo + disc(x, y, radius, "#F2D48A")
    crests = ((0.50, 0.050, 0.2), (0.62, 0.055, 2.4), (0.76, 0.045, 4.4), (0.89, 0.03, 0.9))
    for layer, (crest, swing, phase) in enumerate(crests):
        path = f"M{ridge(width_px, crest * height_px, swing * height_px, phase, 0.9 + 0.16 * layer)} "
        name = f"hill{layer}"
        stops = ((0, HILLS[layer]), (1, mix(HILLS[layer], PAPER, 0.35)))
        shapes += gradient(name, stops, vertical=True)
        shapes += f'<path d="{path} V{height_px} H0 Z" fill="url(#{name})"/>'
    return shapes


def flower(size_px: int, stem: str, petal: str, heart: str) -> str:
    """What a care heard whole grows into."""
    stalk = stroke("M50 100 C44 80 55 62 50 40", stem, 4)
    leaf = fill("M49 78 q16 -16 27 -2 q-14 9 -27 2 Z", stem)
    behind = "".join(_petal(22.5 + turn * 45, mix(petal, "#C8761E", 0.55), 6.4) for turn in range(8))
    before = "".join(_petal(turn * 45, petal, 6.8) for turn in range(8))
    middle = disc(50, 34, 9.5, mix(heart, petal, 0.55)) + disc(50, 34, 7.5, heart)
    return placed(stalk + leaf + behind + before + middle, 0, 0, size_px / 100)


def _petal(angle: float, colour: str, half: float) -> str:
    return (
        f'<ellipse cx="0" cy="-17" rx="{number(half)}" ry="14" fill="{colour}" '
        f'transform="translate(50,34) rotate({number(angle)})"/>'
    )


def meadow(width_px: int, height_px: int) -> str:
    """Two low hills at the foot of a page, pale enough for ink."""
    shapes = ""
    for layer, (crest, swing, phase) in enumerate(((0.16, 0.07, 3.4), (0.40, 0.06, 0.8))):
        colour = ("#E4EBDD", MEADOW)[layer]
        path = f"M{ridge(width_px, crest * height_px, swing * height_px, phase, 0.95)} V{height_px} H0 Z"
        shapes += fill(path, colour)
    return shapes
