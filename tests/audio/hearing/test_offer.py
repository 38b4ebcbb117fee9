"""How loud a session may be, at levels where the week really is used up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audio.hearing.dose import Mode, allowance_pa2h, exposure_pa2h
from audio.hearing.offer import FLOOR_DBA, GAIN_DB_MIN, NotNow, Offer, Wish, offer
from audio.hearing.session import Played, heard

BASE_DBA = 85.0
"""A package that makes 85 dBA at gain 0."""
SESSION_S = 1200.0


def wish(
    level: float = 70, most: float = 80, mode: Mode = "adult", gain: float | None = None, gain_max: float | None = None
) -> Wish:
    return Wish(level, most, gain, gain_max, SESSION_S, mode)


def test_an_ordinary_week_changes_nothing() -> None:
    assert offer(wish(), BASE_DBA, 0.0) == Offer(-15.0, -5.0, softened=False)


def test_the_cap_holds_where_the_box_could_be_louder() -> None:
    told = offer(wish(level=80), 110.0, 0.0)
    assert told == Offer(-30.0, -30.0, softened=False)


def test_a_box_that_cannot_be_so_loud_plays_as_loud_as_it_can() -> None:
    assert offer(wish(), 60.0, 0.0) == Offer(0.0, 0.0, softened=False)


def test_a_week_nearly_used_up_softens_the_session_so_that_it_fits() -> None:
    left_pa2h = exposure_pa2h(66, SESSION_S)
    told = offer(wish(), BASE_DBA, allowance_pa2h("adult") - left_pa2h)
    assert isinstance(told, Offer)
    assert told.softened
    assert told.gain_db == told.gain_max_db == pytest.approx(66 - BASE_DBA)


def test_louder_ends_where_the_week_ends_even_when_the_start_is_as_prescribed() -> None:
    left_pa2h = exposure_pa2h(74, SESSION_S)
    told = offer(wish(), BASE_DBA, allowance_pa2h("adult") - left_pa2h)
    assert isinstance(told, Offer)
    assert not told.softened
    assert told.gain_db == -15.0
    assert told.gain_max_db == pytest.approx(74 - BASE_DBA)


def test_what_would_be_inaudible_is_not_offered() -> None:
    inaudible = exposure_pa2h(FLOOR_DBA - 0.1, SESSION_S)
    assert offer(wish(), BASE_DBA, allowance_pa2h("adult") - inaudible) == NotNow("week")
    assert offer(wish(), BASE_DBA, allowance_pa2h("adult") + 1) == NotNow("week")


def test_a_box_too_loud_for_the_plan_says_so() -> None:
    assert offer(wish(level=50, most=55), 100.0, 0.0) == NotNow("device")


def test_the_sensitive_mode_softens_where_the_adults_week_does_not() -> None:
    used = exposure_pa2h(75, 39.9 * 3600)
    adult, sensitive = (offer(wish(mode=mode), BASE_DBA, used) for mode in ("adult", "sensitive"))
    assert isinstance(adult, Offer)
    assert not adult.softened
    assert isinstance(sensitive, Offer)
    assert sensitive.gain_max_db < adult.gain_max_db


def test_gains_of_an_older_plan_still_hold_and_the_softer_counts() -> None:
    assert offer(wish(gain=-20.0, gain_max=-12.0), BASE_DBA, 0.0) == Offer(-20.0, -12.0, softened=False)
    assert offer(wish(gain=-1.0, gain_max=-1.0), BASE_DBA, 0.0) == Offer(-15.0, -5.0, softened=False)


levels = st.floats(45, 80)


@given(
    levels, levels, st.floats(40, 130), st.floats(0, 3), st.floats(1, 4 * 3600), st.sampled_from(["adult", "sensitive"])
)
def test_no_offer_ever_passes_the_week_or_the_cap(
    one: float, other: float, base_dba: float, used: float, seconds: float, mode: Mode
) -> None:
    asked = Wish(min(one, other), max(one, other), None, None, seconds, mode)
    told = offer(asked, base_dba, used)
    if isinstance(told, NotNow):
        return
    assert GAIN_DB_MIN <= told.gain_db <= told.gain_max_db <= 0
    assert base_dba + told.gain_max_db <= asked.level_max_dba + 1e-6
    loudest = heard(Played(round(seconds * 100), round(seconds * 100), 100, told.gain_max_db), base_dba)
    assert loudest is not None
    assert used + loudest.pa2h <= allowance_pa2h(mode) * (1 + 1e-6) + exposure_pa2h(80, 0.01)


def test_the_level_heard_is_the_energy_equivalent_of_its_stretches() -> None:
    # 600 s at 70 and 600 s at 80 dBA: 10·lg((10^7 + 10^8) / 2) = 77.404 dBA
    told = heard(Played(1200, 1200, 1, -15.0, ((600, -5.0),)), BASE_DBA)
    assert told is not None
    assert told.level_dba == pytest.approx(77.4036, abs=1e-4)
    assert told.level_max_dba == 80.0
    assert told.pa2h == pytest.approx(exposure_pa2h(70, 600) + exposure_pa2h(80, 600))


def test_a_change_that_nobody_heard_counts_for_nothing() -> None:
    told = heard(Played(600, 600, 1, -15.0, ((600, -5.0), (900, 0.0))), BASE_DBA)
    assert told is not None
    assert told.level_dba == pytest.approx(70)
    assert told.level_max_dba == 70.0


def test_changes_that_were_not_told_are_reckoned_as_the_loudest() -> None:
    told = heard(Played(100, 100, 1, -15.0, ((50, -20.0),), gain_untold_db=-5.0), BASE_DBA)
    assert told is not None
    assert told.level_max_dba == 80.0


@pytest.mark.parametrize(("frames", "rate"), [(0, 48_000), (-1, 48_000), (48_000, 0)])
def test_nothing_played_is_no_level(frames: int, rate: int) -> None:
    assert heard(Played(frames, 48_000, rate, 0.0), BASE_DBA) is None


def test_who_stops_early_has_heard_the_louder_part() -> None:
    early, late = (heard(Played(frames, 1200, 1, -15.0), BASE_DBA) for frames in (300, 1100))
    assert early is not None
    assert late is not None
    assert early.level_dba == pytest.approx(74.0)
    assert early.pa2h == pytest.approx(exposure_pa2h(74, 300))
    assert late.pa2h == pytest.approx(exposure_pa2h(70, 1200))  # never more than the whole
