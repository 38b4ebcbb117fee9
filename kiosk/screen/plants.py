"""The plants of the garden: one species for each kind of care. Shapes alone; where they stand is the garden's matter.

Each is drawn upwards from (0, 0) at a height in pixels. `bloom` is how far it flowers, 0 to 1; None: in leaf, its bud
green. Nothing hangs its head.
"""

from collections.abc import Callable
from math import cos, pi, sin

from kiosk.screen.theme import mix
from kiosk.screen.vector import disc, fill, number, stroke

STEM, LEAF, BUD = "#4B7F5D", "#6FA474", "#86B383"
PETALS = {
    "relaxation": "#4E86B8",
    "crisis": "#D9694B",
    "sleep": "#7A6BB0",
    "sophrology": "#FBF3E4",
    "mediation": "#E6A93C",
    "education": "#C46A93",
}
"""Told apart by their shapes too."""
TALL = {
    "relaxation": 0.96,
    "crisis": 0.84,
    "sleep": 1.0,
    "sophrology": 0.74,
    "mediation": 1.08,
    "education": 0.66,
}
"""How tall each is among the others when its care was heard whole."""
HEART, GOLD_HEART = "#5A3F2E", "#E9B949"


def plant(kind: str, height_px: float, bloom: float | None, size_px: float) -> str:
    """size_px: half the width of its head when it is fully open."""
    lean = size_px * 0.30
    head = _bud if bloom is None else HEADS[kind]
    colour = BUD if bloom is None else PETALS[kind]
    opened = size_px * (0.42 + 0.58 * (bloom or 0.0))
    flower = head(opened, colour, 0.3 if bloom is None else bloom)
    turned = f'<g transform="translate({number(lean * 0.4)},{number(-height_px)})">{flower}</g>'
    return _stem(height_px, lean, size_px) + turned


def _stem(height_px: float, lean: float, size_px: float) -> str:
    h, n = height_px, number
    curve = f"M0 0 C{n(-lean)} {n(-h * 0.35)} {n(lean)} {n(-h * 0.65)} {n(lean * 0.4)} {n(-h)}"
    leaves = _leaf(h * 0.24, size_px * 0.95, 1) + _leaf(h * 0.42, size_px * 0.85, -1)
    return stroke(curve, STEM, max(2.4, size_px * 0.15)) + leaves


def _leaf(up: float, long: float, side: int) -> str:
    n = number
    return fill(
        f"M0 {n(-up)} q{n(side * long * 0.35)} {n(-long * 0.75)} {n(side * long)} {n(-long * 0.55)} "
        f"q{n(-side * long * 0.25)} {n(long * 0.62)} {n(-side * long)} {n(long * 0.55)} Z",
        LEAF,
    )


def _ellipse(x: float, y: float, rx: float, ry: float, colour: str, turn: float = 0) -> str:
    return (
        f'<ellipse cx="0" cy="0" rx="{number(rx)}" ry="{number(ry)}" fill="{colour}" '
        f'transform="translate({number(x)},{number(y)}) rotate({number(turn)})"/>'
    )


def _ring_of(count: int, at: float, rx: float, ry: float, colour: str, first: float = 0) -> str:
    """Petals around (0, 0), each pointing outwards."""
    turns = (first + 360 / count * one for one in range(count))
    return "".join(
        _ellipse(at * sin(turn * pi / 180), -at * cos(turn * pi / 180), rx, ry, colour, turn) for turn in turns
    )


def _bud(size: float, colour: str, _bloom: float) -> str:
    return _ellipse(0, -size * 0.5, size * 0.48, size * 0.8, mix(colour, STEM, 0.25)) + _ellipse(
        size * 0.12, -size * 0.5, size * 0.26, size * 0.66, colour
    )


def _iris(size: float, colour: str, _bloom: float) -> str:
    """Three petals that stand, three that open."""
    falls = _ring_of(3, size * 0.5, size * 0.36, size * 0.58, mix(colour, "#233A63", 0.25), 60)
    stands = _ring_of(3, size * 0.42, size * 0.32, size * 0.60, colour, 0)
    return falls + stands + disc(0, 0, size * 0.20, GOLD_HEART)


