"""What the cases of the clock and of the watchdog judge by, without an emulator."""

from dataclasses import replace

import pytest

from tests.appliance import clockless, watchdog
from tests.appliance.clockless import Told
from tests.appliance.qmp import EmulatorError

BEGAN_S, ENDED_S = 1_796_000_000.0, 1_796_000_060.0
FIRST = Told("a.1", 1_700_000_000.0, trusted=False, at_s=1_700_000_000.0, error_s=None, source="uncertain")
SECOND = replace(FIRST, at_s=BEGAN_S + 10, error_s=0.2, source="exchange")


def test_an_hour_that_was_not_known_is_uncertain_first_and_right_later() -> None:
    assert clockless.amiss(FIRST, SECOND, BEGAN_S, ENDED_S) == ""


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (replace(FIRST, trusted=True), SECOND, "trusted"),
        (replace(FIRST, raw_s=BEGAN_S), SECOND, "right, or trusted"),
        (replace(FIRST, error_s=1.0, source="box-clock"), SECOND, "nobody had told"),
        (FIRST, replace(SECOND, raw_s=BEGAN_S), "became"),
        (FIRST, replace(SECOND, error_s=None), "became"),
        (FIRST, replace(SECOND, at_s=ENDED_S + 60), "another hour"),
        (FIRST, replace(SECOND, at_s=BEGAN_S - 60), "another hour"),
    ],
)
def test_any_other_hour_is_told(first: Told, second: Told, told: str) -> None:
    assert told in clockless.amiss(first, second, BEGAN_S, ENDED_S)


def test_a_kiosk_that_hangs_has_its_watchdogs_time_and_one_that_is_killed_has_not() -> None:
    stopped_s, killed_s = (watchdog.limit_s("chevet-kiosk", signal) for signal in ("STOP", "KILL"))
    assert stopped_s - killed_s == 30.0, "the unit's WatchdogSec"
    up = "100.25 180.00"
    assert watchdog.took_s("chevet-kiosk", "STOP", up, f"{150_250_000}") == 50.0
    for signal, most_s in (("STOP", stopped_s), ("KILL", killed_s)):
        late_us = f"{round((100.25 + most_s + 1) * 1e6)}"
        with pytest.raises(EmulatorError, match="at most"):
            watchdog.took_s("chevet-kiosk", signal, up, late_us)
