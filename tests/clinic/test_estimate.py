"""Statistics of one person: Student's t against printed tables, the estimates against cases worked by hand."""

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.results.estimate import SESSIONS_MIN, estimate
from clinic.results.matters import can_gain, gained, matters, worsened
from clinic.results.student import probability_below, quantile

TABLE = [
    (1, 0.975, 12.706),
    (2, 0.975, 4.303),
    (5, 0.95, 2.015),
    (6, 0.975, 2.447),
    (10, 0.99, 2.764),
    (30, 0.975, 2.042),
    (120, 0.975, 1.980),
]
"""Degrees of freedom, probability, t: as printed in any table (NIST/SEMATECH e-Handbook, 1.3.6.7.2)."""


@pytest.mark.parametrize(("freedom", "probability", "t"), TABLE)
def test_quantiles_of_the_printed_table(freedom: float, probability: float, t: float) -> None:
    assert quantile(probability, freedom) == pytest.approx(t, abs=0.0006)
    assert quantile(1 - probability, freedom) == pytest.approx(-t, abs=0.0006)


def test_one_degree_of_freedom_is_cauchys() -> None:
    """P(T <= 1) = 1/2 + arctan(1)/pi = 3/4; with two, P(T <= t) = 1/2 + t / (2 sqrt(2 + t^2))."""
    assert probability_below(1, 1) == pytest.approx(0.75, abs=1e-12)
    assert probability_below(-1, 1) == pytest.approx(0.25, abs=1e-12)
    assert probability_below(1.5, 2) == pytest.approx(0.5 + 1.5 / (2 * sqrt(2 + 2.25)), abs=1e-12)


@given(st.floats(0.001, 0.999), st.floats(0.6, 400))
def test_a_quantile_is_where_its_probability_lies(probability: float, freedom: float) -> None:
    assert probability_below(quantile(probability, freedom), freedom) == pytest.approx(probability, abs=1e-7)


def test_four_changes_worked_by_hand() -> None:
    """-2, -3, -1, -2: mean -2, squares 0 + 1 + 1 + 0 = 2.

    Student: s^2 = 2/3, half = 3.1824 sqrt(2/3/4) = 1.2992. Belief: K = 5, M = -8/5, A = 1 + 2 = 3,
    B = 4 + 2/2 + 1 * 4 * 4 / (2 * 5) = 6.6; scale^2 = 6.6 / (3 * 5) = 0.44; half = 2.4469 sqrt(0.44) = 1.6231.
    """
    made = estimate([-2, -3, -1, -2])
    assert made is not None
    assert made.mean == -2
    assert made.interval is not None
    assert (made.interval.low, made.interval.high) == pytest.approx((-3.2992, -0.7008), abs=1e-4)
    belief = made.belief
    assert (belief.middle, belief.scale**2, belief.freedom) == pytest.approx((-1.6, 0.44, 6))
    assert (belief.interval.low, belief.interval.high) == pytest.approx((-3.2231, 0.0231), abs=1e-4)
    assert belief.below(-1.6) == pytest.approx(0.5)
    assert not made.knows_enough, "four sessions are too few"


def test_one_change_has_no_interval_and_moves_the_belief_half_way() -> None:
    """K = 2, M = -4/2 = -2, A = 1.5, B = 4 + 1 * 1 * 16 / 4 = 8; scale^2 = 8 / (1.5 * 2)."""
    made = estimate([-4])
    assert made is not None
    assert made.interval is None
    assert (made.belief.middle, made.belief.scale**2, made.belief.freedom) == pytest.approx((-2, 8 / 3, 3))


def test_nothing_is_no_estimate() -> None:
    assert estimate([]) is None


def test_it_says_when_it_knows_too_little() -> None:
    steady, wild = estimate([-2, -1] * (SESSIONS_MIN // 2)), estimate([-10, 10] * (SESSIONS_MIN // 2))
    assert steady is not None
    assert wild is not None
    assert steady.knows_enough
    assert not wild.knows_enough, "20 points apart"


@given(st.lists(st.integers(-10, 10), min_size=1, max_size=60))
def test_the_belief_is_nearer_to_no_effect_than_the_mean(changes: list[int]) -> None:
    made = estimate(changes)
    assert made is not None
    assert abs(made.belief.middle) <= abs(made.mean) + 1e-12
    assert made.belief.interval.low < made.belief.middle < made.belief.interval.high
    assert 0 <= made.belief.below(0) <= 1


@pytest.mark.parametrize(
    ("item", "before", "after", "expected"),
    [
        ("douleur", 8, 6, True),
        ("douleur", 8, 7, False),
        ("douleur", 3, 2, True),  # a third
        ("douleur", 4, 3, False),  # a quarter
        ("angoisse", 8, 7, True),
        ("angoisse", 8, 8, False),
        ("angoisse", 5, 7, False),
    ],
)
def test_which_change_matters(item: str, before: int, after: int, *, expected: bool) -> None:
    assert matters(item, "intense", before, after) is expected


def test_what_is_pleasant_gets_better_upwards() -> None:
    assert gained(2, "pleasant") == 2
    assert gained(2, "intense") == -2
    assert matters("plaisir", "pleasant", 3, 4)
    assert worsened("plaisir", "pleasant", 4, 3)
    assert not can_gain(0, "intense")
    assert can_gain(0, "pleasant")
    assert worsened("douleur", "intense", 3, 5)
    assert not worsened("douleur", "intense", 3, 4)
