"""Help (A14): first what the box is not and what to do, then a request whose state is told truly."""

from dataclasses import replace

import pytest
from msgspec import structs

from kiosk.journey.effects import Write
from kiosk.journey.events import HelpRequest, HelpTold, PlanChanged, Truth
from kiosk.journey.helping import AGAIN_MS, CLOSED_MS, NOBODYS_MS, READ_TOLD_MS, TOLD_MS
from kiosk.journey.places.people import Who
from kiosk.journey.views import HelpView, HomeView
from mqtt_bridge.contract.identity import Patient
from mqtt_bridge.contract.report import CALL, HelpAsked, priority_of
from tests.kiosk_journey.test_people import shared_box, sign_in
from tests.support.journey import Walker
from tests.support.words_of_care import plan

PENDING, ARRIVED = "Message au soignant : pas encore parti.", "Message au soignant : arrivé, pas encore lu."
READ = "Message au soignant : lu par Claire, infirmière."


@pytest.fixture
def walker() -> Walker:
    return Walker()


def help_view(walker: Walker) -> HelpView:
    view = walker.view
    assert isinstance(view, HelpView)
    return view


def asked(walker: Walker) -> list[HelpAsked]:
    return [one for one in walker.told if isinstance(one, HelpAsked)]


def ask(walker: Walker) -> HelpRequest:
    walker.touch("help")
    walker.touch("ask")
    request = walker.journey.help
    assert request is not None
    return request


def tell(walker: Walker, truth: Truth, reader: str = "") -> None:
    request = walker.journey.help
    assert request is not None
    told = _where(request, truth, reader)
    walker.feel(HelpTold(walker.clock(), told))


def _where(request: HelpRequest, truth: Truth, reader: str) -> HelpRequest:
    return HelpRequest(request.help, request.patient, request.asked_ms, truth, reader)


def record(walker: Walker) -> str:
    assert isinstance(walker.view, HomeView)
    return walker.view.record


@pytest.mark.parametrize(
    ("place", "lines"),
    [
        ("establishment", ("Appuyez sur votre sonnette.",)),
        ("home", ("Urgence : appelez le 15 ou le 112.", "Idées suicidaires : appelez le 3114.")),
    ],
)
def test_the_first_words_are_that_the_box_does_not_call_for_rescue(place: str, lines: tuple[str, ...]) -> None:
    walker = Walker(structs.replace(plan(), place=place))
    walker.touch("help")
    view = help_view(walker)
    assert (view.title, view.lines) == ("Cette boîte n’appelle pas les secours.", lines)
    assert (view.ask, view.state, view.sent) == ("Prévenir un soignant", "", "no")
    assert not asked(walker)  # opening it asks nobody


def test_the_way_out_cannot_be_taken_for_asking(walker: Walker) -> None:
    """« D’accord » beside « Prévenir un soignant » may be read as yes: nobody would have been asked."""
    walker.touch("help")
    assert help_view(walker).done == "Retour"
    walker.touch("ask")
    assert help_view(walker).done == "D’accord"


def test_a_box_of_nobody_says_what_to_do_and_promises_no_carer(walker: Walker) -> None:
    walker.feel(PlanChanged(walker.clock(), None, "none"))
    walker.touch("help")
    view = help_view(walker)
    assert "Appuyez sur votre sonnette, si vous en avez une." in view.lines
    assert view.ask == ""
    walker.touch("ask")
    assert not asked(walker)


def test_a_request_is_written_at_once_before_everything_and_not_told_as_gone(walker: Walker) -> None:
    ask(walker)
    (request,) = asked(walker)
    assert priority_of(request) == CALL
    view = help_view(walker)
    assert (view.state, view.sent, view.ask) == (PENDING, "pending", "")


def test_its_state_is_told_as_it_is_and_home_shows_it(walker: Walker) -> None:
    ask(walker)
    walker.touch("done")
    assert record(walker) == PENDING
    tell(walker, "in_record")
    assert record(walker) == ARRIVED  # in the record is not read
    tell(walker, "in_record", "Claire, infirmière")
    assert record(walker) == READ
    assert isinstance(walker.view, HomeView)
    assert walker.view.in_record


def test_what_is_held_has_arrived_and_nobody_can_have_read_it_so_it_may_be_asked_again(walker: Walker) -> None:
    ask(walker)
    tell(walker, "held")
    assert help_view(walker).state == "Message au soignant : arrivé, pas encore lisible."
    assert help_view(walker).ask == ""  # not by a second touch
    walker.touch("done")
    walker.clock.pass_ms(60_000)
    ask(walker)
    assert len(asked(walker)) == 2


def test_asking_again_makes_no_second_request_within_an_hour(walker: Walker) -> None:
    ask(walker)
    walker.touch("done")
    walker.clock.pass_ms(5 * 60_000)
    walker.touch("help")
    view = help_view(walker)
    assert view.ask == ""
    assert view.lines[-1] == "Vous avez déjà prévenu un soignant."
    walker.touch("ask")
    assert len(asked(walker)) == 1


@pytest.mark.parametrize("why", ["an hour", "read"])
def test_asking_again_is_possible_after_an_hour_or_once_it_was_read(walker: Walker, why: str) -> None:
    ask(walker)
    walker.touch("done")
    if why == "read":
        tell(walker, "in_record", "Claire, infirmière")
    else:
        walker.clock.pass_ms(AGAIN_MS)
    walker.touch("help")
    assert help_view(walker).ask == "Prévenir un soignant"
    walker.touch("ask")
    first, second = asked(walker)
    assert first.help != second.help
    assert help_view(walker).state == PENDING