def _poppy(size: float, colour: str, _bloom: float) -> str:
    cup = _ring_of(4, size * 0.40, size * 0.56, size * 0.58, mix(colour, "#7A2A22", 0.18), 45)
    return cup + _ring_of(4, size * 0.30, size * 0.50, size * 0.50, colour, 0) + disc(0, 0, size * 0.22, HEART)


def _lavender(size: float, colour: str, bloom: float) -> str:
    """A spike; the more it flowers, the more whorls."""
    whorls = 4 + round(4 * bloom)
    step, shapes = size * 0.44, ""
    for one in range(whorls):
        wide, y = size * (0.46 - 0.035 * one), -one * step + size * 0.9
        shapes += _ellipse(-wide * 0.62, y, wide * 0.58, step * 0.44, mix(colour, "#3C3470", 0.22), -24)
        shapes += _ellipse(wide * 0.62, y, wide * 0.58, step * 0.44, colour, 24)
    return shapes + _ellipse(0, -whorls * step + size * 0.95, size * 0.2, step * 0.5, colour)


def _daisy(size: float, colour: str, _bloom: float) -> str:
    behind = _ring_of(10, size * 0.60, size * 0.17, size * 0.42, mix(colour, "#B9A98A", 0.38), 18)
    before = _ring_of(10, size * 0.58, size * 0.17, size * 0.42, colour, 0)
    return behind + before + disc(0, 0, size * 0.28, GOLD_HEART)


def _sunflower(size: float, colour: str, _bloom: float) -> str:
    behind = _ring_of(12, size * 0.68, size * 0.19, size * 0.44, mix(colour, "#A5691C", 0.45), 15)
    before = _ring_of(12, size * 0.64, size * 0.19, size * 0.44, colour, 0)
    return behind + before + disc(0, 0, size * 0.44, HEART) + disc(0, 0, size * 0.30, mix(HEART, GOLD_HEART, 0.25))


def _tulip(size: float, colour: str, bloom: float) -> str:
    """A cup of three: the two behind open as it flowers."""
    s, n = size, number
    sides = "".join(
        fill(
            f"M0 {n(s * 0.3)} C{n(side * s)} {n(s * 0.2)} {n(side * s * 0.9)} {n(-s * 0.6)} "
            f"{n(side * s * (0.55 + 0.25 * bloom))} {n(-s)} L0 {n(-s * 0.2)} Z",
            mix(colour, "#5A2145", 0.22),
        )
        for side in (-1, 1)
    )
    front = (
        f"M0 {n(s * 0.34)} C{n(-s * 0.8)} {n(s * 0.1)} {n(-s * 0.4)} {n(-s * 0.8)} 0 {n(-s * 1.1)} "
        f"C{n(s * 0.4)} {n(-s * 0.8)} {n(s * 0.8)} {n(s * 0.1)} 0 {n(s * 0.34)} Z"
    )
    return sides + fill(front, colour)


HEADS: dict[str, Callable[[float, str, float], str]] = {
    "relaxation": _iris,
    "crisis": _poppy,
    "sleep": _lavender,
    "sophrology": _daisy,
    "mediation": _sunflower,
    "education": _tulip,
}


def far_off(kind: str) -> str:
    """The colour of a plant of long ago, seen from afar."""
    return mix(PETALS[kind], "#C9D9C2", 0.30)


def sprout(size_px: float) -> str:
    """Before the first care: two leaves, upwards from (0, 0)."""
    h = size_px * 1.5
    return stroke(f"M0 0 V{number(-h)}", STEM, size_px * 0.16) + _leaf(h * 0.85, size_px, 1) + _leaf(h, size_px, -1)


def tree(size_px: float, pale: str) -> str:
    """What many cares have become, on the far hill: upwards from (0, 0)."""
    s, n = size_px, number
    crown, bark = mix("#7FA886", pale, 0.35), mix("#7A5B45", pale, 0.35)
    trunk = fill(f"M{n(-s * 0.05)} 0 V{n(-s * 0.42)} H{n(s * 0.05)} V0 Z", bark)
    puffs = ((-0.22, -0.50, 0.24), (0.22, -0.50, 0.24), (0, -0.68, 0.30), (0, -0.46, 0.26))
    return trunk + "".join(disc(x * s, y * s, r * s, crown) for x, y, r in puffs)
