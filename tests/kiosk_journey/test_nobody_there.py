"""After a long care, in the dark, on a screen left behind: what waits for its person, and what goes with them."""

import pytest
from msgspec import structs

from kiosk.journey.events import PlanChanged, Resident
from kiosk.journey.leaving import IDLE_MS
from kiosk.journey.state import Resting
from kiosk.journey.views import NoticeView
from mqtt_bridge.contract.care import CarePlan
from mqtt_bridge.contract.framing import Hours, Limits
from mqtt_bridge.contract.identity import Patient
from mqtt_bridge.contract.report import Evaluation
from tests.kiosk_journey.test_people import durand, martin, shared_box, sign_in
from tests.support.journey import Walker
from tests.support.words_of_care import plan

CARE_MS = 20 * 60_000


def after_a_long_care(walker: Walker, outcome: str = "heard_whole") -> None:
    walker.to_playing()
    walker.clock.pass_ms(CARE_MS)
    walker.sound("ended", 10, outcome)  # type: ignore[arg-type]
    walker.wait_ms(1_500)


def test_why_a_long_care_failed_stays_until_it_can_be_read() -> None:
    walker = Walker()
    after_a_long_care(walker, "failed")
    assert walker.screen == "NoticeView"


def test_nobody_is_asked_whether_they_are_still_there_as_soon_as_a_long_care_ends() -> None:
    walker = shared_box()
    sign_in(walker, "martin")
    after_a_long_care(walker)
    assert walker.screen == "ConeView"
    walker.wait_ms(IDLE_MS)
    assert walker.screen == "ConeView"


def in_the_dark() -> Walker:
    """One answer given, then nobody any more: the questions wait."""
    walker = shared_box()
    sign_in(walker, "martin")
    after_a_long_care(walker)
    walker.touch("cone", 4)
    walker.touch("continue")
    for _ in range(3):
        walker.wait_ms(5 * 60_000)
    assert isinstance(walker.journey.place, Resting)
    return walker


@pytest.mark.parametrize("others", [(durand(version=7),), ()])
def test_questions_wait_in_the_dark_whatever_changes_for_others(others: tuple[CarePlan, ...]) -> None:
    walker = in_the_dark()
    written = len(walker.told)
    walker.feel(PlanChanged(walker.clock(), martin(), "", tuple(Resident(one) for one in others)))
    assert isinstance(walker.journey.place, Resting)
    assert len(walker.told) == written


def test_questions_are_left_when_their_person_has_left_the_box() -> None:
    walker = in_the_dark()
    third = structs.replace(durand(), patient=Patient(id="petit", address_as="Madame Petit"))
    walker.feel(PlanChanged(walker.clock(), durand(), "", (Resident(third),)))
    assert walker.draft is None
    assert isinstance(walker.told[-1], Evaluation)


def at_night_only(care_plan: CarePlan) -> CarePlan:
    return structs.replace(
        care_plan,
        activity=tuple(
            structs.replace(one, limits=Limits(hours=(Hours(start="22:00", end="23:00"),)))
            for one in care_plan.activity
        ),
    )


def refused(walker: Walker) -> None:
    walker.touch("care:riviere")
    assert isinstance(walker.view, NoticeView)


def test_when_a_care_is_possible_is_told_to_nobody_else_on_a_shared_box() -> None:
    walker = shared_box()
    walker.feel(PlanChanged(walker.clock(), at_night_only(martin()), "", (Resident(durand()),)))
    sign_in(walker, "martin")
    refused(walker)
    walker.wait_ms(IDLE_MS)
    walker.wait_ms(IDLE_MS)
    assert walker.screen == "WhoView"


def test_when_a_care_is_possible_is_told_to_no_other_person_of_the_box() -> None:
    walker = Walker(at_night_only(plan()))
    refused(walker)
    walker.feel(PlanChanged(walker.clock(), durand()))
    assert walker.screen == "HomeView"


def test_questions_after_a_stopped_care_wait_in_the_dark_on_a_shared_box_too() -> None:
    walker = shared_box()
    sign_in(walker, "martin")
    after_a_long_care(walker, "stopped")
    assert walker.screen == "StopWhyView"
    for _ in range(3):
        walker.wait_ms(5 * 60_000)
    assert isinstance(walker.journey.place, Resting)
    assert walker.screen == "RestView"


@pytest.mark.parametrize("touches", [("anywhere",), ("anywhere", "person:durand")])
def test_what_was_answered_is_kept_when_the_box_becomes_one_persons_under_the_hand(touches: tuple[str, ...]) -> None:
    for alone in (martin(), durand()):
        walker = in_the_dark()
        for target in touches:
            walker.touch(target)
        written = len(walker.told)
        walker.feel(PlanChanged(walker.clock(), alone))
        assert walker.draft is not None or isinstance(walker.told[written], Evaluation)
        assert isinstance(walker.journey.place, Resting) == (alone.patient.id == "martin")


def test_who_is_there_is_asked_no_more_over_questions_whose_person_has_left_the_box() -> None:
    walker = in_the_dark()
    walker.touch("anywhere")
    third = structs.replace(durand(), patient=Patient(id="petit", address_as="Madame Petit"))
    walker.feel(PlanChanged(walker.clock(), durand(), "", (Resident(third),)))
    assert isinstance(walker.told[-1], Evaluation)
    walker.wait_ms(70_000)
    assert walker.screen == "WhoView"


def test_staffs_place_is_not_reached_over_questions_that_wait_nor_from_a_care() -> None:
    walker = in_the_dark()
    walker.touch("service")
    assert walker.draft is not None
    walker = Walker()
    walker.to_playing()
    walker.touch("service")
    assert walker.screen == "PlayingView"
