"""One picture of a session in the emulator: screendumps of the started image, in the order of the journey."""

from collections.abc import Sequence
from pathlib import Path

import pygame

from tests.appliance.qmp import EmulatorError

SHOWN = (
    "staff",
    "home",
    "who",
    "before-angoisse-6",
    "before-comment-dos",
    "page-1",
    "ready",
    "playing",
    "after-angoisse-2",
    "thanks",
    "home-pending",
    "in-record",
)
"""Of the steps of `resident.py`, by the end of their names."""
ACROSS, WIDE, GAP = 3, 320, 6
PAPER = (120, 120, 120)


def draw(folder: Path, out: Path, shown: Sequence[str] = SHOWN) -> None:
    """Raises EmulatorError: a step was not looked at."""
    pictures = [_small(_last(folder, name)) for name in shown]
    high, down = pictures[0].get_height(), -(-len(pictures) // ACROSS)
    sheet = pygame.Surface((ACROSS * (WIDE + GAP) + GAP, down * (high + GAP) + GAP))
    sheet.fill(PAPER)
    for number, picture in enumerate(pictures):
        row, column = divmod(number, ACROSS)
        sheet.blit(picture, (GAP + column * (WIDE + GAP), GAP + row * (high + GAP)))
    pygame.image.save(sheet, out)


def _last(folder: Path, name: str) -> Path:
    found = sorted(path for path in folder.glob("*.png") if path.stem.partition("-")[2] == name)
    if not found:
        raise EmulatorError(f"no picture of the step {name!r} in {folder}: run the session first")
    return found[-1]


def _small(path: Path) -> pygame.Surface:
    picture = pygame.image.load(path)
    return pygame.transform.smoothscale(picture, (WIDE, picture.get_height() * WIDE // picture.get_width()))
