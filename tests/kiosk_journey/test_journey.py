"""The journey as a person walks it: one sentence of the mission, one test."""

import pytest
from msgspec import structs

from kiosk.journey.effects import Collect, Prepare, SetGain, Start, Stop, Write
from kiosk.journey.events import ButtonHeld, PlanChanged, PlayerGone, RoomRefused, Sound, SoundReported
from kiosk.journey.listening import PLAYER_BACK_MS, READY_MS_MAX
from kiosk.journey.views import (
    ChoosingView,
    CommentView,
    ConeView,
    HelpView,
    HomeView,
    NoticeView,
    PlayingView,
    ReadyView,
)
from mqtt_bridge.contract.identity import Period
from mqtt_bridge.contract.report import Evaluation, Listening
from tests.support.journey import Walker
from tests.support.words_of_care import DAY_MS, DBA_AT_0_DB, NOW_MS, plan, request


@pytest.fixture
def walker() -> Walker:
    return Walker()


def test_only_what_is_prescribed_and_in_force_is_shown(walker: Walker) -> None:
    view = walker.view
    assert isinstance(view, HomeView)
    assert [tile.target for tile in view.tiles] == ["care:riviere"]
    walker.touch("care:another")
    assert walker.screen == "HomeView"
    walker.feel(PlanChanged(walker.clock(), None, "none"))
    assert isinstance(walker.view, HomeView)
    assert walker.view.tiles == ()


@pytest.mark.parametrize("problem", ["expired", "future", "unsigned"])
def test_a_plan_with_a_problem_does_not_play(walker: Walker, problem: str) -> None:
    walker.feel(PlanChanged(walker.clock(), plan(), problem))  # type: ignore[arg-type]
    walker.touch("care:riviere")
    assert walker.journey.count == 0
    assert not any(isinstance(effect, Prepare) for effect in walker.effects)


def test_a_plan_that_expires_under_the_finger_is_told_calmly() -> None:
    walker = Walker(structs.replace(plan(), period=Period(start_ms=NOW_MS - DAY_MS, end_ms=NOW_MS + 100)))
    walker.touch("care:riviere")
    assert isinstance(walker.view, NoticeView)
    assert "prescrit" in walker.view.title


def test_several_cares_are_chosen_on_a_screen_of_their_own() -> None:
    walker = Walker(plan(*(request(f"soin-{n}") for n in range(4))))
    assert isinstance(walker.view, HomeView)
    assert [tile.target for tile in walker.view.tiles] == ["choose"]
    walker.touch("choose")
    assert walker.screen == "ChoosingView"
    walker.touch("care:soin-2")
    assert walker.screen == "ConeView"


def test_forty_cares_are_all_within_reach() -> None:
    walker = Walker(plan(*(request(f"soin-{n}") for n in range(40))))
    walker.touch("choose")
    seen: set[str] = set()
    for _ in range(8):
        view = walker.view
        assert isinstance(view, ChoosingView)
        assert len(view.tiles) <= 6
        seen |= {tile.target for tile in view.tiles}
        walker.touch("more")
    assert seen == {f"care:soin-{n}" for n in range(40)} | {"more"}
    assert isinstance(walker.view, ChoosingView)
    assert walker.view.tiles[0].target == "care:soin-0"


def test_the_whole_journey_in_order(walker: Walker) -> None:
    walker.touch("care:riviere")
    walker.evaluate(6, 7, 5, 4, 2)
    seen = []
    while walker.screen == "TextView":
        seen.append(walker.view.paragraph)  # type: ignore[union-attr]
        walker.touch("continue")
    assert seen == ["Vous allez écouter.", "Sans pause.", "Installez-vous."]
    waiting = walker.view
    assert isinstance(waiting, ReadyView)
    assert not waiting.armed
    walker.sound("ready")
    armed = walker.view
    assert isinstance(armed, ReadyView)
    assert armed.armed
    walker.press()
    walker.sound("playing", 5)
    assert walker.screen == "PlayingView"
    walker.sound("ended", 10, "heard_whole")
    walker.evaluate(2, 3, 4, 1, 7)
    assert walker.screen == "ThanksView"
    before, heard, after = walker.reports
    assert isinstance(before, Evaluation)
    assert isinstance(heard, Listening)
    assert isinstance(after, Evaluation)
    assert [before.response.score(n) for n in ("angoisse", "plaisir")] == [6, 2]
    assert (heard.outcome, heard.frames_played, heard.frames_total) == ("heard_whole", 480_000, 480_000)
    assert [after.response.score(n) for n in ("angoisse", "plaisir")] == [2, 7]
    assert before.session == heard.session == after.session
    assert walker.draft is None


def test_unanswered_is_shown_as_unanswered_and_cannot_be_confirmed(walker: Walker) -> None:
    walker.touch("care:riviere")
    question = walker.view
    assert isinstance(question, ConeView)
    assert question.value is None
    walker.touch("plus")
    walker.touch("continue")
    assert walker.view == question


