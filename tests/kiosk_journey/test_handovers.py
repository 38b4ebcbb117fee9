"""Another person, a player that comes and goes, a finger that turns back: found by a hostile reader."""

import pytest
from msgspec import structs

from kiosk.journey.effects import Collect, Prepare, Start, Stop
from kiosk.journey.events import PlanChanged, PlayerGone, PowerReturned, RecordTold, Sound, SoundReported
from kiosk.journey.listening import READY_MS_MAX, STOP_MS_MAX
from kiosk.journey.state import Journey
from kiosk.journey.views import CommentView, HomeView, NoticeView
from mqtt_bridge.contract.care import CarePlan, PackageReference
from mqtt_bridge.contract.identity import Patient, Period
from mqtt_bridge.contract.report import Evaluation, Listening
from tests.support.journey import Walker
from tests.support.words_of_care import DAY_MS, NOW_MS, plan, request


@pytest.fixture
def walker() -> Walker:
    return Walker()


def another_plan() -> CarePlan:
    return structs.replace(plan(), id="plan-2", patient=Patient(id="durand", address_as="Monsieur Durand"))


def to_waiting(walker: Walker) -> None:
    walker.touch("care:riviere")
    walker.evaluate()
    while walker.screen == "TextView":
        walker.touch("continue")


def test_a_player_that_was_away_when_all_was_made_ready_is_asked_again(walker: Walker) -> None:
    to_waiting(walker)
    effects = walker.feel(SoundReported(walker.clock(), Sound("idle")))
    assert [type(effect) for effect in effects] == [Prepare]


def test_a_player_that_goes_late_is_waited_for_anew(walker: Walker) -> None:
    walker.to_ready()
    walker.wait_ms(READY_MS_MAX + 5_000)
    walker.feel(PlayerGone(walker.clock()))
    walker.wait_ms(1_000)
    assert walker.screen == "ReadyView"


@pytest.mark.parametrize("cause", ["kiosk-away", "player-stopped"])
def test_a_care_that_nobody_started_is_no_listening(walker: Walker, cause: str) -> None:
    walker.to_ready()
    effects = walker.sound("ended", 0, "interrupted", cause)
    assert not [report for report in walker.reports if isinstance(report, Listening)]
    assert [type(effect) for effect in effects][-2:] == [Collect, Prepare]
    assert walker.screen == "ReadyView"


@pytest.mark.parametrize("where", ["questions", "dark", "thanks"])
def test_nothing_of_the_former_person_stays_on_the_screen(walker: Walker, where: str) -> None:
    walker.to_playing()
    walker.sound("ended", 10, "heard_whole")
    walker.touch("cone", 9)
    walker.touch("continue")
    if where == "dark":
        walker.wait_ms(5 * 60_000)
    if where == "thanks":
        walker.evaluate(1, 1, 1, 1)
    walker.feel(PlanChanged(walker.clock(), another_plan()))
    assert isinstance(walker.view, HomeView)
    assert walker.view.greeting == "Bonjour Monsieur Durand"
    report = walker.reports[-1]
    assert isinstance(report, Evaluation)
    assert (report.response.subject.reference, report.response.score("angoisse")) == ("Patient/martin", 9)


def test_another_person_is_not_told_of_the_formers_record(walker: Walker) -> None:
    walker.feel(RecordTold(walker.clock(), "martin", "s", "in_record", "Claire, infirmière"))
    walker.feel(PlanChanged(walker.clock(), another_plan()))
    assert isinstance(walker.view, HomeView)
    assert (walker.view.record, walker.view.read) == ("", "")


def test_the_formers_record_is_not_told_after_a_stop_and_a_new_plan(walker: Walker) -> None:
    walker.feel(RecordTold(walker.clock(), "martin", "s", "in_record", "Claire, infirmière"))
    walker.feel(PlanChanged(walker.clock(), None, "none"))
    walker.feel(PlanChanged(walker.clock(), another_plan()))
    assert isinstance(walker.view, HomeView)
    assert (walker.view.record, walker.view.read) == ("", "")


