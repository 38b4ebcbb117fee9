"""Pictures that say what a thing is, drawn for Chevet: one SVG file each, 100 by 100, to be opened in any viewer.

In the files the pen is INK, a body TEAL_PALE, an accent GOLD; these three are replaced by the tint. Every other colour
stays, so that the pictures of a code are far apart for who hardly sees.
"""

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

from kiosk.screen import theme
from kiosk.screen.port import ScreenError
from kiosk.screen.vector import number

CODES = ("sun", "boat", "cat", "house", "tree", "key", "flower", "bird", "star", "fish", "cup", "umbrella")
"""The twelve of a picture code, always in this order: a hand learns where they are."""
ADVICE = ("chair", "bed", "headphones", "light", "quiet")
"""Of settling in."""
_FILE = (theme.INK, theme.TEAL_PALE, theme.GOLD)
"""The three colours of the files that a tint replaces."""
_ROOT = re.compile(r"<svg[^>]*?viewBox=\"0 0 100 100\"(?P<pen>[^>]*)>(?P<shapes>.*)</svg>", re.DOTALL)


@dataclass(frozen=True)
class Tint:
    """The colours of the pen, of a body and of an accent."""

    pen: str = theme.INK
    body: str = theme.TEAL_PALE
    accent: str = theme.GOLD


DAY = Tint()
ON_TEAL = Tint(theme.WHITE, "#2B747B", theme.GOLD)
ASLEEP = Tint(theme.INK_SOFT, theme.PAPER, "#E5DAC2")


@cache
def names() -> tuple[str, ...]:
    """Every picture that is drawn."""
    files = resources.files(__name__).iterdir()
    return tuple(sorted(file.name.removesuffix(".svg") for file in files if file.name.endswith(".svg")))


def drawn(name: str, size_px: float, tint: Tint = DAY) -> str:
    """The picture as markup, `size_px` wide and high. Raises ScreenError for a name that has none."""
    if name not in names():
        raise ScreenError(f"pictogram {name!r}: there is {', '.join(names())}; draw it as a file beside them")
    pen, shapes = _parts(name)
    markup = f'<g transform="scale({number(size_px / 100)})"{pen}>{shapes}</g>'
    for of_the_file, ours in zip(_FILE, (tint.pen, tint.body, tint.accent), strict=True):
        markup = markup.replace(of_the_file, ours)
    return markup


@cache
def _parts(name: str) -> tuple[str, str]:
    words = (resources.files(__name__) / f"{name}.svg").read_text(encoding="utf-8")
    root = _ROOT.search(words)
    if root is None:
        raise ScreenError(f"pictogram {name}: its file is no SVG of 100 by 100")
    return root["pen"], root["shapes"].strip()
