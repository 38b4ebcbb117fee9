"""A line of type as runs of one font and one direction: names of every script, and signs that the box cannot draw.

The box's own typeface has the letters of Western Europe. A second one stands in for the other letters, with no hint of
our type's grace, but readable. What neither has becomes an empty square: something is there that cannot be shown.
Right-to-left words are laid from the right within a line that runs as the box's languages do.
"""

import re
import unicodedata
from functools import lru_cache
from importlib import resources
from itertools import groupby
from typing import Literal, NamedTuple

import pygame
import pygame.font

from kiosk.screen.theme import rgb

Weight = Literal["Regular", "SemiBold", "Bold"]
OWN = re.compile(
    "[\u0020-\u007e\u00a0-\u00ac\u00ae-\u00b4\u00b6-\u00ff\u0152\u0153\u0178"
    "\u2013\u2014\u2018-\u201a\u201c-\u201e\u2026\u202f\u2212\u20ac]*"
)
"""What the box's typeface is known to have (tests hold it to that): nearly every line."""
SQUARE = "\u25a1"
NOWHERE = "\uffff"
"""No font has it: its picture is that of a missing letter."""
UNSEEN = ("Cf", "Cc", "Mn", "Me")
"""Joiners, variation marks and accents on their own have no width."""
SCRIPTS = {"AL": "Arab", "R": "Hebr"}


SPACES = " \u00a0-'"
Marked = tuple[str, tuple[bool, str]]
"""A letter, whether our own type has it, and its script where it is read from the right."""


class Run(NamedTuple):
    """Letters of one font. script: ISO 15924 for a run that is read from the right, else empty."""

    words: str
    own: bool
    script: str = ""


@lru_cache(maxsize=80)
def font(weight: Weight, size_px: int, *, own: bool = True) -> pygame.font.Font:
    if not pygame.font.get_init():
        pygame.font.init()
    name = f"AtkinsonHyperlegibleNext-{weight}.ttf" if own else "DejaVuSans-Names.ttf"
    loaded = pygame.font.Font(
        str(resources.files("kiosk.screen") / "fonts" / name), size_px if own else size_px * 7 // 8
    )
    if not own:
        loaded.set_bold(weight != "Regular")
    return loaded


def width_px(text: str, weight: Weight, size_px: int) -> int:
    if OWN.fullmatch(text):
        return font(weight, size_px).size(text)[0]
    return sum(_run_font(run, weight, size_px).size(run.words)[0] for run in runs(text))


def render(text: str, weight: Weight, size_px: int, colour: str) -> pygame.Surface:
    """One line; its letters stand on one baseline, whatever their fonts."""
    if OWN.fullmatch(text):
        return font(weight, size_px).render(text, True, rgb(colour))
    own = font(weight, size_px)
    line = pygame.Surface((max(1, width_px(text, weight, size_px)), own.get_linesize()), pygame.SRCALPHA, 32)
    x = 0
    for run in runs(text):
        drawer = _run_font(run, weight, size_px)
        picture = drawer.render(run.words, True, rgb(colour))
        line.blit(picture, (x, own.get_ascent() - drawer.get_ascent()))
        x += picture.get_width()
    return line


@lru_cache(maxsize=128)
def runs(text: str) -> tuple[Run, ...]:
    """The runs of a line, in the order in which they are drawn from the left."""
    marked = [one for word in _words(_shown(text)) for one in _word(word)]
    _join(marked)
    return tuple(
        Run("".join(letter for letter, _ in group), own=own, script=script)
        for (own, script), group in groupby(marked, key=lambda one: one[1])
    )


def _words(letters: list[str]) -> list[list[str]]:
    """Words and the spaces between them."""
    return [list(group) for _, group in groupby(letters, key=lambda letter: letter in SPACES)]


def _word(letters: list[str]) -> list[Marked]:
    """A word is written in one hand: a letter that our type has not takes the others with it."""
    kinds = [_kind(letter) for letter in letters]
    foreign = any(not own and letter.isalpha() for letter, (own, _) in zip(letters, kinds, strict=True))
    return [(letter, (own and not foreign, script)) for letter, (own, script) in zip(letters, kinds, strict=True)]


def _shown(text: str) -> list[str]:
    """A square for what cannot be drawn, nothing for what only changes how it would have been."""
    letters = []
    for letter in text:
        kind = unicodedata.category(letter)
        if _has(letter, own=True) or _has(letter, own=False):
            letters.append(letter)
        elif kind not in UNSEEN and kind != "Sk" and letters[-1:] != [SQUARE]:
            letters.append(SQUARE)
    return letters


def _kind(letter: str) -> tuple[bool, str]:
    script = SCRIPTS.get(unicodedata.bidirectional(letter), "")
    return (not script and _has(letter, own=True), script)


def _join(marked: list[Marked]) -> None:
    """Spaces and marks belong to the letters before them, where those are read from the right or need the mark."""
    for at in range(1, len(marked)):
        letter, _ = marked[at]
        before = marked[at - 1][1]
        if unicodedata.category(letter) in UNSEEN or (letter in SPACES and _rtl_follows(marked, at) == before[1] != ""):
            marked[at] = (letter, before)


def _rtl_follows(marked: list[Marked], at: int) -> str:
    return next((script for letter, (_, script) in marked[at:] if letter not in SPACES), "")


@lru_cache(maxsize=2048)
def _has(letter: str, *, own: bool) -> bool:
    drawer = font("Regular", 40, own=own)
    found, missing = drawer.metrics(letter)[0], drawer.metrics(NOWHERE)[0]
    return found is not None and found != missing


def _run_font(run: Run, weight: Weight, size_px: int) -> pygame.font.Font:
    """Its font, turned to its direction. One object serves all runs: it is turned each time."""
    drawer = font(weight, size_px, own=run.own)
    if not run.own:
        drawer.set_script(run.script or "Latn")
        drawer.set_direction(pygame.DIRECTION_RTL if run.script else pygame.DIRECTION_LTR)
    return drawer
