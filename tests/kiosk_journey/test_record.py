"""What the record says of an evening: the plan's own loudness, what was heard, whose answers, and since when."""

from dataclasses import replace

import pytest
from msgspec import structs

from kiosk.journey.effects import Collect, Prepare, Reserve, SetGain, Stop, Write
from kiosk.journey.evaluation import LEFT_BEFORE_MS
from kiosk.journey.events import PlanChanged, PlayerGone, Sound, SoundReported
from kiosk.journey.filling import TEXT_MAX
from kiosk.journey.listening import GAPS_MAX, LEFT_READY_MS
from kiosk.journey.state import Playing
from kiosk.journey.step import THANKS_MS
from kiosk.journey.views import NoticeView
from mqtt_bridge.contract.care import CarePlan
from mqtt_bridge.contract.identity import Patient
from mqtt_bridge.contract.report import Evaluation, Gap, Listening, Outcome
from tests.support.journey import WORDS, Walker
from tests.support.words_of_care import plan, request

QUIET_DB = -21.0


@pytest.fixture
def walker() -> Walker:
    return Walker()


def another_plan() -> CarePlan:
    return structs.replace(plan(), id="plan-2", patient=Patient(id="durand", address_as="Monsieur Durand"))


def evaluation(walker: Walker) -> Evaluation:
    report = walker.reports[-1]
    assert isinstance(report, Evaluation)
    return report


def listening(walker: Walker) -> Listening:
    (report,) = [report for report in walker.reports if isinstance(report, Listening)]
    return report


def to_waiting(walker: Walker) -> None:
    walker.touch("care:riviere")
    walker.evaluate()
    while walker.screen == "TextView":
        walker.touch("continue")


# What the plan prescribes is what the player is told


def test_the_player_is_told_what_was_prescribed_and_how_loud() -> None:
    walker = Walker(plan(structs.replace(request(), gain_db=QUIET_DB)))
    to_waiting(walker)
    prepare = next(effect for effect in walker.effects if isinstance(effect, Prepare))
    assert (prepare.session, prepare.package, prepare.fingerprint, prepare.gain_db) == (
        walker.session, "riviere", "a" * 64, QUIET_DB,
    )  # fmt: skip


def test_softer_and_louder_begin_at_the_plans_own_level() -> None:
    walker = Walker(plan(structs.replace(request(), gain_db=QUIET_DB)))
    walker.to_ready()
    walker.press()
    walker.touch("softer")
    assert [effect.gain_db for effect in walker.effects if isinstance(effect, SetGain)] == [QUIET_DB - 3]


def test_a_kiosk_that_finds_the_sound_again_finds_its_level_and_its_position(walker: Walker) -> None:
    walker.to_playing()
    for second in (5, 12):
        walker.sound("playing", second)
    session = walker.session
    walker.power_cut()
    walker.feel(SoundReported(walker.clock(), Sound("playing", session, 480_000, 576_000, 48_000, gain_db=QUIET_DB)))
    assert isinstance(walker.journey.place, Playing)
    assert walker.draft is not None
    assert walker.draft.frames_played == 12 * 48_000  # a second cut now would still tell twelve seconds
    walker.touch("softer")
    assert [effect.gain_db for effect in walker.effects if isinstance(effect, SetGain)] == [QUIET_DB - 3]


def test_room_is_kept_before_a_care_is_made_ready(walker: Walker) -> None:
    to_waiting(walker)
    kinds = [type(effect) for effect in walker.effects]
    assert kinds.index(Reserve) < kinds.index(Prepare)


# What was heard


def test_every_gap_is_counted_and_the_first_hundred_told(walker: Walker) -> None:
    walker.to_playing()
    gaps = tuple(Gap(at_frame=n, duration_ms=5.0) for n in range(GAPS_MAX + 50))
    heard = Sound("ended", walker.session, 480_000, 480_000, 48_000, gaps, len(gaps), -9.0, "heard_whole")
    walker.feel(SoundReported(walker.clock(), heard))
    report = listening(walker)
    assert (report.gaps, report.gaps_total, report.gain_db) == (gaps[:GAPS_MAX], GAPS_MAX + 50, -9.0)


def test_a_care_that_ended_while_the_kiosk_was_away_began_when_it_began(walker: Walker) -> None:
    walker.to_playing()
    assert isinstance(walker.journey.place, Playing)
    began, session = walker.journey.place.started, walker.session
    walker.power_cut(minutes=3)
    walker.sound("ended", 10, "heard_whole", session=session)
    assert listening(walker).started == began


