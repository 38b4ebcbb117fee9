"""Honest time at the bedside (X5): an expired plan stays expired, a clock that jumps disturbs no care."""

import pytest

from mqtt_bridge.contract.report import Content, Listening
from mqtt_bridge.contract.wire import KEPT_MS
from tests.support.shell import Bedside
from tests.support.words_of_care import DAY_MS, NOW_MS

YEAR_MS = 365 * DAY_MS


def problem(bedside: Bedside) -> str:
    return bedside.shell._journey.problem


def power_cut(bedside: Bedside, boot: str) -> None:
    """The box comes back without a network, in 1970."""
    bedside.clock.boot, bedside.clock.monotonic_ms = boot, 2_000
    bedside.clock.wall_ms, bedside.clock.trusted = 0, False
    bedside.restart()


def test_an_expired_plan_stays_expired_on_a_box_that_has_no_row_left(bedside: Bedside) -> None:
    """A box quiet for thirty days has forgotten every report, and knew the time by their acknowledgements alone."""
    bedside.to_playing()
    bedside.player.play_whole()
    bedside.turn()
    bedside.decline_all()
    bedside.touch("done")
    bedside.clinic_hears()
    bedside.clock.pass_ms(KEPT_MS + 2 * DAY_MS)
    bedside.clinic_hears()
    bedside.clinic_hears()
    assert bedside.store.epochs() == []
    power_cut(bedside, "boot-2")
    assert problem(bedside) == "expired"


def test_what_the_box_is_sure_of_grows_over_boots_without_any_clock(bedside: Bedside) -> None:
    assert problem(bedside) == ""
    power_cut(bedside, "boot-2")
    assert problem(bedside) == ""  # by what is surely past the plan has not ended
    for number in range(3, 6):
        for _ in range(10):
            bedside.clock.monotonic_ms += 3600_000
            bedside.turn()
        power_cut(bedside, f"boot-{number}")
    assert problem(bedside) == "expired"  # thirty hours were run, the plan had a day


@pytest.mark.parametrize("jump_ms", [-20 * YEAR_MS, -3600_000, 3600_000, 20 * YEAR_MS])
def test_a_clock_that_jumps_while_a_care_plays_disturbs_nothing(bedside: Bedside, jump_ms: int) -> None:
    bedside.to_playing()
    assert bedside.screen == "PlayingView"
    bedside.clock.wall_ms += jump_ms
    bedside.clock.pass_ms(40_000)  # the kiosk looks at the link and at the plan
    bedside.turn()
    assert bedside.screen == "PlayingView"
    bedside.player.play_whole()
    bedside.turn()
    assert problem(bedside) == ""
    bedside.clock.wall_ms -= jump_ms  # the clinic's clock is the test's own
    bedside.clinic_hears()
    (heard,) = [one for one in arrived(bedside) if isinstance(one, Listening)]
    assert heard.outcome == "heard_whole"
    assert 0 < heard.ended.wall_ms - heard.started.wall_ms < 60_000
    assert abs(heard.ended.wall_ms - NOW_MS) < DAY_MS
    assert heard.ended.machine_ms == heard.ended.wall_ms + jump_ms


def arrived(bedside: Bedside) -> list[Content]:
    return [kept.report.content for kept in bedside.wire.store.contents.reports.values() if kept.report]
