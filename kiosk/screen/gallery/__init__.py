"""Sample views of every screen: for the tests, for `chevet-kiosk draw` and `make gallery`, and to be looked at.

A file for each group of screens: `samples(say)` gives them in one language, with the box's own words wherever it has
some. Nothing here opens a display: no X, no SDL_VIDEODRIVER and no GPU is needed.
"""

from functools import cache
from pathlib import Path

import pygame

from kiosk.journey.views import Frame, View
from kiosk.screen.gallery import answers, care, garden, home, letters, need, people, questions, service
from kiosk.screen.gallery.questions import LONG_CONE
from kiosk.screen.gallery.sample import Sample, Samples, Say
from kiosk.screen.painter import Painter
from kiosk.screen.port import PLAIN

GROUPS = (people, home, questions, answers, need, care, letters, garden, service)
FRENCH = Say("fr")


@cache
def samples(language: str = "fr") -> Samples:
    """Every sample in one language, in the order in which a person meets the screens."""
    say = Say(language)
    return {name: sample for group in GROUPS for name, sample in group.samples(say).items()}


VIEWS: dict[str, View] = {name: sample.view for name, sample in samples().items()}
"""The French ones."""
HOME, RESTFUL, CHOOSING, SIX = home.due(FRENCH), home.restful(FRENCH), home.choosing(FRENCH), home.six(FRENCH)
PAIN, PLEASURE = questions.pain(FRENCH), questions.pleasure(FRENCH)
COMMENT, WRITTEN = questions.comment(FRENCH), questions.written(FRENCH)
TEXT, READY, PLAYING = care.text(FRENCH), care.ready(FRENCH), care.playing(FRENCH)


def draw(view: View, size: tuple[int, int], pressed: str | None = None, frame: Frame = PLAIN) -> pygame.Surface:
    """A picture of this view, painted off screen. Raises ScreenError for a size that no panel has."""
    return Painter(size).paint(view, pressed, frame).surface


def save(view: View, size: tuple[int, int], path: Path, frame: Frame = PLAIN) -> None:
    """The same as a file; its ending (.png) tells the format."""
    pygame.image.save(draw(view, size, frame=frame), str(path))


def save_all(folder: Path, size: tuple[int, int]) -> list[Path]:
    """One PNG for each French sample, named after it and the size."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, view in VIEWS.items():
        paths.append(folder / f"{name}-{size[0]}x{size[1]}.png")
        save(view, size, paths[-1])
    return paths


__all__ = [
    "CHOOSING",
    "COMMENT",
    "HOME",
    "LONG_CONE",
    "PAIN",
    "PLAYING",
    "PLEASURE",
    "READY",
    "RESTFUL",
    "SIX",
    "TEXT",
    "VIEWS",
    "WRITTEN",
    "Sample",
    "draw",
    "samples",
    "save",
    "save_all",
]