@pytest.mark.parametrize(
    ("outcome", "cause", "heard_s", "said"),
    [
        ("failed", "device-lost", 4, "sound-lost"),
        ("failed", "package-damaged", 4, "care-broken"),
        ("failed", "device-lost", 0, "no-sound"),
        ("failed", "package-damaged", 0, "care-failed"),
        ("interrupted", "kiosk-away", 4, "care-interrupted"),
    ],
)
def test_a_care_that_had_begun_and_one_that_never_did_are_not_told_alike(
    walker: Walker, outcome: Outcome, cause: str, heard_s: float, said: str
) -> None:
    walker.to_playing()
    walker.sound("ended", heard_s, outcome, cause)
    assert isinstance(walker.view, NoticeView)
    assert listening(walker).outcome == outcome
    assert (walker.view.title, walker.view.lines) == (WORDS.notice[said].title, WORDS.notice[said].lines)
    begun = "ne peut pas commencer" not in walker.view.title
    assert begun is (heard_s > 0)
    walker.touch("done")
    assert walker.screen == "HomeView"


def test_who_reads_that_they_may_ask_for_help_can_do_so_there(walker: Walker) -> None:
    walker.to_playing()
    walker.sound("ended", 4, "failed", "device-lost")
    assert isinstance(walker.view, NoticeView)
    assert walker.view.help == WORDS.help
    told = walker.view
    walker.touch("help")
    assert walker.screen == "HelpView"
    walker.touch("done")
    assert walker.view == told


def test_a_card_lost_while_the_kiosk_was_away_is_told_of_a_care_that_had_begun(walker: Walker) -> None:
    walker.to_playing()
    walker.sound("playing", 12)
    session = walker.session
    walker.power_cut()
    walker.sound("ended", 13, "failed", "device-lost", session=session)
    assert isinstance(walker.view, NoticeView)
    assert walker.view.lines == WORDS.notice["sound-lost"].lines
    assert [report.moment for report in walker.reports if isinstance(report, Evaluation)] == ["before"], "kept"


def test_a_sleep_care_that_was_stopped_did_not_put_to_sleep() -> None:
    walker = Walker(plan(request("nuit", "sleep")))
    walker.to_playing("nuit")
    walker.sound("ended", 4, "stopped")
    walker.touch("skip")
    assert walker.screen == "ConeView"


# Whose answers, and which


def test_answers_of_the_former_person_travel_under_the_plan_they_were_given_under(walker: Walker) -> None:
    walker.to_playing()
    walker.sound("ended", 10, "heard_whole")
    walker.touch("cone", 9)
    walker.touch("continue")
    walker.feel(PlanChanged(walker.clock(), another_plan()))
    last = [effect for effect in walker.effects if isinstance(effect, Write) and effect.reports][-1]
    assert last.plan is not None
    assert (last.plan.patient, last.plan.plan) == ("martin", "plan-1")


@pytest.mark.parametrize("what", ["questions", "explanation"])
def test_after_a_cut_another_person_does_not_go_on_with_the_formers_care(walker: Walker, what: str) -> None:
    walker.touch("care:riviere")
    walker.touch("cone", 9)
    walker.touch("continue")
    if what == "explanation":
        walker.evaluate(1, 1, 1, 1)
    reports = len(walker.reports)
    walker.journey = replace(walker.journey, plan=another_plan())  # came while the kiosk was down
    walker.power_cut()
    assert walker.screen == "HomeView"
    if what == "questions":
        assert len(walker.reports) == reports + 1
        assert evaluation(walker).response.subject.reference == "Patient/martin"


def test_after_a_cut_in_another_boot_nobody_knows_who_is_there(walker: Walker) -> None:
    walker.touch("care:riviere")
    walker.touch("cone", 6)
    walker.touch("continue")
    walker.power_cut(same_boot=False)  # its monotonic clock began anew: a difference would say "just now"
    assert walker.screen == "HomeView"
    assert (evaluation(walker).response.status, evaluation(walker).response.score("angoisse")) == ("stopped", 6)


def test_the_night_does_not_go_on_in_another_boot() -> None:
    walker = Walker(plan(request("nuit", "sleep")))
    walker.to_playing("nuit")
    walker.sound("ended", 10, "heard_whole")
    walker.power_cut(same_boot=False, minutes=60)
    assert walker.screen == "HomeView"
    report = evaluation(walker)
    assert (report.moment, report.response.status, report.delay_s) == ("after", "stopped", 0.0)


