"""Type: wrapping, fitting, telling what was cut, and names of every script."""

import pygame
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.screen import runs
from kiosk.screen.runs import OWN, SQUARE, font
from kiosk.screen.text import fitted, line_picture, tail, width_px, wrapped

words = st.lists(st.text(alphabet="abcdeéèàmwil", min_size=1, max_size=14), min_size=1, max_size=12)


@given(words, st.integers(120, 700))
def test_wrapping_loses_nothing_and_keeps_to_the_room(parts: list[str], room_px: int) -> None:
    lines = wrapped(" ".join(parts), "Regular", 30, room_px)
    assert all(width_px(line, "Regular", 30) <= room_px for line in lines)
    assert "".join(lines).replace(" ", "").replace("-", "") == "".join(parts)


@given(words, st.integers(200, 900), st.integers(40, 300))
def test_what_fits_is_whole_and_what_is_cut_is_said(parts: list[str], wide_px: int, tall_px: int) -> None:
    laid = fitted(" ".join(parts), "Bold", (48, 28), (wide_px, tall_px))
    assert 28 <= laid.size_px <= 48
    assert laid.width_px <= wide_px
    assert laid.cut or "".join(laid.lines).replace(" ", "").replace("-", "") == "".join(parts)
    assert laid.cut or laid.height_px <= tall_px


def test_french_spaces_hold_words_together() -> None:
    words = "Avez-vous mal maintenant\u202f?"
    for room_px in range(220, 400, 10):
        assert not any(line.startswith("?") for line in wrapped(words, "Bold", 30, room_px))


def test_lines_are_even() -> None:
    lines = wrapped("Vous pouvez fermer les yeux et respirer lentement", "Regular", 40, 700)
    widths = [width_px(line, "Regular", 40) for line in lines]
    assert len(lines) == 2
    assert min(widths) > 0.7 * max(widths)


def test_a_long_word_shrinks_before_it_is_broken() -> None:
    laid = fitted("Beunruhigung", "Bold", (60, 28), (250, 100))
    assert laid.lines == ("Beunruhigung",)
    assert 28 <= laid.size_px < 60


def test_what_is_being_written_stays_in_sight() -> None:
    assert tail("un deux trois quatre cinq", "Regular", 30, 150, 2)[-1].endswith("cinq")
    assert tail("", "Regular", 30, 150, 2) == ("",)


def test_our_own_type_has_every_letter_that_it_is_trusted_with() -> None:
    letters = [chr(code) for code in range(0x20, 0x2200) if OWN.fullmatch(chr(code))]
    for weight in ("Regular", "SemiBold", "Bold"):
        drawer = font(weight, 40)
        missing = drawer.metrics(runs.NOWHERE)[0]
        assert [letter for letter in letters if drawer.metrics(letter)[0] in (None, missing)] == []


def written(line: str) -> list[tuple[str, bool, str]]:
    return [tuple(run) for run in runs.runs(line)]  # type: ignore[misc]


def test_a_name_in_another_script_is_drawn_in_its_own_direction() -> None:
    assert written("Madame Нина") == [("Madame ", True, ""), ("Нина", False, "")]
    assert written("محمد بن علي") == [("محمد بن علي", False, "Arab")]
    assert written("Zoë כהן") == [("Zoë ", True, ""), ("כהן", False, "Hebr")]


def test_a_word_is_written_in_one_hand() -> None:
    assert written("Nguyễn") == [("Nguyễn", False, "")]


@pytest.mark.parametrize("sign", ["🌻", "👩‍🌾", "👍🏽", "🇫🇷"])
def test_what_cannot_be_drawn_is_one_honest_square(sign: str) -> None:
    assert written(f"Zoë {sign}") == [("Zoë ", True, ""), (SQUARE, False, "")]


def test_a_face_that_can_be_drawn_is_drawn() -> None:
    assert written("Merci 😀") == [("Merci ", True, ""), ("😀", False, "")]


@given(st.text(max_size=30))
def test_whatever_is_written_has_a_width_and_a_picture(line: str) -> None:
    line = line.replace("\n", " ").replace("\0", " ")
    picture = line_picture(line, "Bold", 30, "#000000")
    assert isinstance(picture, pygame.Surface)
    assert abs(picture.get_width() - width_px(line, "Bold", 30)) <= 2
