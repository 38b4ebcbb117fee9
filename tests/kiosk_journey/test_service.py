"""Staff on the box: their PIN, their menu, the level, training, « the person has died »."""

from dataclasses import replace

import pytest
from msgspec import structs

from kiosk.journey import effects
from kiosk.journey.chapters import service
from kiosk.journey.chapters.service import DIGITS, LEFT_MS, STAFF, TRAINING_LEFT_MS
from kiosk.journey.events import ButtonHeld, PlanChanged, Resident, StandingsTold
from kiosk.journey.places.people import Who
from kiosk.journey.places.service import Menu
from kiosk.journey.state import Home
from kiosk.journey.step import alarm_of
from kiosk.journey.views import ConfirmStopView, HomeView, LevelView, NoticeView, ServiceView
from kiosk.screen.place import place
from kiosk.screen.screens.service import TILES as MOST
from mqtt_bridge.contract.identity import Patient
from mqtt_bridge.contract.report import DeathTold
from tests.kiosk_journey.test_people import shared_box
from tests.support.at_a_box import at_a_box, enter_pin, in_the_menu, tell
from tests.support.journey import WORDS, Walker
from tests.support.words_of_care import ears, plan

SAID = WORDS.service


# The PIN


def test_staff_have_a_small_place_at_home_and_their_pin_before_all_else() -> None:
    walker = at_a_box()
    assert isinstance(walker.view, HomeView)
    assert walker.view.links[-1].target == "service"
    walker.touch("service")
    assert walker.screen == "CodeView"
    enter_pin(walker)
    assert isinstance(walker.view, ServiceView)
    (check,) = [one for one in walker.effects if isinstance(one, effects.CheckCode)]
    assert (check.patient, check.digest, check.code) == (STAFF, "a digest", "123456")


def test_without_a_pin_nothing_opens() -> None:
    walker = at_a_box(service="")
    walker.touch("service")
    assert walker.screen == "NoticeView"
    walker.touch("done")
    assert walker.screen == "HomeView"


@pytest.mark.parametrize(
    ("facts", "lines"),
    [
        ({}, SAID.no_pin_lines),
        ({"box_file": "absent"}, SAID.no_pin_card_lines),
        ({"box_file": "used"}, SAID.no_pin_card_lines),  # it sets something else
        ({"box_file": "refused", "box_file_line": 7}, tuple(one.format(line=7) for one in SAID.no_pin_wrong_lines)),
        ({"box_file": "refused"}, SAID.no_pin_unread_lines),
    ],
)
def test_who_finds_no_pin_is_told_what_works_on_this_box(facts: dict[str, object], lines: tuple[str, ...]) -> None:
    walker = at_a_box(service="", **facts)
    walker.touch("service")
    assert isinstance(walker.view, NoticeView)
    assert walker.view.lines == lines
    assert not [one for one in lines if "{" in one]


def test_wrong_pins_wait_longer_and_longer_and_a_right_one_forgives() -> None:
    walker = at_a_box()
    walker.touch("service")
    for _ in range(3):
        enter_pin(walker, fits=False)
    assert walker.view.wait  # type: ignore[union-attr]
    assert walker.view.wrong == SAID.pin_wrong  # type: ignore[union-attr]
    walker.effects.clear()
    enter_pin(walker)
    assert not [one for one in walker.effects if isinstance(one, effects.CheckCode)]
    walker.wait_ms(31_000)
    enter_pin(walker)
    assert isinstance(walker.journey.place, Menu)
    assert not walker.journey.tries


def test_a_digit_may_be_taken_back_and_nothing_else_is_a_digit() -> None:
    walker = at_a_box()
    walker.touch("service")
    for target in ("key:1", "key:backspace", "key:backspace", "key:x", "key:", "picture:sun", "key:12"):
        walker.touch(target)
    assert walker.view.entered == 0  # type: ignore[union-attr]
    assert walker.view.length == DIGITS  # type: ignore[union-attr]


