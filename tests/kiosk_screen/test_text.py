"""Type: wrapping, fitting, and telling what was cut."""

from hypothesis import given
from hypothesis import strategies as st

from kiosk.screen.text import fitted, tail, width_px, wrapped

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
