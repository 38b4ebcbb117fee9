"""Access or consent withdrawn, or the person has died (E2): greeting, asking and reminding stop at once."""

import pytest

from kiosk.journey.chapters.standing import died
from kiosk.journey.effects import Stop
from kiosk.journey.events import PlanChanged, StandingsTold
from kiosk.journey.leaving import settled
from kiosk.journey.step import step
from kiosk.journey.views import HomeView, NoticeView, RestView, WhoView
from mqtt_bridge.contract.correspondence import StandingState
from mqtt_bridge.contract.report import Evaluation
from tests.kiosk_journey.test_people import shared_box, sign_in
from tests.support.journey import Walker


def tell(walker: Walker, state: StandingState, patient: str = "martin") -> None:
    walker.feel(StandingsTold(walker.clock(), ((patient, state),)))


def test_after_a_death_the_box_is_dark_and_says_nothing_of_the_person() -> None:
    walker = Walker()
    tell(walker, "deceased")
    assert walker.view == RestView("Cette boîte peut être rendue.")
    walker.touch("wake")
    assert isinstance(walker.view, NoticeView)
    assert "Martin" not in repr(walker.view)
    walker.wait_ms(60_000)
    assert isinstance(walker.view, RestView)


@pytest.mark.parametrize("state", ["access-withdrawn", "consent-withdrawn"])
def test_a_withdrawal_is_a_calm_screen_with_what_to_do(state: StandingState) -> None:
    walker = Walker()
    tell(walker, state)
    view = walker.view
    assert isinstance(view, NoticeView)
    assert any("sonnette" in line for line in view.lines)
    for target in ("done", "care:riviere", "choose", "letters", "wake"):
        walker.touch(target)
    assert walker.view == view


def test_a_mistake_can_be_repaired() -> None:
    walker = Walker()
    tell(walker, "deceased")
    tell(walker, "active")
    assert isinstance(walker.view, HomeView)


def test_the_sound_fades_out_after_a_death_and_nobody_is_asked_about_it() -> None:
    walker = Walker()
    walker.to_playing()
    effects = walker.feel(StandingsTold(walker.clock(), (("martin", "deceased"),)))
    assert [effect for effect in effects if isinstance(effect, Stop)] == [Stop(walker.session)]
    reports = len(walker.reports)
    walker.sound("ended", 3, "stopped")
    assert isinstance(walker.view, RestView)
    assert len(walker.reports) == reports + 1  # what was heard is told, and nothing else


def test_a_care_that_sounds_is_not_cut_by_a_withdrawal() -> None:
    walker = Walker()
    walker.to_playing()
    effects = walker.feel(StandingsTold(walker.clock(), (("martin", "consent-withdrawn"),)))
    assert not [effect for effect in effects if isinstance(effect, Stop)]
    assert walker.screen == "PlayingView"
    walker.sound("ended", 10, "heard_whole")
    assert isinstance(walker.view, NoticeView)


@pytest.mark.parametrize(("state", "kept"), [("deceased", 1), ("access-withdrawn", 1), ("consent-withdrawn", 0)])
def test_what_was_being_answered(state: StandingState, kept: int) -> None:
    """Kept as stopped; but what the consent no longer covers is not sent."""
    walker = Walker()
    walker.touch("care:riviere")
    walker.touch("cone", 8)
    walker.touch("continue")
    tell(walker, state)
    assert len([one for one in walker.reports if isinstance(one, Evaluation)]) == kept
    assert walker.draft is None


def test_on_a_shared_box_a_name_is_gone_and_the_others_go_on() -> None:
    walker = shared_box()
    sign_in(walker, "martin")
    tell(walker, "deceased")
    view = walker.view
    assert isinstance(view, WhoView)
    assert [tile.title for tile in view.people] == ["Monsieur Durand"]
    sign_in(walker, "durand")
    assert isinstance(walker.view, HomeView)


def test_on_a_shared_box_a_withdrawal_is_told_to_that_person_alone() -> None:
    walker = shared_box()
    tell(walker, "access-withdrawn")
    assert isinstance(walker.view, WhoView)
    sign_in(walker, "martin")
    assert isinstance(walker.view, NoticeView)
    walker.touch("done")
    assert isinstance(walker.view, WhoView)
    sign_in(walker, "durand")
    assert isinstance(walker.view, HomeView)


def test_a_death_told_on_the_box_is_reported_for_that_person_and_darkens_it() -> None:
    walker = shared_box()
    turn = settled(died(walker.journey, "durand", walker.clock()), walker.clock())
    assert turn.whose is not None
    assert (turn.whose.patient, len(turn.reports)) == ("durand", 1)
    assert ("durand", "deceased") in turn.journey.standings
    assert step(turn.journey, StandingsTold(walker.clock(), turn.journey.standings))[0].place == turn.journey.place


def test_the_standing_holds_after_a_power_cut() -> None:
    walker = Walker()
    walker.touch("care:riviere")
    walker.touch("cone", 8)
    walker.touch("continue")
    draft = walker.draft
    tell(walker, "deceased")
    walker.draft = draft  # as if the power had gone before the draft was put aside
    walker.power_cut()
    assert isinstance(walker.view, RestView)
    assert walker.draft is None


def test_a_withdrawn_person_whose_plan_is_gone_is_told_what_to_do_anywhere() -> None:
    """The clinic takes the plan back with the access: the box no longer knows where it stands."""
    walker = Walker()
    tell(walker, "access-withdrawn")
    walker.feel(PlanChanged(walker.clock(), None, "none"))
    view = walker.view
    assert isinstance(view, NoticeView)
    assert any("sonnette" in line and "112" in line for line in view.lines)
