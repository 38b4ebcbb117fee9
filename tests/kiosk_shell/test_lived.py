"""How much time the box is sure has passed: clocks that are lost, jump, go back; boots without a clock."""

from hypothesis import given
from hypothesis import strategies as st

from kiosk.shell.lived import JUMP_MS_MAX, Lived, advance
from mqtt_bridge.contract.stamp import Stamp

HOUR_MS = 3600_000
DAY_MS = 24 * HOUR_MS
NOON_MS = 1_800_000_000_000


def at(boot: str, uptime_ms: int, wall_ms: int = 0, *, trusted: bool = True) -> Stamp:
    return Stamp(wall_ms=wall_ms, trusted=trusted and wall_ms > 0, boot=boot, monotonic_ms=uptime_ms)


def lived(*stamps: Stamp) -> Lived:
    state: Lived | None = None
    for stamp in stamps:
        state = advance(state, stamp)
    assert state is not None
    return state


def test_within_a_boot_the_monotonic_clock_counts_and_no_other() -> None:
    assert lived(at("a", 0, NOON_MS), at("a", HOUR_MS, NOON_MS + 9 * DAY_MS)).lived_ms == HOUR_MS
    assert lived(at("a", 0, NOON_MS), at("a", HOUR_MS, NOON_MS - 9 * DAY_MS)).lived_ms == HOUR_MS


def test_two_trusted_clocks_tell_how_long_it_was_off() -> None:
    assert lived(at("a", 0, NOON_MS), at("b", HOUR_MS, NOON_MS + 3 * DAY_MS)).lived_ms == 3 * DAY_MS


def test_without_a_trusted_clock_only_running_counts() -> None:
    found = lived(at("a", 0, NOON_MS), at("a", 5 * HOUR_MS, NOON_MS), at("b", 2 * HOUR_MS), at("c", HOUR_MS))
    assert found.lived_ms == 8 * HOUR_MS


def test_what_an_untrusted_clock_claims_is_not_believed() -> None:
    claims = at("b", HOUR_MS, NOON_MS + 3 * DAY_MS, trusted=False)
    assert lived(at("a", 0, NOON_MS), claims).lived_ms == HOUR_MS


def test_time_is_made_up_for_once_the_clock_is_trusted_again() -> None:
    found = lived(at("a", 0, NOON_MS), at("b", HOUR_MS), at("c", HOUR_MS), at("c", 2 * HOUR_MS, NOON_MS + 4 * DAY_MS))
    assert found.lived_ms == 4 * DAY_MS


def test_a_clock_that_jumps_by_years_is_not_believed_and_does_not_stop_time() -> None:
    for years in (5, -5):
        jumped = NOON_MS + years * 365 * DAY_MS
        found = lived(at("a", 0, NOON_MS), at("b", HOUR_MS, jumped))
        assert found.lived_ms == HOUR_MS
        later = lived(at("a", 0, NOON_MS), at("b", HOUR_MS, jumped), at("c", HOUR_MS, jumped + 7 * DAY_MS))
        assert later.lived_ms == HOUR_MS + 7 * DAY_MS


def test_a_clock_put_right_after_a_wrong_year_goes_on() -> None:
    wrong = NOON_MS + 3000 * DAY_MS
    found = lived(at("a", 0, wrong), at("b", HOUR_MS, NOON_MS), at("c", HOUR_MS, NOON_MS + DAY_MS))
    assert found.lived_ms == HOUR_MS + DAY_MS


def test_an_older_stamp_changes_nothing() -> None:
    state = lived(at("a", 5 * HOUR_MS, NOON_MS))
    assert advance(state, at("a", HOUR_MS, NOON_MS)) == state


boots = st.tuples(st.integers(0, 20 * DAY_MS), st.integers(-(10**13), 10**13), st.booleans())


@given(st.lists(boots, min_size=1, max_size=8))
def test_it_never_goes_back_and_never_claims_more_than_the_clocks_could(visits: list[tuple[int, int, bool]]) -> None:
    state: Lived | None = None
    for boot, (uptime_ms, wall_ms, trusted) in enumerate(visits):
        before_ms = state.lived_ms if state else 0
        state = advance(state, Stamp(wall_ms=wall_ms, trusted=trusted, boot=str(boot), monotonic_ms=uptime_ms))
        gained_ms = state.lived_ms - before_ms
        assert 0 <= gained_ms <= max(uptime_ms, JUMP_MS_MAX)
        if boot:
            assert gained_ms >= uptime_ms
