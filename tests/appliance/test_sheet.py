"""The picture of a session: its screens in order, the last of each name, or none at all."""

from pathlib import Path

import pygame
import pytest

from tests.appliance import sheet
from tests.appliance.qmp import EmulatorError

COLOURS = {"00-home": (200, 0, 0), "01-who": (0, 200, 0), "02-home": (0, 0, 200), "03-home-pending": (200, 200, 0)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, colour in COLOURS.items():
        screen = pygame.Surface((800, 480))
        screen.fill(colour)
        pygame.image.save(screen, tmp_path / f"{name}.png")
    return tmp_path


def test_the_last_screen_of_each_name_stands_in_the_order_that_is_asked(folder: Path, tmp_path: Path) -> None:
    sheet.draw(folder, tmp_path / "sheet.png", ["home", "who", "home-pending", "who"])
    drawn = pygame.image.load(tmp_path / "sheet.png")
    step = sheet.WIDE + sheet.GAP
    assert drawn.get_size() == (3 * step + sheet.GAP, 2 * (192 + sheet.GAP) + sheet.GAP)
    names = {colour: name for name, colour in COLOURS.items()}
    seen = [drawn.get_at((column * step + step // 2, row))[:3] for row, column in ((90, 0), (90, 1), (90, 2), (290, 0))]
    whole = [(200 * (r > 100), 200 * (g > 100), 200 * (b > 100)) for r, g, b in seen]  # scaling loses a little of each
    assert [names[colour] for colour in whole] == ["02-home", "01-who", "03-home-pending", "01-who"]


def test_a_step_that_was_not_looked_at_leaves_the_picture_as_it_was(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(EmulatorError, match="no picture of the step 'thanks'"):
        sheet.draw(folder, tmp_path / "sheet.png", ["home", "thanks"])
    assert not (tmp_path / "sheet.png").exists()