def test_the_night_goes_on_after_a_kill_and_the_morning_answers_are_those_after_the_care() -> None:
    walker = Walker(plan(request("nuit", "sleep")))
    walker.to_playing("nuit")
    walker.sound("ended", 10, "heard_whole")
    walker.power_cut(minutes=60)
    assert walker.screen == "RestView"
    walker.touch("wake")
    walker.evaluate(1, 1, 1, 1, 8)
    report = evaluation(walker)
    assert (report.moment, report.response.score("plaisir")) == ("after", 8)
    assert report.delay_s == pytest.approx(3600, abs=5)


def test_how_long_the_questions_waited_is_not_told_across_two_boots(walker: Walker) -> None:
    walker.to_playing()
    walker.sound("ended", 10, "heard_whole")
    walker.clock.boot, walker.clock.monotonic_ms = "boot-2", 900_000
    walker.evaluate()
    assert evaluation(walker).delay_s == 0.0


@pytest.mark.parametrize("typed", ["", "   "])
def test_a_comment_that_nobody_wrote_is_declined_not_an_empty_one(walker: Walker, typed: str) -> None:
    walker.touch("care:riviere")
    for _ in range(5):
        walker.touch("decline")
    for key in typed:
        walker.touch(f"key:{key}")
    walker.touch("back")
    assert walker.draft is not None
    assert (walker.draft.items[-1].answer, walker.draft.items[-1].absent_reason) == ((), "not-asked")
    walker.touch("continue")
    walker.touch("continue")
    comment = evaluation(walker).response.item[-1]
    assert (comment.answer, comment.absent_reason) == ((), "asked-declined")


def test_a_comment_ends_at_its_limit_and_the_report_is_still_written(walker: Walker) -> None:
    walker.touch("care:riviere")
    for _ in range(5):
        walker.touch("decline")
    for _ in range(TEXT_MAX + 20):
        walker.touch("key:a")
    walker.touch("continue")
    assert evaluation(walker).response.item[-1].answer[0].value_string == "a" * TEXT_MAX


# Left alone


def test_questions_that_nobody_answered_before_a_care_leave_no_report(walker: Walker) -> None:
    walker.touch("care:riviere")
    walker.wait_ms(LEFT_BEFORE_MS - 1_000)
    assert walker.screen == "ConeView"
    walker.wait_ms(1_000)
    assert walker.screen == "HomeView"
    assert walker.reports == []
    assert walker.draft is None


def test_questions_left_half_way_are_told_as_stopped(walker: Walker) -> None:
    walker.touch("care:riviere")
    walker.touch("cone", 7)
    walker.touch("continue")
    walker.wait_ms(LEFT_BEFORE_MS)
    assert walker.screen == "HomeView"
    assert (evaluation(walker).response.status, evaluation(walker).response.score("angoisse")) == ("stopped", 7)


@pytest.mark.parametrize("how", ["by touch", "by waiting"])
def test_a_care_that_nobody_starts_is_let_go_by_the_player_too(walker: Walker, how: str) -> None:
    walker.to_ready()
    effects = walker.touch("back") if how == "by touch" else walker.wait_ms(LEFT_READY_MS)
    assert walker.screen == "HomeView"
    assert [type(effect) for effect in effects if isinstance(effect, Stop | Collect)] == [Stop, Collect]


def test_thanks_give_way_to_home(walker: Walker) -> None:
    walker.to_playing()
    walker.sound("ended", 10, "heard_whole")
    walker.evaluate()
    assert walker.screen == "ThanksView"
    walker.wait_ms(THANKS_MS)
    assert walker.screen == "HomeView"


def test_a_player_busy_with_a_former_session_is_freed_and_asked_again(walker: Walker) -> None:
    to_waiting(walker)
    effects = walker.sound("ended", 3, "stopped", session="former")
    assert effects == (Collect("former"), next(e for e in walker.effects if isinstance(e, Prepare)))


def test_two_cares_of_one_evening_are_two_sessions(walker: Walker) -> None:
    sessions = set()
    for _ in range(2):
        walker.to_playing()
        sessions.add(walker.session)
        walker.sound("ended", 10, "heard_whole")
        walker.evaluate()
        walker.touch("done")
    assert len(sessions) == 2
    assert len({(r.session, type(r), getattr(r, "moment", "")) for r in walker.reports}) == len(walker.reports) == 6


def test_a_player_that_comes_and_goes_while_all_is_ready_is_made_ready_again(walker: Walker) -> None:
    walker.to_ready()
    walker.feel(PlayerGone(walker.clock()))
    walker.feel(SoundReported(walker.clock(), Sound("idle")))
    walker.sound("ready")
    walker.press()
    assert walker.screen == "PlayingView"
