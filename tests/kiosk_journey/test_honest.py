"""What the box says of itself at home and where no care can begin: calmly, truly, one trouble at a time."""

import pytest

from kiosk.journey import honest
from kiosk.journey.events import PlanChanged
from kiosk.journey.views import Banner, HomeView
from tests.support.at_a_box import at_a_box, tell
from tests.support.journey import WORDS, Walker
from tests.support.words_of_care import plan

SAID = WORDS.service
MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3600_000, 24 * 3600_000


def line(walker: Walker) -> str:
    assert isinstance(walker.view, HomeView)
    return walker.view.banner.said


def test_when_all_is_well_nothing_is_said() -> None:
    assert line(at_a_box()) == ""


@pytest.mark.parametrize(
    ("facts", "said", "mark"),
    [
        ({"room": False, "player": False}, SAID.banner_full, "help"),
        ({"player": False, "sure_of_time": False}, SAID.banner_no_sound, "headphones"),
        ({"sure_of_time": False}, SAID.banner_clock, "clock"),
        ({"sure_of_time": False, "answered_ms": None}, SAID.banner_clock, "clock"),
    ],
)
def test_the_trouble_that_touches_the_person_first_is_told(facts: dict[str, object], said: str, mark: str) -> None:
    view = at_a_box(**facts).view
    assert isinstance(view, HomeView)
    assert view.banner == Banner(said, mark)


@pytest.mark.parametrize(
    ("passed_ms", "since"),
    [
        (59 * MINUTE_MS, ""),
        (61 * MINUTE_MS, "1\u00a0heure"),
        (47 * HOUR_MS + 1, "47\u00a0heures"),
        (48 * HOUR_MS + 1, "2\u00a0jours"),
        (30 * DAY_MS + 1, "30\u00a0jours"),
    ],
)
def test_a_silent_clinic_is_told_with_how_long(passed_ms: int, since: str) -> None:
    walker = at_a_box()
    answered_ms = walker.clock.monotonic_ms
    walker.clock.pass_ms(passed_ms)
    tell(walker, answered_ms=answered_ms)
    assert line(walker) == (SAID.banner_silent.format(since=since) if since else "")


@pytest.mark.parametrize("problem", ["none", "expired", "future", "unsigned"])
def test_without_a_plan_home_says_why_and_what_to_do(problem: str) -> None:
    walker = at_a_box()
    current = plan() if problem in ("expired", "future") else None
    walker.feel(PlanChanged(walker.clock(), current, problem))  # type: ignore[arg-type]
    view = walker.view
    assert isinstance(view, HomeView)
    assert view.greeting == SAID.no_plan[problem].title
    assert view.tiles == ()
    assert (view.help, view.links[-1].target) == (WORDS.help, "service")


@pytest.mark.parametrize("cause", honest.NO_SOUND)
def test_a_care_without_a_sound_card_says_so(cause: str) -> None:
    walker = Walker()
    walker.touch("care:riviere")
    walker.evaluate()
    while walker.screen == "TextView":
        walker.touch("continue")
    walker.sound("ended", outcome="failed", cause=cause)
    assert walker.view.lines == WORDS.notice["no-sound"].lines  # type: ignore[union-attr]