def test_an_answer_changes_until_it_is_confirmed(walker: Walker) -> None:
    walker.touch("care:riviere")
    for target, height, expected in [
        ("cone", 6, 6),
        ("plus", None, 7),
        ("minus", None, 6),
        ("cone", 0, 0),
        ("minus", None, 0),
    ]:
        walker.touch(target, height)
        assert isinstance(walker.view, ConeView)
        assert walker.view.value == expected
    walker.touch("continue")
    walker.touch("back")
    assert isinstance(walker.view, ConeView)
    assert walker.view.value == 0
    walker.touch("cone", 3)
    walker.touch("continue")
    walker.evaluate(1, 1, 1, 1)
    (report,) = walker.reports
    assert isinstance(report, Evaluation)
    assert report.response.score("angoisse") == 3


def test_declined_is_not_zero(walker: Walker) -> None:
    walker.touch("care:riviere")
    walker.touch("decline")
    walker.evaluate(0, 1, 1, 1)
    (report,) = walker.reports
    assert isinstance(report, Evaluation)
    declined, zero = report.response.item[:2]
    assert (declined.answer, declined.absent_reason) == ((), "asked-declined")
    assert (zero.answer[0].value_integer, zero.absent_reason) == (0, None)


def test_a_declined_question_says_so_when_one_comes_back(walker: Walker) -> None:
    walker.touch("care:riviere")
    walker.touch("decline")
    walker.touch("back")
    assert isinstance(walker.view, ConeView)
    assert walker.view.declined
    walker.touch("continue")
    assert isinstance(walker.view, ConeView)
    assert walker.view.step == 3


def test_a_comment_is_written_corrected_and_kept(walker: Walker) -> None:
    walker.touch("care:riviere")
    for _ in range(5):
        walker.touch("decline")
    for key in ("shift", "É", "t", "x", "backspace", "é", " ", "symbols", "!", "letters", "a"):
        walker.touch(f"key:{key}")
    assert isinstance(walker.view, CommentView)
    assert (walker.view.text, walker.view.layer) == ("Été !a", "letters")
    walker.touch("continue")
    (report,) = walker.reports
    assert isinstance(report, Evaluation)
    assert report.response.item[-1].answer[0].value_string == "Été !a"


def test_the_button_before_the_sound_is_ready_starts_nothing(walker: Walker) -> None:
    walker.touch("care:riviere")
    walker.evaluate()
    while walker.screen == "TextView":
        walker.touch("continue")
    assert walker.press() == ()


def test_a_hundred_presses_start_one_care(walker: Walker) -> None:
    walker.to_ready()
    for _ in range(100):
        walker.press()
    assert sum(isinstance(effect, Start) for effect in walker.effects) == 1


def test_the_sound_is_ordered_before_the_disk_and_the_disk_before_the_screen(walker: Walker) -> None:
    walker.to_ready()
    effects = walker.press()
    assert [type(effect).__name__ for effect in effects] == ["Start", "Write", "Light"]


def test_there_is_no_pause(walker: Walker) -> None:
    walker.to_playing()
    before = walker.screen
    for target in ("back", "continue", "done", "cone", "pause", "help"):
        walker.touch(target, 3)
        walker.press()
        assert walker.screen == before
    assert not any(isinstance(effect, Stop) for effect in walker.effects)


@pytest.mark.parametrize("by", ["a long press", "the tile"])
def test_stopping_is_asked_once_and_recorded_as_stopped(walker: Walker, by: str) -> None:
    walker.to_playing()
    if by == "a long press":
        walker.feel(ButtonHeld(walker.clock()))
    else:
        walker.touch("stop")
    assert walker.screen == "ConfirmStopView"
    assert not any(isinstance(effect, Stop) for effect in walker.effects)  # the sound goes on
    walker.touch("yes")
    walker.touch("stop")
    walker.touch("yes")
    assert sum(isinstance(effect, Stop) for effect in walker.effects) == 1
    walker.sound("ended", 4, "stopped")
    assert walker.reports[-1].outcome == "stopped"  # type: ignore[union-attr]
    assert walker.screen == "StopWhyView"
    walker.touch("skip")
    assert walker.screen == "ConeView"


def test_not_stopping_after_all_changes_nothing(walker: Walker) -> None:
    walker.to_playing()
    walker.touch("stop")
    walker.sound("playing", 6)
    walker.touch("no")
    assert isinstance(walker.view, PlayingView)
    assert walker.view.fraction == pytest.approx(0.6)


def test_softer_and_louder_stay_within_the_plan(walker: Walker) -> None:
    walker.to_playing()
    for _ in range(20):
        walker.touch("louder")
    gains = [effect.gain_db for effect in walker.effects if isinstance(effect, SetGain)]
    assert max(gains) == pytest.approx(80 - DBA_AT_0_DB)
    for _ in range(40):
        walker.touch("softer")
    gains = [effect.gain_db for effect in walker.effects if isinstance(effect, SetGain)]
    assert min(gains) >= -40


