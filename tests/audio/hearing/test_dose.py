"""The weekly dose against numbers worked out by hand, from H.870's own definition."""

import math

import pytest

from audio.hearing.dose import WEEK_S, Heard, allowance_pa2h, exposure_pa2h, level_dba, percent, week_pa2h

HOUR_S = 3600.0


def test_the_allowances_of_the_standard() -> None:
    # (20 µPa)² · 10^8 · 40 h = 1.6 Pa²h; 10^7.5 = 31 622 776.6 gives 0.506 Pa²h
    assert allowance_pa2h("adult") == pytest.approx(1.6)
    assert allowance_pa2h("sensitive") == pytest.approx(0.50596, abs=1e-5)


@pytest.mark.parametrize(
    ("dba", "hours", "by_hand"),
    [
        (80, 40, 100.0),
        (83, 20, 99.763),  # 10^0.3 is 1.99526, not 2
        (80, 1 / 3, 0.8333),  # one session of 20 minutes
        (90, 7.0, 175.0),  # two sessions of 30 minutes a day for a week
        (70, 168, 42.0),  # a week without an end
        (60, 168, 4.2),
    ],
)
def test_percent_of_an_adults_week(dba: float, hours: float, by_hand: float) -> None:
    assert percent(exposure_pa2h(dba, hours * HOUR_S), "adult") == pytest.approx(by_hand, abs=5e-4)


def test_the_sensitive_mode_is_5_db_stricter() -> None:
    assert percent(exposure_pa2h(75, 40 * HOUR_S), "sensitive") == pytest.approx(100.0)
    assert percent(exposure_pa2h(80, 40 * HOUR_S), "sensitive") == pytest.approx(316.228, abs=1e-3)


def test_a_scripted_week_equals_the_hand_computed_one() -> None:
    """Monday to Sunday, 21 minutes each evening; by hand: 10^-1 = .1, 10^-.7 = .199526, 10^0 = 1 of 80 dBA.

    21 min = .35 h is .35 / 40 = .875 % at 80 dBA. Four evenings at 70 (.35 %), two at 73 (.349171 %), one at 80.
    """
    levels = [70, 70, 73, 80, 70, 73, 70]
    days = [Heard(exposure_pa2h(level, 21 * 60), age_s=(6 - day) * 86_400.0) for day, level in enumerate(levels)]
    assert percent(week_pa2h(days), "adult") == pytest.approx(0.35 + 0.349171 + 0.875, abs=1e-6)
    # the next evening Monday's is seven days old: its .0875 % is over
    older = [Heard(one.pa2h, one.age_s + 86_400.0) for one in days]
    assert percent(week_pa2h(older), "adult") == pytest.approx(1.574171 - 0.0875, abs=1e-6)


def test_seven_days_are_seven_days() -> None:
    assert week_pa2h([Heard(1.0, WEEK_S), Heard(2.0, WEEK_S - 0.001)]) == 2.0


def test_the_level_of_an_exposure_is_the_way_back() -> None:
    assert level_dba(exposure_pa2h(67.25, 1234), 1234) == pytest.approx(67.25)
    assert level_dba(0, 60) == level_dba(-1, 60) == level_dba(1, 0) == -math.inf


@pytest.mark.parametrize(("dba", "seconds"), [(500, 60), (math.nan, 60), (70, -1), (70, math.inf), (70, math.nan)])
def test_what_cannot_be_is_refused(dba: float, seconds: float) -> None:
    with pytest.raises(ValueError, match="dBA"):
        exposure_pa2h(dba, seconds)
