"""When the box may be disturbed: never in care or in framed hours; at night; without a clock after hours of calm."""

from datetime import UTC, datetime

import pytest
from msgspec import structs

from kiosk.appliance.quiet import NO_CLOCK_S, Surroundings, why_not
from mqtt_bridge.contract.care import CarePlan
from mqtt_bridge.contract.framing import Hours, Limits
from tests.support.words_of_care import plan as plan_with
from tests.support.words_of_care import request


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 30, hour, minute, tzinfo=UTC)


def framed(start: str, end: str) -> CarePlan:
    plan = plan_with(request())
    limits = Limits(hours=(Hours(start, end),))
    return structs.replace(plan, activity=(structs.replace(plan.activity[0], limits=limits),))


def test_at_night_it_may_be_disturbed_and_by_day_not() -> None:
    assert why_not(Surroundings(in_care=False, local=at(3), calm_s=0)) == ""
    assert why_not(Surroundings(in_care=False, local=at(14), calm_s=1e9)) == "day"


@pytest.mark.parametrize("attended", [True, False])
def test_care_goes_before_everything(attended: bool) -> None:  # noqa: FBT001
    assert why_not(Surroundings(in_care=True, local=at(3), calm_s=1e9), attended=attended) == "care"


@pytest.mark.parametrize(
    ("start", "end", "when", "reason"),
    [
        ("03:00", "04:00", at(3, 30), "framed-hours"),
        ("03:00", "04:00", at(2, 31), "framed-hours"),
        ("03:00", "04:00", at(2, 29), ""),
        ("03:00", "04:00", at(4), ""),
        ("22:00", "03:00", at(2, 30), "framed-hours"),
        ("22:00", "03:00", at(3, 1), ""),
        ("00:10", "00:40", at(23, 45), "framed-hours"),
    ],
)
def test_framed_hours_are_left_alone(start: str, end: str, when: datetime, reason: str) -> None:
    assert why_not(Surroundings(in_care=False, local=when, calm_s=0, plans=(framed(start, end),))) == reason


def test_a_technician_with_a_stick_waits_for_no_night() -> None:
    now = Surroundings(in_care=False, local=at(14), calm_s=0, plans=(framed("13:00", "15:00"),))
    assert why_not(now, attended=True) == ""


def test_without_a_clock_it_waits_for_hours_of_calm() -> None:
    assert why_not(Surroundings(in_care=False, local=None, calm_s=NO_CLOCK_S - 1)) == "clock"
    assert why_not(Surroundings(in_care=False, local=None, calm_s=NO_CLOCK_S)) == ""