def test_the_night_dims_after_a_minute_and_any_touch_wakes_it(walker: Walker) -> None:
    walker.to_playing()
    walker.clock.pass_ms(61_000)
    walker.sound("playing", 8)
    assert isinstance(walker.view, PlayingView)
    assert walker.view.dim
    walker.touch("wake")
    assert isinstance(walker.view, PlayingView)
    assert not walker.view.dim


def test_after_a_sleep_care_it_is_dark_and_the_delay_is_told() -> None:
    walker = Walker(plan(request("nuit", "sleep")))
    walker.to_playing("nuit")
    walker.sound("ended", 10, "heard_whole")
    assert walker.screen == "RestView"
    walker.clock.pass_ms(7 * 3600_000)
    walker.touch("wake")
    walker.evaluate()
    report = walker.reports[-1]
    assert isinstance(report, Evaluation)
    assert report.delay_s == pytest.approx(7 * 3600, abs=5)


def test_nobody_answers_after_a_care_dark_and_then_kept_as_not_asked(walker: Walker) -> None:
    walker.to_playing()
    walker.sound("ended", 10, "heard_whole")
    walker.touch("cone", 4)
    walker.touch("continue")
    walker.wait_ms(5 * 60_000)
    assert walker.screen == "RestView"
    walker.wait_ms(12 * 3600_000)
    assert walker.screen == "HomeView"
    report = walker.reports[-1]
    assert isinstance(report, Evaluation)
    assert report.response.status == "stopped"
    assert [item.absent_reason for item in report.response.item] == [None, *["not-asked"] * 5]


def test_a_sound_that_fails_is_told_calmly_and_recorded(walker: Walker) -> None:
    walker.to_ready()
    walker.sound("ended", 0, "failed", "package-damaged")
    assert isinstance(walker.view, NoticeView)
    assert walker.view.code == "package-damaged"
    assert walker.reports[-1].cause == "package-damaged"  # type: ignore[union-attr]
    walker.touch("done")
    assert walker.screen == "HomeView"


def test_a_player_that_never_answers_is_not_waited_for_for_ever(walker: Walker) -> None:
    walker.touch("care:riviere")
    walker.evaluate()
    while walker.screen == "TextView":
        walker.touch("continue")
    walker.wait_ms(READY_MS_MAX)
    assert isinstance(walker.view, NoticeView)
    assert walker.view.code == "player-silent"


def test_a_player_that_restarts_before_the_button_is_told_again(walker: Walker) -> None:
    walker.to_ready()
    walker.feel(PlayerGone(walker.clock()))
    assert walker.press() == ()
    effects = walker.feel(SoundReported(walker.clock(), Sound("idle")))
    assert [type(effect).__name__ for effect in effects] == ["Prepare"]


def test_a_player_that_is_lost_while_playing_is_an_interruption(walker: Walker) -> None:
    walker.to_playing()
    for second in range(1, 26):
        walker.sound("playing", second / 3)
    walker.feel(PlayerGone(walker.clock()))
    walker.wait_ms(PLAYER_BACK_MS)
    report = walker.reports[-1]
    assert isinstance(report, Listening)
    assert (report.outcome, report.cause, report.frames_exact) == ("interrupted", "player-lost", False)
    assert report.frames_played <= 25 / 3 * 48_000


def test_a_player_found_again_still_playing_is_no_interruption(walker: Walker) -> None:
    walker.to_playing()
    walker.feel(PlayerGone(walker.clock()))
    walker.sound("playing", 3)
    assert walker.screen == "PlayingView"
    assert len(walker.reports) == 1


def test_no_room_no_session(walker: Walker) -> None:
    walker.touch("care:riviere")
    walker.evaluate()
    while walker.screen == "TextView":
        walker.touch("continue")
    walker.feel(RoomRefused(walker.clock()))
    assert isinstance(walker.view, NoticeView)
    assert "pleine" in walker.view.title
    assert walker.press() == ()


def test_a_result_is_forgotten_by_the_player_only_once_written(walker: Walker) -> None:
    walker.to_playing()
    effects = walker.sound("ended", 10, "heard_whole")
    kinds = [type(effect) for effect in effects]
    assert kinds.index(Write) < kinds.index(Collect)


def test_help_says_what_the_box_is_not() -> None:
    for place, words in (("establishment", "sonnette"), ("home", "15 ou le 112")):
        walker = Walker(structs.replace(plan(), place=place))
        walker.touch("help")
        assert isinstance(walker.view, HelpView)
        assert "n’appelle pas les secours" in walker.view.title
        assert words in " ".join(walker.view.lines)


def test_a_session_of_nobody_is_stopped_and_forgotten(walker: Walker) -> None:
    assert walker.sound("playing", 3, session="unknown") == (Stop("unknown"),)
    assert walker.sound("ended", 3, "stopped", session="unknown") == (Collect("unknown"),)