def test_an_open_staff_screen_closes_by_itself() -> None:
    walker = in_the_menu()
    walker.wait_ms(LEFT_MS - 1_000)
    assert isinstance(walker.journey.place, Menu)
    walker.wait_ms(2_000)
    assert isinstance(walker.journey.place, Home)


def test_on_a_shared_box_staff_need_nobodys_code_but_their_own() -> None:
    walker = shared_box()
    tell(walker)
    assert walker.view.staff == SAID.link  # type: ignore[union-attr]
    walker.touch("service")
    enter_pin(walker)
    walker.touch("death")
    walker.touch("person:durand")
    walker.touch("yes")
    walker.touch("yes")
    write = next(one for one in reversed(walker.effects) if isinstance(one, effects.Write) and one.reports)
    assert write.plan is not None
    assert write.plan.patient == "durand"
    assert walker.screen == "WhoView"
    assert [tile.target for tile in walker.view.people] == ["person:martin"]  # type: ignore[union-attr]


def test_nothing_of_staffs_stands_before_questions_that_wait_for_their_person() -> None:
    walker = shared_box()
    tell(walker)
    place = walker.journey.place
    assert isinstance(place, Who)
    resting = Walker()
    resting.to_playing()
    resting.sound("ended", 10, "heard_whole")
    walker.journey = replace(walker.journey, place=Who(under=resting.journey.place))
    assert walker.view.staff == ""  # type: ignore[union-attr]
    walker.touch("service")
    assert isinstance(walker.journey.place, Who)
    walker.feel(ButtonHeld(walker.clock()))
    assert isinstance(walker.journey.place, Who)


# The menu


def test_the_menu_says_how_the_box_is() -> None:
    walker = in_the_menu(waiting=3, room_mb=1200, sure_of_time=False, headphones="Casque X", version="9")
    tell(walker, waiting=3, room_mb=1200, sure_of_time=False, headphones="Casque X", version="9")
    lines = " ".join(walker.view.lines)  # type: ignore[union-attr]
    for said in ("box-7", "9", "3", "1200", "Casque X", SAID.clock_unsure, "1\u00a0minute"):
        assert said in lines


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"answered_ms": None, "answered_once": False}, SAID.never_answered),
        ({"answered_ms": None, "answered_once": True}, SAID.answered_unknown),
    ],
)
def test_what_is_not_known_of_the_network_is_not_said(facts: dict[str, object], said: str) -> None:
    assert said in in_the_menu(**facts).view.lines  # type: ignore[union-attr]


def test_the_screen_is_started_again_and_training_begins_from_the_menu() -> None:
    walker = in_the_menu()
    assert effects.RestartScreen() in walker.touch("restart")
    walker = in_the_menu()
    assert effects.Train(on=True) in walker.touch("training")
    walker = in_the_menu(training=True)
    targets = [tile.target for tile in walker.view.tiles]  # type: ignore[union-attr]
    assert "training" not in targets
    assert effects.Train(on=False) in walker.touch("training-end")


def test_a_training_that_nobody_touches_ends_by_itself_but_never_in_the_midst_of_a_care() -> None:
    walker = at_a_box(training=True)
    walker.touch("help")
    alarm_ms = alarm_of(walker.journey)
    assert alarm_ms is not None
    assert alarm_ms <= walker.clock.monotonic_ms + TRAINING_LEFT_MS
    assert effects.Train(on=False) not in walker.wait_ms(TRAINING_LEFT_MS - 1_000)
    assert effects.Train(on=False) in walker.wait_ms(1_000)
    walker = at_a_box(training=True)
    walker.to_playing()
    assert effects.Train(on=False) not in walker.wait_ms(2 * TRAINING_LEFT_MS)
    assert effects.Train(on=False) not in walker.sound("ended", 10, "heard_whole")
    walker = at_a_box()
    assert effects.Train(on=False) not in walker.wait_ms(2 * TRAINING_LEFT_MS)


