"""How loud a care may be for these ears today, as the person meets it."""

from dataclasses import replace

import pytest
from msgspec import structs

from audio.hearing.dose import allowance_pa2h, exposure_pa2h
from kiosk.journey.effects import Prepare, SetGain
from kiosk.journey.events import EarsTold, Heard, PlanChanged, Plug, Sound, SoundReported
from kiosk.journey.views import HomeView, NoticeView, PlayingView, ReadyView
from mqtt_bridge.contract.report import HeadphonesChange, LevelChange, Listening
from tests.support.journey import WORDS, Walker
from tests.support.words_of_care import DBA_AT_0_DB, ears, plan, request

SESSION_S = 60.0
"""The plan says that its care takes a minute; the tests' package is shorter: the longer of the two is reckoned with."""
HOUR_MS, DAY_MS = 3600_000, 24 * 3600_000


def heard_all_but(left_dba: float, *, hours: float = 24) -> Heard:
    """So much that one session more at `left_dba` fills the week; it counts for some hours more."""
    return Heard(allowance_pa2h("adult") - exposure_pa2h(left_dba, SESSION_S), round(hours * HOUR_MS))


def prepared(walker: Walker) -> Prepare:
    return next(effect for effect in walker.effects if isinstance(effect, Prepare))


def under_way(walker: Walker) -> str:
    assert walker.draft is not None
    return walker.draft.session


def listened(walker: Walker) -> Listening:
    return next(report for report in walker.reports if isinstance(report, Listening))


def test_a_care_begins_at_the_level_that_was_prescribed() -> None:
    walker = Walker(plan(structs.replace(request(), level_dba=62.0)))
    walker.to_ready()
    assert prepared(walker).gain_db == pytest.approx(62 - DBA_AT_0_DB)
    assert isinstance(walker.view, ReadyView)
    assert walker.view.detail == WORDS.ready_detail


def test_a_week_nearly_used_up_is_told_before_the_start_and_the_care_fits() -> None:
    walker = Walker()
    walker.hear_told(heard_all_but(66))
    walker.to_ready()
    assert prepared(walker).gain_db == pytest.approx(66 - DBA_AT_0_DB)
    assert isinstance(walker.view, ReadyView)
    assert walker.view.detail == ("Le son est un peu plus doux. Vos oreilles ont beaucoup écouté cette semaine.")
    walker.press()
    walker.touch("louder")  # the week has no more
    assert not [effect for effect in walker.effects if isinstance(effect, SetGain)]
    walker.feel(SoundReported(walker.clock(), played(60, outcome="heard_whole", session=walker.session)))
    report = listened(walker)
    assert report.level_dba == pytest.approx(66)
    assert report.dose_week_percent == pytest.approx(100)


def test_louder_ends_calmly_where_the_week_ends() -> None:
    walker = Walker()
    walker.hear_told(heard_all_but(74))
    walker.to_playing()
    for _ in range(3):
        walker.touch("louder")
    gains = [effect.gain_db for effect in walker.effects if isinstance(effect, SetGain)]
    assert gains == [pytest.approx(73 - DBA_AT_0_DB), pytest.approx(74 - DBA_AT_0_DB)]
    assert isinstance(walker.view, PlayingView)
    assert walker.view.sentence == "C’est le plus fort pour vos oreilles."
    assert walker.view.level == walker.view.level_max
    walker.wait_ms(4_000)
    assert isinstance(walker.view, PlayingView)
    assert walker.view.sentence == WORDS.playing
    walker.touch("louder")
    walker.touch("softer")
    assert isinstance(walker.view, PlayingView)
    assert walker.view.sentence == WORDS.playing


@pytest.mark.parametrize(
    ("hours", "when"),
    [
        (0.4, "dans une heure"),
        (5.2, "dans environ 6 heures"),
        (36, "dans environ 36 heures"),
        (100, "dans environ 5 jours"),
    ],
)
def test_a_care_that_would_be_inaudible_is_not_begun_and_it_is_said_when_it_will_be(hours: float, when: str) -> None:
    walker = Walker()
    walker.clock.trusted = False  # the plan would be over by the clock
    since_ms = walker.clock.monotonic_ms + 400  # the finger needs so long
    most, little = heard_all_but(40), Heard(0.0001, 6 * DAY_MS)
    walker.hear_told(Heard(most.pa2h, since_ms + round(hours * HOUR_MS)), little)
    walker.touch("care:riviere")
    assert isinstance(walker.view, NoticeView)
    assert walker.view.title == "Vos oreilles ont besoin de repos."
    assert f"Ce soin sera possible {when}." in walker.view.lines
    assert walker.journey.count == 0
    assert not [effect for effect in walker.effects if isinstance(effect, Prepare)]
    walker.touch("done")
    walker.clock.pass_ms(round(hours * HOUR_MS))
    walker.touch("care:riviere")
    assert walker.screen == "ConeView"