def test_who_has_read_it_is_told_for_an_hour(walker: Walker) -> None:
    ask(walker)
    walker.touch("done")
    tell(walker, "in_record", "Claire, infirmière")
    walker.clock.pass_ms(READ_TOLD_MS // 2)
    tell(walker, "in_record", "Claire, infirmière")  # told again by the next look: no new hour begins
    walker.clock.pass_ms(READ_TOLD_MS // 2)
    assert record(walker) == ""


def test_an_unread_request_stays_at_home_for_a_day(walker: Walker) -> None:
    ask(walker)
    walker.touch("done")
    walker.clock.pass_ms(TOLD_MS - 1_000)
    assert record(walker) == PENDING
    walker.clock.pass_ms(1_000)
    assert record(walker) == ""


def test_another_person_is_not_told_of_it(walker: Walker) -> None:
    ask(walker)
    other = structs.replace(plan(), id="plan-2", patient=Patient(id="durand", address_as="Monsieur Durand"))
    walker.feel(PlanChanged(walker.clock(), other))
    assert record(walker) == ""
    walker.touch("help")
    assert help_view(walker).ask == "Prévenir un soignant"


def test_help_is_over_the_question_which_is_there_again(walker: Walker) -> None:
    walker.touch("care:riviere")
    walker.touch("cone", 6)
    question = walker.view
    walker.touch("help")
    walker.touch("continue")  # nothing beneath is touched
    walker.touch("cone", 2)
    walker.touch("ask")
    assert asked(walker)[0].session == walker.session
    walker.touch("done")
    assert walker.view == question


def test_a_cut_under_help_loses_no_answer(walker: Walker) -> None:
    walker.touch("care:riviere")
    walker.touch("cone", 6)
    walker.touch("continue")
    walker.touch("help")
    walker.power_cut()
    assert walker.view.step == 3  # type: ignore[union-attr]


def test_the_button_starts_nothing_behind_help(walker: Walker) -> None:
    walker.to_ready()
    walker.touch("help")
    effects = walker.press()
    assert not [one for one in effects if type(one).__name__ == "Start"]
    walker.touch("done")
    walker.press()
    assert walker.screen == "PlayingView"


def test_nobody_closes_it_and_home_is_there_again(walker: Walker) -> None:
    walker.touch("help")
    walker.wait_ms(CLOSED_MS - 1_000)
    assert walker.screen == "HelpView"
    walker.wait_ms(1_000)
    assert walker.screen == "HomeView"


def test_no_help_stands_before_a_care_that_plays(walker: Walker) -> None:
    walker.to_playing()
    walker.touch("help")
    assert walker.screen == "PlayingView"
    walker.touch("stop")
    assert walker.screen == "ConfirmStopView"


def test_a_sound_that_began_takes_help_from_the_screen(walker: Walker) -> None:
    """A start that a kill kept from being noted: stop, softer and louder must be there."""
    walker.to_ready()
    walker.touch("help")
    walker.sound("playing", 1)
    assert walker.screen == "PlayingView"


def test_on_a_shared_box_help_needs_no_code_and_one_persons_request_is_not_shown_to_another() -> None:
    walker = shared_box()
    walker.touch("help")
    assert help_view(walker).lines == ("Appuyez sur votre sonnette.",)
    ask(walker)
    assert walker.journey.help is not None
    assert walker.journey.help.patient is None
    walker.touch("done")
    assert walker.screen == "WhoView"
    sign_in(walker, "martin")
    assert record(walker) == ""
    ask(walker)
    assert [one.help for one in asked(walker)] == list(dict.fromkeys(one.help for one in asked(walker)))
    walker.wait_ms(10 * 60_000)
    walker.wait_ms(60_000)
    assert walker.screen == "WhoView"  # help over the screen goes with its person
    sign_in(walker, "durand")
    assert record(walker) == ""


def test_who_asks_where_anothers_questions_wait_is_nobody_and_not_that_other() -> None:
    """Whoever asks at the dark box of another: staff must not be sent to the wrong person, and its state is told."""
    walker, resting = shared_box(), Walker()
    resting.to_playing()
    resting.sound("ended", 10, "heard_whole")
    walker.journey = replace(walker.journey, place=Who(under=resting.journey.place))
    request = ask(walker)
    (written,) = [
        one for one in walker.effects if isinstance(one, Write) and any(r in asked(walker) for r in one.reports)
    ]
    assert (request.patient, written.plan) == (None, None)
    assert written.draft is not None  # the questions wait on


def test_who_is_signed_in_asks_in_their_name() -> None:
    walker = shared_box()
    sign_in(walker, "durand")
    assert ask(walker).patient == "durand"
    (written,) = [
        one for one in walker.effects if isinstance(one, Write) and any(r in asked(walker) for r in one.reports)
    ]
    assert written.plan is not None
    assert written.plan.patient == "durand"


def test_who_has_asked_nobody_may_ask_though_another_did_who_was_not_signed_in() -> None:
    walker = shared_box()
    ask(walker)
    tell(walker, "in_record", "Claire, infirmière")
    walker.touch("done")
    walker.wait_ms(NOBODYS_MS)
    walker.touch("help")
    view = help_view(walker)
    assert (view.ask, view.state) == ("Prévenir un soignant", "")  # nobody has read what they have not asked
    walker.touch("done")
    ask(walker)
    walker.touch("done")
    walker.wait_ms(NOBODYS_MS)
    ask(walker)
    assert len(asked(walker)) == 3