@pytest.mark.parametrize("change", ["stopped", "expired", "another care", "another package"])
def test_what_is_no_longer_prescribed_does_not_start_though_all_was_ready(walker: Walker, change: str) -> None:
    walker.to_ready()
    other = structs.replace(request(), package=PackageReference(id="riviere", fingerprint="b" * 64))
    told = {
        "stopped": PlanChanged(walker.clock(), None, "none"),
        "expired": PlanChanged(walker.clock(), plan(), "expired"),
        "another care": PlanChanged(walker.clock(), plan(request("autre"))),
        "another package": PlanChanged(walker.clock(), plan(other)),
    }
    walker.feel(told[change])
    assert isinstance(walker.view, NoticeView)
    assert walker.press() == ()


def test_a_plan_that_ends_while_all_is_ready_does_not_start() -> None:
    walker = Walker(structs.replace(plan(), period=Period(start_ms=NOW_MS - DAY_MS, end_ms=NOW_MS + 60_000)))
    walker.to_ready()
    walker.clock.pass_ms(120_000)
    assert not [effect for effect in walker.press() if isinstance(effect, Start)]
    assert isinstance(walker.view, NoticeView)


def test_the_formers_care_is_not_made_ready_for_another_after_a_restart(walker: Walker) -> None:
    walker.to_ready()
    draft = walker.draft
    walker.journey = Journey("1" * 16)
    walker.feel(PlanChanged(walker.clock(), another_plan()))
    walker.feel(PowerReturned(walker.clock(), draft))
    effects = walker.feel(SoundReported(walker.clock(), Sound("idle")))
    assert not [effect for effect in effects if isinstance(effect, Prepare)]
    assert walker.screen == "HomeView"


def test_another_person_is_not_asked_about_the_formers_care(walker: Walker) -> None:
    walker.to_playing()
    walker.feel(PlanChanged(walker.clock(), another_plan()))
    assert walker.screen == "PlayingView"  # it goes on to its end
    walker.sound("ended", 10, "heard_whole")
    assert walker.screen == "HomeView"


def test_what_was_confirmed_is_kept_when_one_goes_back_home(walker: Walker) -> None:
    walker.touch("care:riviere")
    walker.touch("cone", 9)
    walker.touch("continue")
    for _ in ("the second question", "the first", "who answers"):
        walker.touch("back")
    assert walker.screen == "HomeView"
    (report,) = walker.reports
    assert isinstance(report, Evaluation)
    assert (report.response.status, report.response.score("angoisse")) == ("stopped", 9)


@pytest.mark.parametrize("what", ["power cut", "turning back"])
def test_words_under_way_are_kept(walker: Walker, what: str) -> None:
    walker.touch("care:riviere")
    for _ in range(5):
        walker.touch("decline")
    for key in "mal":
        walker.touch(f"key:{key}")
    if what == "power cut":
        walker.power_cut()
    else:
        walker.touch("back")
        walker.touch("continue")
    assert isinstance(walker.view, CommentView)
    assert walker.view.text == "mal"


def test_a_strange_sound_is_told_to_stop_once(walker: Walker) -> None:
    assert walker.sound("playing", 1, session="old") == (Stop("old"),)
    assert walker.sound("fading", 1, session="old") == ()


def test_a_stop_that_never_comes_is_given_up_and_told(walker: Walker) -> None:
    walker.to_playing()
    walker.touch("stop")
    walker.touch("yes")
    walker.sound("fading", 2)
    walker.wait_ms(STOP_MS_MAX)
    assert isinstance(walker.view, NoticeView)
    report = walker.reports[-1]
    assert isinstance(report, Listening)
    assert (report.outcome, report.cause) == ("interrupted", "player-silent")