def test_another_care_of_the_plan_may_still_be_offered() -> None:
    soft = structs.replace(request("ancre", "crisis"), duration_s=10)
    walker = Walker(plan(request(), soft))
    full = allowance_pa2h("adult") - exposure_pa2h(50.5, 10)
    walker.hear_told(Heard(full, 10 * HOUR_MS))
    walker.touch("care:riviere")
    assert walker.screen == "NoticeView"
    walker.touch("done")
    walker.touch("care:ancre")
    assert walker.screen == "ConeView"


def test_the_sensitive_mode_softens_what_the_adults_week_would_let_pass() -> None:
    used = Heard(allowance_pa2h("sensitive") - exposure_pa2h(66, SESSION_S), 10 * HOUR_MS)
    for sensitive, gain_db in ((False, 70 - DBA_AT_0_DB), (True, 66 - DBA_AT_0_DB)):
        walker = Walker(structs.replace(plan(), sensitive=sensitive))
        walker.hear_told(used)
        walker.to_ready()
        assert prepared(walker).gain_db == pytest.approx(gain_db)


def test_without_a_word_about_the_ears_nothing_plays() -> None:
    walker = Walker()
    walker.feel(EarsTold(walker.clock(), replace(ears(plan()), patient="durand")))
    walker.touch("care:riviere")
    assert isinstance(walker.view, NoticeView)
    assert walker.view.code == "level-unknown"


def test_a_box_too_loud_for_the_plan_says_so_to_staff() -> None:
    walker = Walker(plan(structs.replace(request(), level_dba=45.0, level_max_dba=50.0)))
    loud = replace(ears(walker.journey.plan or plan()), dba_at_0_lufs=120.0)
    walker.feel(EarsTold(walker.clock(), loud))
    walker.touch("care:riviere")
    assert isinstance(walker.view, NoticeView)
    assert walker.view.code == "level-device"


def test_a_package_that_cannot_be_read_is_left_to_the_player_as_softly_as_can_be() -> None:
    walker = Walker()
    walker.feel(EarsTold(walker.clock(), replace(ears(plan()), packages=())))
    walker.to_ready()
    assert prepared(walker).gain_db == -40


def test_a_package_that_can_be_read_again_is_not_left_inaudible() -> None:
    walker = Walker()
    walker.feel(EarsTold(walker.clock(), replace(ears(plan()), packages=())))
    walker.to_ready()
    walker.hear_told()
    walker.sound("ready")
    walker.press()
    orders = [effect.gain_db for effect in walker.effects if isinstance(effect, Prepare)]
    assert orders == [-40, pytest.approx(70 - DBA_AT_0_DB)]
    assert walker.screen == "PlayingView"


def played(
    seconds: float,
    *,
    plug: Plug = "unknown",
    changes: tuple[LevelChange, ...] = (),
    outcome: str = "",
    session: str = "",
) -> Sound:
    whole = outcome == "heard_whole"
    return Sound(
        "ended" if outcome else "playing",
        session,
        frames_total=60 * 48_000,
        frames_played=60 * 48_000 if whole else round(seconds * 48_000),
        rate_hz=48_000,
        outcome=outcome or None,  # type: ignore[arg-type]
        level_changes=changes,
        level_changes_total=len(changes),
        headphones=plug,
        headphones_changes=() if plug == "unknown" else (HeadphonesChange(at_frame=96_000, headphones=plug),),
        headphones_changes_total=0 if plug == "unknown" else 1,
    )


