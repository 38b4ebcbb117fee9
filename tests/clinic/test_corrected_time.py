"""A box's clock may be wrong and believe itself: what began after it was received is no known time."""

import pytest

from clinic.fleet.corrected_time import AHEAD_MS_MAX, Corrected, plausible

RECEIVED_MS = 1_800_000_000_000
DAY_MS = 86_400_000


@pytest.mark.parametrize("ahead_ms", [AHEAD_MS_MAX + 1_001, DAY_MS, 400 * DAY_MS])
def test_what_began_after_it_was_received_is_uncertain_and_its_raw_time_stays(ahead_ms: int) -> None:
    told = plausible(Corrected(RECEIVED_MS + ahead_ms, 1_000, "box-clock"), RECEIVED_MS)
    assert told == Corrected(RECEIVED_MS + ahead_ms, None, "uncertain")


@pytest.mark.parametrize("ahead_ms", [-400 * DAY_MS, 0, AHEAD_MS_MAX])
def test_weeks_without_a_network_and_a_small_difference_are_believed(ahead_ms: int) -> None:
    when = Corrected(RECEIVED_MS + ahead_ms, 1_000, "box-clock")
    assert plausible(when, RECEIVED_MS) == when
