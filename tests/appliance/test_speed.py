"""What is judged of a start: a picture against the same picture, home by a limit of its own; each can be missed."""

import pytest

from tests.appliance.speed import Instant, home_row, picture_row


def at(processor_s: float) -> Instant:
    return Instant(processor_s, processor_s / 2)


@pytest.mark.parametrize(
    ("first", "alone", "bare", "within"),
    [
        (30.0, 25.0, 27.0, True),
        (30.0, 20.0, 27.0, False),  # our other units hold the picture up
        (30.0, 29.0, 20.0, False),  # the picture itself is what costs
    ],
)
def test_the_first_picture_is_held_against_both_starts(
    first: float, alone: float, bare: float, *, within: bool
) -> None:
    row = picture_row(at(first), at(alone), at(bare))
    assert row.within is within
    assert row.name == "power to first picture"


def test_home_has_a_limit_of_its_own() -> None:
    assert home_row(at(75), at(25)).within
    assert home_row(at(75), at(25)).told.endswith("3.0 times the start without our units (at most 4)")
    assert not home_row(at(125), at(25)).within