def test_the_report_tells_what_the_ear_has_heard() -> None:
    walker = Walker()
    walker.hear_told(Heard(0.16, 50 * HOUR_MS))  # a tenth of the week
    walker.to_playing()
    changes = (LevelChange(at_frame=30 * 48_000, gain_db=80 - DBA_AT_0_DB),)
    walker.feel(
        SoundReported(walker.clock(), played(60, changes=changes, outcome="heard_whole", session=walker.session))
    )
    report = listened(walker)
    assert report.calibration == "Casque d’essai"
    assert report.gain_start_db == pytest.approx(70 - DBA_AT_0_DB)
    assert report.level_dba == pytest.approx(77.4036, abs=1e-3)  # half at 70, half at 80
    assert report.level_max_dba == pytest.approx(80)
    assert report.dose_pa2h == pytest.approx(exposure_pa2h(70, 30) + exposure_pa2h(80, 30))
    assert report.dose_week_percent == pytest.approx(10 + 100 * (report.dose_pa2h or 0) / 1.6)
    assert report.level_changes == changes


def test_headphones_that_are_out_are_told_before_the_start_and_hinder_nothing() -> None:
    walker = Walker()
    walker.to_ready()
    ready = Sound("ready", walker.session, headphones="out")
    walker.feel(SoundReported(walker.clock(), ready))
    assert isinstance(walker.view, ReadyView)
    assert walker.view.detail == WORDS.ready_unplugged
    assert walker.view.armed
    walker.feel(SoundReported(walker.clock(), replace(ready, headphones="in")))
    assert isinstance(walker.view, ReadyView)
    assert walker.view.detail == WORDS.ready_detail


def test_headphones_pulled_out_are_told_without_a_pause() -> None:
    walker = Walker()
    walker.to_playing()
    effects = walker.feel(SoundReported(walker.clock(), played(2, plug="out", session=walker.session)))
    assert isinstance(walker.view, PlayingView)
    assert walker.view.sentence == "Le casque est débranché. Le soin continue."
    assert {type(effect).__name__ for effect in effects} <= {"Write"}
    walker.feel(SoundReported(walker.clock(), played(3, plug="in", session=walker.session)))
    assert isinstance(walker.view, PlayingView)
    assert walker.view.sentence == WORDS.playing
    stopped = played(4, plug="in", outcome="stopped", session=walker.session)
    walker.feel(SoundReported(walker.clock(), stopped))
    assert listened(walker).headphones_changes == (HeadphonesChange(at_frame=96_000, headphones="in"),)


def test_a_power_cut_counts_what_was_surely_played() -> None:
    walker = Walker()
    walker.to_playing()
    changes = (LevelChange(at_frame=48_000, gain_db=-25.0),)
    walker.feel(SoundReported(walker.clock(), played(25, changes=changes, session=walker.session)))
    walker.power_cut(same_boot=False)
    walker.feel(SoundReported(walker.clock(), Sound("idle")))
    report = listened(walker)
    assert (report.cause, report.frames_exact, report.frames_played) == ("power-lost", False, 25 * 48_000)
    assert report.level_changes == changes
    # 1 s at 70, 24 s at 60 dBA, and 4 dB because the beginning is louder than the mean
    assert report.dose_pa2h == pytest.approx((exposure_pa2h(70, 1) + exposure_pa2h(60, 24)) * 10**0.4)


def test_nothing_heard_is_no_level_and_no_dose() -> None:
    walker = Walker()
    walker.to_playing()
    walker.feel(SoundReported(walker.clock(), played(0, outcome="failed", session=walker.session)))
    report = listened(walker)
    assert (report.level_dba, report.dose_pa2h, report.calibration) == (None, None, "Casque d’essai")
    walker.touch("done")
    assert isinstance(walker.view, HomeView)


def test_a_session_from_before_levels_goes_on_and_never_gets_louder() -> None:
    walker = Walker()
    walker.to_playing()
    assert walker.draft is not None
    walker.draft = structs.replace(walker.draft, volume=None)  # as a kiosk of before levels wrote it
    walker.power_cut()
    walker.feel(SoundReported(walker.clock(), replace(played(5, session=walker.draft.session), gain_db=-12.0)))
    before = len([effect for effect in walker.effects if isinstance(effect, SetGain)])
    walker.touch("louder")
    assert len([effect for effect in walker.effects if isinstance(effect, SetGain)]) == before
    walker.touch("softer")
    assert [effect.gain_db for effect in walker.effects if isinstance(effect, SetGain)] == [-15.0]
    ended = played(60, outcome="heard_whole", session=walker.draft.session)
    walker.feel(SoundReported(walker.clock(), ended))
    assert (listened(walker).level_dba, listened(walker).calibration) == (None, "")