def test_help_that_is_asked_in_training_says_that_nobody_is_told() -> None:
    walker = at_a_box(training=True)
    walker.touch("help")
    assert walker.view.state == WORDS.helping.training  # type: ignore[union-attr]
    walker.touch("ask")
    assert walker.view.state == WORDS.helping.training  # type: ignore[union-attr]
    walker.touch("done")
    assert walker.view.record == WORDS.helping.training  # type: ignore[union-attr]


# The level


def test_the_level_is_what_the_headphones_make_of_the_tone() -> None:
    walker = in_the_menu(dba_at_0_lufs=90.0, headphones="Casque X")
    sound = walker.touch("level")
    assert effects.TestSound(60.0 - 90.0 + 23.0) in sound
    assert isinstance(walker.view, LevelView)
    assert walker.view.level == "60\u00a0dBA"
    assert "Casque X" in walker.view.lines[-1]
    for _ in range(9):
        walker.touch("louder")
    assert walker.view.level == "67\u00a0dBA", "no louder than the card can, and never above 70"
    for _ in range(9):
        walker.touch("softer")
    assert walker.view.level == "50\u00a0dBA"
    walker.touch("done")
    assert isinstance(walker.journey.place, Menu)


# Death


def test_a_death_is_asked_twice_and_told_at_once() -> None:
    walker = in_the_menu()
    walker.touch("death")
    assert isinstance(walker.view, ConfirmStopView)
    assert "Madame Martin" in walker.view.question
    walker.touch("yes")
    assert not [one for one in walker.told if isinstance(one, DeathTold)]
    walker.touch("yes")
    assert [one for one in walker.told if isinstance(one, DeathTold)]
    assert walker.screen == "RestView"


def test_on_a_box_of_twelve_the_death_of_each_can_be_told_and_every_screen_has_room() -> None:
    walker = in_the_menu()
    twelve = [structs.replace(plan(), patient=Patient(id=f"p{n}", address_as=f"Madame {n}")) for n in range(12)]
    walker.feel(PlanChanged(walker.clock(), twelve[0], "", tuple(Resident(one) for one in twelve[1:])))
    walker.feel(StandingsTold(walker.clock(), (("p3", "deceased"),)))
    walker.touch("death")
    seen: set[str] = set()
    for _ in range(3):
        view = walker.view
        assert isinstance(view, ServiceView)
        assert len(view.tiles) <= MOST
        seen |= {tile.target for tile in view.tiles}
        walker.touch("more")
    assert seen == {f"person:p{n}" for n in range(12) if n != 3} | {"more"}
    walker.touch("person:p11")
    walker.touch("yes")
    walker.touch("yes")
    assert ("p11", "deceased") in walker.journey.standings


def test_the_second_touch_of_a_trembling_hand_tells_no_death() -> None:
    walker = in_the_menu()
    walker.touch("death")
    once = place(walker.view)
    walker.touch("yes")
    assert place(walker.view) != once  # the hand is waited for, as on every other screen


@pytest.mark.parametrize("touches", [("no",), ("yes", "no")])
def test_a_death_may_be_taken_back_before_it_is_told(touches: tuple[str, ...]) -> None:
    walker = in_the_menu()
    walker.touch("death")
    for target in touches:
        walker.touch(target)
    assert isinstance(walker.journey.place, Menu)
    assert not [one for one in walker.told if isinstance(one, DeathTold)]


def test_nothing_of_staffs_is_a_persons() -> None:
    """The digest and the tries of staff stay when a person goes; the place is nobody's."""
    walker = in_the_menu()
    other = structs.replace(plan(), patient=structs.replace(plan().patient, id="durand", address_as="Monsieur Durand"))
    walker.feel(PlanChanged(walker.clock(), other))
    assert isinstance(walker.journey.place, Menu)
    assert walker.journey.box is not None
    assert service.Service.of_a_person is False
    assert ears(other).patient == "durand"
