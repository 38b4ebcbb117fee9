"""Framing of use (A15): a care that cannot be started now says when it can. The clock says nine, on a winter day."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from msgspec import structs

from kiosk.journey.effects import Prepare, Start
from kiosk.journey.events import PlanChanged
from kiosk.journey.step import alarm_of
from kiosk.journey.views import ChoosingView, ConfirmStopView, HomeView, NoticeView, Tile
from mqtt_bridge.contract.care import CarePlan
from mqtt_bridge.contract.framing import Hours, Limits
from mqtt_bridge.contract.identity import Period
from tests.support.remembering import Remembering
from tests.support.words_of_care import DAY_MS, NOW_MS, plan, request

HOUR_MS = 3600_000
PARIS = ZoneInfo("Europe/Paris")
YEARS = Period(start_ms=0, end_ms=4 * 10**12)


def framed(limits: Limits, **changes: object) -> CarePlan:
    care = structs.replace(request(), limits=limits)
    return structs.replace(plan(care), period=YEARS, **changes)


def hours(start: str, end: str) -> Limits:
    return Limits(hours=(Hours(start=start, end=end),))


def tile(walker: Remembering) -> Tile:
    view = walker.view
    assert isinstance(view, HomeView)
    return next(one for one in view.tiles if one.target == "care:riviere")


def at(walker: Remembering, local: str) -> None:
    """Set the clock on the wall, and let as much time pass."""
    wall_ms = round(datetime.fromisoformat(local).replace(tzinfo=PARIS).timestamp() * 1000)
    walker.clock.monotonic_ms += wall_ms - walker.clock.wall_ms
    walker.clock.wall_ms = wall_ms
    walker.wait_ms(0)


def refused(walker: Remembering) -> str:
    """Why, as it is told when somebody touches the care all the same."""
    count = walker.journey.count
    walker.touch("care:riviere")
    view = walker.view
    assert isinstance(view, NoticeView)
    assert walker.journey.count == count  # nothing was begun
    walker.touch("done")
    return " ".join(view.lines)


def may(walker: Remembering) -> bool:
    return not tile(walker).asleep


def test_hours_are_told_by_the_hour() -> None:
    walker = Remembering(framed(hours("21:30", "23:00")))
    assert (tile(walker).asleep, tile(walker).subtitle) == (True, "Possible à 21 h 30")
    assert "Ce soin a ses heures. Possible à 21 h 30." in refused(walker)
    at(walker, "2027-01-15T21:30:00")
    assert may(walker)
    at(walker, "2027-01-15T23:00:00")
    assert tile(walker).subtitle == "Possible demain à 21 h 30"


def test_hours_over_midnight() -> None:
    walker = Remembering(framed(hours("22:00", "02:00")))
    assert tile(walker).subtitle == "Possible à 22 h"
    for local, possible in (
        ("15T22:00:00", True),
        ("16T00:00:00", True),
        ("16T01:59:59", True),
        ("16T02:00:00", False),
    ):
        at(walker, f"2027-01-{local}")
        assert may(walker) == possible, local


def test_home_changes_by_itself_when_the_moment_comes() -> None:
    walker = Remembering(framed(hours("09:20", "09:30")))
    alarm_ms = alarm_of(walker.journey)
    assert alarm_ms is not None
    while alarm_ms is not None and not may(walker):
        walker.wait_ms(alarm_ms - walker.clock.monotonic_ms)
        alarm_ms = alarm_of(walker.journey)
    now = datetime.fromtimestamp(walker.clock.wall_ms / 1000, PARIS)
    assert (now.hour, now.minute, now.second) == (9, 20, 0)


def test_a_number_a_day_ends_at_midnight() -> None:
    walker = Remembering(framed(Limits(per_day_max=2)))
    walker.listen()
    assert may(walker)
    walker.listen()
    assert tile(walker).subtitle == "Possible demain"
    assert "Vous avez déjà pris ce soin aujourd’hui. Possible demain." in refused(walker)
    at(walker, "2027-01-15T23:59:59")
    assert not may(walker)
    at(walker, "2027-01-16T00:00:00")
    assert may(walker)


def test_a_care_begun_before_midnight_is_of_the_day_before() -> None:
    walker = Remembering(framed(Limits(per_day_max=1)))
    at(walker, "2027-01-15T23:59:50")
    walker.listen(seconds=60)
    assert may(walker)


@pytest.mark.parametrize(("day", "length_h"), [("2027-03-28", 23), ("2027-10-31", 25)])
def test_a_day_of_a_summer_time_ends_at_its_own_midnight(day: str, length_h: int) -> None:
    walker = Remembering(framed(Limits(per_day_max=1)))
    at(walker, f"{day}T00:10:00")
    walker.listen()
    start_ms = round(datetime.fromisoformat(day).replace(tzinfo=PARIS).timestamp() * 1000)
    walker.clock.pass_ms(start_ms + length_h * HOUR_MS - 1_000 - walker.clock.wall_ms)
    assert not may(walker)
    walker.clock.pass_ms(1_000)
    assert may(walker)


def test_hours_follow_the_clock_on_the_wall_in_summer_and_winter() -> None:
    walker = Remembering(framed(hours("09:00", "10:00")))
    at(walker, "2027-07-01T09:30:00")
    assert datetime.fromtimestamp(walker.clock.wall_ms / 1000, UTC).hour == 7
    assert may(walker)


@pytest.mark.parametrize(
    ("after_s", "said"),
    [
        (0, "Possible dans 3 heures"),
        (2 * 3600 - 30, "Possible dans 2 heures"),
        (2 * 3600 + 60, "Possible dans une heure"),
        (2 * 3600 + 2000, "Possible dans 30 minutes"),
        (3 * 3600 - 60, "Possible dans 5 minutes"),
    ],
)
def test_an_interval_counts_from_the_end_of_the_last_one(after_s: int, said: str) -> None:
    walker = Remembering(framed(Limits(interval_s_min=3 * 3600)))
    walker.listen(seconds=10)
    questions_ms = walker.clock.monotonic_ms - walker.journey.past.cares[-1].ended_ms  # type: ignore[union-attr]
    walker.clock.pass_ms(after_s * 1000 - questions_ms if after_s else 0)
    assert tile(walker).subtitle == said
    walker.clock.pass_ms(3 * HOUR_MS)
    assert may(walker)


def test_long_intervals_are_told_in_days() -> None:
    walker = Remembering(framed(Limits(interval_s_min=3 * 24 * 3600)))
    walker.listen()
    assert tile(walker).subtitle == "Possible dans 3 jours"
    assert "Il faut un temps de repos entre deux soins." in refused(walker)


def test_an_interval_holds_over_a_power_cut_without_a_clock() -> None:
    walker = Remembering(framed(Limits(interval_s_min=3600)))
    walker.clock.trusted = False
    walker.listen()
    walker.power_cut(same_boot=False)
    assert not may(walker)
    walker.clock.pass_ms(HOUR_MS)  # it has run for an hour: so long has surely passed
    assert may(walker)


def test_without_a_trusted_clock_hours_are_let_pass_and_days_are_about() -> None:
    walker = Remembering(framed(Limits(hours=hours("21:30", "23:00").hours, per_day_max=1)))
    walker.clock.trusted = False
    walker.wait_ms(0)
    assert may(walker)  # care goes before order
    walker.listen()
    assert tile(walker).subtitle == "Possible dans environ 24 heures"
    walker.clock.pass_ms(DAY_MS)
    assert may(walker)


def test_a_clock_that_jumps_ahead_or_back_gives_no_more_than_a_day() -> None:
    walker = Remembering(framed(Limits(per_day_max=1)))
    walker.listen()
    walker.clock.wall_ms -= 400 * DAY_MS  # set right: it was a year ahead
    assert not may(walker)
    walker.clock.pass_ms(DAY_MS)
    assert may(walker)


def test_an_unknown_time_zone_is_an_uncertain_hour() -> None:
    walker = Remembering(framed(hours("21:30", "23:00"), time_zone="Mars/Olympus"))
    assert may(walker)
    assert isinstance(walker.view, HomeView)
    assert walker.view.greeting == "Bonjour Madame Martin"


def test_a_care_not_begun_yet_says_when_and_one_that_is_over_is_gone() -> None:
    later = Limits(period=Period(start_ms=NOW_MS + 3 * DAY_MS, end_ms=NOW_MS + 9 * DAY_MS))
    walker = Remembering(framed(later))
    assert tile(walker).subtitle == "Possible dans 3 jours"
    walker.clock.pass_ms(4 * DAY_MS)
    assert may(walker)
    walker.clock.pass_ms(6 * DAY_MS)
    assert isinstance(walker.view, HomeView)
    assert walker.view.tiles == ()
    assert "Ce soin est fini." in refused(walker)


@pytest.mark.parametrize("where", ["explanation", "button"])
def test_the_hour_is_looked_at_again_at_ready_and_at_the_button(where: str) -> None:
    walker = Remembering(framed(hours("09:00", "09:10")))
    if where == "button":
        walker.to_ready()
    else:
        walker.touch("care:riviere")
        walker.evaluate()
    walker.clock.pass_ms(11 * 60_000)
    seen = len(walker.effects)
    if where == "button":
        walker.press()
    while walker.screen == "TextView":
        walker.touch("continue")
    view = walker.view
    assert isinstance(view, NoticeView)
    assert view.title == "Ce soin n’est pas possible maintenant."
    assert not [one for one in walker.effects[seen:] if isinstance(one, Start | Prepare)]


def test_a_session_counts_as_of_its_start_even_when_it_was_stopped() -> None:
    walker = Remembering(framed(Limits(per_day_max=1)))
    walker.to_playing()
    walker.sound("ended", 2, "stopped")
    walker.touch("skip")
    walker.evaluate()
    walker.touch("done")
    assert not may(walker)


@pytest.mark.parametrize("how", ["failed", "killed"])
def test_what_was_never_heard_does_not_count(how: str) -> None:
    walker = Remembering(framed(Limits(per_day_max=1, interval_s_min=3600)))
    walker.to_ready()
    walker.press()
    if how == "failed":
        walker.sound("ended", 0, "failed", "package-damaged")
    else:
        walker.power_cut(same_boot=False)
        walker.wait_ms(6_000)
    assert walker.screen == "NoticeView"
    walker.touch("done")
    assert may(walker)


def test_after_a_long_cut_the_interval_counts_from_what_was_heard() -> None:
    """Eight hours without power are not added to the care."""
    walker = Remembering(framed(Limits(interval_s_min=2 * 3600)))
    walker.to_playing()
    walker.sound("playing", 10)
    walker.clock.boot = "boot-2"
    walker.power_cut(minutes=8 * 60)
    walker.wait_ms(6_000)
    walker.touch("done")
    assert may(walker)


def test_each_care_has_its_own_limits_and_what_may_begin_leads() -> None:
    evening = structs.replace(request("soir"), title="Le soir", limits=hours("21:00", "22:00"))
    walker = Remembering(structs.replace(plan(evening, request("ancre", "crisis")), period=YEARS))
    assert isinstance(walker.view, HomeView)
    assert [(one.target, one.asleep) for one in walker.view.tiles] == [("care:ancre", False), ("care:soir", True)]


def test_on_the_choosing_screen_too() -> None:
    cares = [
        structs.replace(request(f"soin-{n}"), limits=hours("21:00", "22:00") if n < 2 else Limits()) for n in range(5)
    ]
    walker = Remembering(structs.replace(plan(*cares), period=YEARS))
    walker.touch("choose")
    view = walker.view
    assert isinstance(view, ChoosingView)
    assert [one.asleep for one in view.tiles] == [False, False, False, True, True]


def test_limits_of_the_plan_in_force_bind_a_care_chosen_under_an_earlier_one() -> None:
    walker = Remembering(framed(Limits()))
    walker.to_ready()
    walker.feel(PlanChanged(walker.clock(), framed(hours("21:00", "22:00"), version=2)))
    assert not [one for one in walker.press() if isinstance(one, Start)]
    assert isinstance(walker.view, NoticeView)


def test_another_persons_sessions_do_not_count() -> None:
    from mqtt_bridge.contract.identity import Patient

    walker = Remembering(framed(Limits(per_day_max=1)))
    walker.listen()
    other = framed(Limits(per_day_max=1), id="plan-2", patient=Patient(id="durand", address_as="Monsieur Durand"))
    walker.feel(PlanChanged(walker.clock(), other))
    assert may(walker)
    walker.feel(PlanChanged(walker.clock(), framed(Limits(per_day_max=1))))
    assert not may(walker)


def test_stopping_says_when_the_care_can_be_begun_again() -> None:
    for limits, said in (
        (Limits(), "Vous pourrez le recommencer du début."),
        (Limits(per_day_max=1), "Possible demain."),
    ):
        walker = Remembering(framed(limits))
        walker.to_playing()
        walker.touch("stop")
        view = walker.view
        assert isinstance(view, ConfirmStopView)
        assert view.detail == said


@pytest.mark.parametrize(
    ("limits", "said"),
    [(Limits(), "Vous pouvez le recommencer du début."), (Limits(interval_s_min=3600), "Possible dans une heure.")],
)
def test_an_interrupted_care_does_not_promise_what_its_limits_forbid(limits: Limits, said: str) -> None:
    walker = Remembering(framed(limits))
    walker.to_playing()
    walker.sound("ended", 4, "interrupted", "device-lost")
    view = walker.view
    assert isinstance(view, NoticeView)
    assert view.lines[-1] == said


def test_a_care_that_is_over_counts_nothing_any_more() -> None:
    """It has a number a day too, and was not heard so often: home must stand all the same."""
    walker = Remembering(framed(Limits(per_day_max=2, period=Period(start_ms=0, end_ms=NOW_MS + 2 * HOUR_MS))))
    walker.listen()
    assert may(walker)
    walker.wait_ms(3 * HOUR_MS)
    view = walker.view
    assert isinstance(view, HomeView)
    assert not [one for one in view.tiles if one.target == "care:riviere"]


CHANGES = [
    ("Europe/Paris", "2027-03-28T01:00:00+00:00"),
    ("Europe/Paris", "2027-10-31T01:00:00+00:00"),
    ("America/New_York", "2027-03-14T07:00:00+00:00"),
    ("America/New_York", "2027-11-07T06:00:00+00:00"),
    ("Indian/Reunion", "2027-03-28T01:00:00+00:00"),
]
"""When summer time begins or ends, by UTC; La Réunion has none."""


@pytest.mark.parametrize(("zone", "change"), CHANGES)
@pytest.mark.parametrize(
    ("start", "end"), [("01:30", "02:30"), ("02:15", "03:30"), ("03:00", "04:00"), ("22:00", "02:30")]
)
def test_hours_hold_by_the_wall_on_the_days_when_it_jumps(zone: str, change: str, start: str, end: str) -> None:
    """From one wake of home to the next: right at each, and nothing changes between two."""
    walker, here = Remembering(framed(hours(start, end), time_zone=zone)), ZoneInfo(zone)
    changed_ms = round(datetime.fromisoformat(change).timestamp() * 1000)
    began_ms = (
        changed_ms - HOUR_MS - 7 * 60_000
    )  # after midnight, and at no quarter of an hour: only the jump itself wakes
    walker.wait_ms(began_ms - walker.clock.wall_ms)
    while (since_ms := walker.clock.wall_ms) < changed_ms + 5 * HOUR_MS:
        possible = may(walker)
        alarm_ms = alarm_of(walker.journey)
        assert alarm_ms is not None
        walker.wait_ms(alarm_ms - walker.clock.monotonic_ms)
        for at_ms in range(since_ms, walker.clock.wall_ms, 60_000):
            assert within(start, end, f"{datetime.fromtimestamp(at_ms / 1000, here):%H:%M}") == possible


def within(start: str, end: str, now: str) -> bool:
    return start <= now < end if start < end else now >= start or now < end