def test_a_kiosk_killed_while_it_plays_still_knows_the_cap_and_the_level() -> None:
    walker = Walker()
    walker.to_playing()
    walker.power_cut()
    walker.feel(SoundReported(walker.clock(), replace(played(5, session=under_way(walker)), gain_db=-5.0)))
    walker.touch("louder")
    assert not [effect for effect in walker.effects if isinstance(effect, SetGain)]  # the cap is known
    whole = played(60, outcome="heard_whole", session=under_way(walker))
    walker.feel(SoundReported(walker.clock(), whole))
    assert listened(walker).level_dba == pytest.approx(70)


def test_a_kiosk_killed_between_the_button_and_the_disk_still_counts_what_the_ear_hears() -> None:
    walker = Walker()
    walker.to_ready()  # the order to start goes before the disk: what is written says « ready »
    walker.power_cut()
    playing = replace(played(5, session=under_way(walker)), gain_db=70 - DBA_AT_0_DB)
    walker.feel(SoundReported(walker.clock(), playing))
    walker.touch("louder")
    assert [type(effect) for effect in walker.effects].count(SetGain) == 1  # the cap is known
    walker.feel(SoundReported(walker.clock(), played(60, outcome="heard_whole", session=under_way(walker))))
    assert listened(walker).dose_pa2h == pytest.approx(exposure_pa2h(70, 60))


SOFTER = structs.replace(plan(structs.replace(request(), level_dba=60.0, level_max_dba=62.0)), version=2)


def test_a_level_lowered_while_the_care_is_ready_holds_at_once() -> None:
    walker = Walker()
    walker.to_ready()
    walker.feel(PlanChanged(walker.clock(), SOFTER))
    orders = [effect.gain_db for effect in walker.effects if isinstance(effect, Prepare)]
    assert orders == [pytest.approx(70 - DBA_AT_0_DB), pytest.approx(60 - DBA_AT_0_DB)]
    walker.press()
    assert walker.screen == "ReadyView"  # not before the player has said that it is at the new level
    walker.sound("ready")
    walker.press()
    for _ in range(3):
        walker.touch("louder")
    gains = [effect.gain_db for effect in walker.effects if isinstance(effect, SetGain)]
    assert gains == [pytest.approx(62 - DBA_AT_0_DB)]


def test_a_plan_that_changes_nothing_of_the_care_leaves_it_ready() -> None:
    walker = Walker()
    walker.to_ready()
    walker.feel(PlanChanged(walker.clock(), structs.replace(plan(), version=2)))
    assert isinstance(walker.view, ReadyView)
    assert walker.view.armed
    assert [type(effect) for effect in walker.effects].count(Prepare) == 1


def test_a_level_lowered_while_questions_are_asked_holds_for_the_care_that_follows() -> None:
    walker = Walker()
    walker.touch("care:riviere")
    walker.feel(PlanChanged(walker.clock(), SOFTER))
    walker.evaluate()
    while walker.screen == "TextView":
        walker.touch("continue")
    assert prepared(walker).gain_db == pytest.approx(60 - DBA_AT_0_DB)


def test_a_care_that_the_changed_plan_makes_impossible_is_let_go() -> None:
    walker = Walker()
    used = Heard(allowance_pa2h("sensitive") - exposure_pa2h(40, SESSION_S), 10 * HOUR_MS)
    walker.hear_told(used)
    walker.to_ready()
    walker.feel(PlanChanged(walker.clock(), structs.replace(plan(), version=2, sensitive=True)))
    assert isinstance(walker.view, NoticeView)
    assert walker.view.title == "Vos oreilles ont besoin de repos."


def test_changes_that_were_counted_and_not_told_are_reckoned_as_the_loudest() -> None:
    walker = Walker()
    walker.to_playing()
    changes = (LevelChange(at_frame=30 * 48_000, gain_db=-25.0),)
    whole = played(60, changes=changes, outcome="heard_whole", session=walker.session)
    walker.feel(SoundReported(walker.clock(), replace(whole, level_changes_total=101)))
    assert listened(walker).level_max_dba == pytest.approx(80)
    assert listened(walker).dose_pa2h == pytest.approx(exposure_pa2h(70, 30) + exposure_pa2h(80, 30))
