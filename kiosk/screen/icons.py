"""Our own icons, in a box of 100 by 100, drawn with one round pen."""

from collections.abc import Callable

from kiosk.journey.views import TileKind
from kiosk.screen.vector import disc, fill, number, placed, ring, stroke

PEN = 7.5


def wave(colour: str) -> str:
    rows = (34, 54, 74)
    return "".join(
        stroke(f"M8 {y} c14 -20 28 -20 42 0 s28 20 42 0", colour, PEN, 1 - row * 0.22) for row, y in enumerate(rows)
    )


def moon(colour: str) -> str:
    crescent = stroke("M62 14 a38 38 0 1 0 26 60 a33 33 0 0 1 -26 -60 Z", colour, PEN)
    return crescent + disc(82, 28, 4.5, colour) + disc(94, 46, 3.2, colour)


def anchor(colour: str) -> str:
    shank = stroke("M50 34 V88 M34 46 H66", colour, PEN)
    arms = stroke("M14 62 c2 18 18 27 36 27 s34 -9 36 -27 M8 72 l6 -11 l11 7 M92 72 l-6 -11 l-11 7", colour, PEN)
    return ring(50, 22, 11, colour, PEN) + shank + arms


def breath(colour: str) -> str:
    """Three petals around one."""
    middle = stroke("M50 16 c18 20 18 44 0 64 c-18 -20 -18 -44 0 -64 Z", colour, PEN)
    sides = stroke("M28 40 c-10 2 -16 4 -22 8 c6 22 22 32 44 32 c22 0 38 -10 44 -32 c-6 -4 -12 -6 -22 -8", colour, PEN)
    return middle + sides


def meeting(colour: str) -> str:
    """Two voices that meet."""
    return ring(37, 52, 29, colour, PEN) + ring(63, 52, 29, colour, PEN)


def book(colour: str) -> str:
    pages = "M50 28 c-12 -10 -26 -12 -42 -10 v58 c16 -2 30 0 42 10 c12 -10 26 -12 42 -10 V18 c-16 -2 -30 0 -42 10 Z"
    return stroke(pages + " M50 28 V86", colour, PEN)


KINDS: dict[TileKind, Callable[[str], str]] = {
    "relaxation": wave,
    "crisis": anchor,
    "sleep": moon,
    "sophrology": breath,
    "mediation": meeting,
    "education": book,
    "question": meeting,
    "message": meeting,
    "lesson": book,
    "delivery": anchor,
    "garden": breath,
    "help": anchor,
    "person": meeting,
    "service": anchor,
}


def minus(colour: str) -> str:
    return stroke("M22 50 H78", colour, 11)


def plus(colour: str) -> str:
    return stroke("M22 50 H78 M50 22 V78", colour, 11)


def tick(colour: str) -> str:
    return stroke("M22 54 L42 74 L80 30", colour, 12)


def shift(colour: str) -> str:
    return stroke("M50 16 L84 52 H66 V82 H34 V52 H16 Z", colour, 8)


def shift_on(colour: str) -> str:
    return fill("M50 16 L84 52 H66 V82 H34 V52 H16 Z", colour) + shift(colour)


def backspace(colour: str) -> str:
    return stroke("M34 22 H92 V78 H34 L8 50 Z M50 38 L74 62 M74 38 L50 62", colour, 8)


def space(colour: str) -> str:
    return stroke("M14 50 V66 H86 V50", colour, 8)


def in_record(ink: str, ground: str) -> str:
    """Filled, with a tick: it is there."""
    return disc(50, 50, 44, ink) + placed(tick(ground), 14, 13, 0.72)


def on_its_way(ink: str) -> str:
    """Hollow, with three dots: not yet."""
    return ring(50, 50, 40, ink, 8) + "".join(disc(x, 50, 6.5, ink) for x in (30, 50, 70))


def scaled(markup: str, size_px: float, x: float = 0, y: float = 0) -> str:
    return f'<g transform="translate({number(x)},{number(y)}) scale({number(size_px / 100)})">{markup}</g>'
