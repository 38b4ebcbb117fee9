"""The garden as a picture (A13): every care that was heard has its place for good, and nothing withers.

The latest stand in front, one plant each. Those before them are flowers on the meadow, and those of long ago have
become trees on the far hill: a garden of years is as cheap to draw as one of a month, and never crowded.
"""

from dataclasses import dataclass

from kiosk.journey.views import Plant
from kiosk.screen.plants import TALL, far_off, plant, sprout, tree
from kiosk.screen.scenery import ridge
from kiosk.screen.theme import MEADOW, PAPER
from kiosk.screen.vector import disc, fill, glow, number

NEAR, FAR, TREES, CARES_A_TREE = 22, 220, 12, 40
"""How many plants stand in front, how many flowers on the meadow, how many trees, and how many cares make one."""
GOLDEN, SILVER = 0.6180339887, 0.7548776662
"""Steps of sequences that never crowd: each care keeps its place as others come."""


@dataclass(frozen=True)
class Ground:
    """Where the garden lies: its size, what is clear for plants between `left` and `right`, their greatest height."""

    width_px: int
    height_px: int
    left: int
    right: int
    tallest_px: int
    head_px: int
    """Half the width of a flower in full bloom, in front."""


def picture(plants: tuple[Plant, ...], ground: Ground) -> str:
    """As SVG markup of the ground's size; transparent where the sky is."""
    count = len(plants)
    near = list(enumerate(plants))[-NEAR:]
    far = list(enumerate(plants))[:-NEAR][-FAR:]
    trees = min(TREES, max(0, count - NEAR) // CARES_A_TREE)
    return (
        _sun(ground)
        + _hill(ground, 0)
        + "".join(_tree(ground, index) for index in range(trees))
        + _hill(ground, 1)
        + "".join(_flower(ground, index, one) for index, one in far)
        + _hill(ground, 2)
        + _standing(ground, near)
    )


def _sun(ground: Ground) -> str:
    x, y, radius = ground.width_px * 0.80, _crest(ground, 0) - ground.head_px * 0.8, ground.head_px * 1.5
    room = min(y, ground.width_px - x)
    return glow("sun", (x, y), max(radius, min(radius * 2.6, room)), "#F6DFA4", PAPER) + disc(x, y, radius, "#F2D48A")


def _crest(ground: Ground, layer: int) -> float:
    """The height of each hill: far, middle, near."""
    foot = ground.height_px
    return foot - (0.86, 0.62, 0.30)[layer] * ground.tallest_px


def _hill(ground: Ground, layer: int) -> str:
    colour = ("#E3EADB", MEADOW, "#BCD3B8")[layer]
    swing, phase = ground.tallest_px * (0.05, 0.045, 0.03)[layer], (3.4, 0.8, 2.2)[layer]
    path = ridge(ground.width_px, _crest(ground, layer), swing, phase, 0.95)
    return fill(f"M{path} V{ground.height_px} H0 Z", colour)


def _tree(ground: Ground, index: int) -> str:
    x = ground.width_px * (0.03 + 0.94 * (0.37 + index * GOLDEN) % 1)
    size = ground.tallest_px * (0.34 + 0.10 * (index * SILVER % 1))
    y = _crest(ground, 0) + ground.tallest_px * 0.12
    return _at(x, y, tree(size, "#E3EADB"))


def _flower(ground: Ground, index: int, one: Plant) -> str:
    """A flower on the middle hill, smaller the further up."""
    deep = index * SILVER % 1
    x = ground.width_px * (0.01 + 0.98 * (index * GOLDEN % 1))
    top, foot = _crest(ground, 1) + ground.tallest_px * 0.07, _crest(ground, 2) - ground.tallest_px * 0.02
    radius = ground.head_px * (0.10 + 0.08 * deep)
    return disc(x, top + (foot - top) * deep, radius, far_off(one.kind))


def _standing(ground: Ground, near: list[tuple[int, Plant]]) -> str:
    """Those behind first, a little smaller."""
    if not near:
        middle = (ground.left + ground.right) / 2
        return _at(middle, ground.height_px - ground.tallest_px * 0.12, sprout(ground.head_px))
    placed = sorted(((index * SILVER % 1, index, one) for index, one in near), key=lambda each: each[0])
    return "".join(_stood(ground, deep, index, one) for deep, index, one in placed)


def _stood(ground: Ground, deep: float, index: int, one: Plant) -> str:
    scale = 0.74 + 0.26 * deep
    clear = ground.right - ground.left - 2 * ground.head_px
    x = ground.left + ground.head_px + clear * ((0.5 + index * GOLDEN) % 1)
    foot = ground.height_px - ground.tallest_px * (0.22 - 0.17 * deep)
    share = 0.30 + 0.56 * min(1.0, max(0.0, one.share))
    height = ground.tallest_px * share * TALL[one.kind] * scale
    bloom = None if one.eased is None else min(10, max(0, one.eased)) / 10
    drawn = plant(one.kind, height, bloom, ground.head_px * scale)
    return _at(x, foot, drawn)


def _at(x: float, y: float, markup: str) -> str:
    return f'<g transform="translate({number(x)},{number(y)})">{markup}</g>'
