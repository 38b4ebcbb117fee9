"""The need of the moment (A14): what the answers propose, and what was chosen stays there."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs

from kiosk.journey.effects import Write
from kiosk.journey.events import PlanChanged
from kiosk.journey.leaving import READING_MS
from kiosk.journey.views import HelpView, NeedView, TextView
from mqtt_bridge.contract.care import CarePlan
from mqtt_bridge.contract.framing import Hours, Limits
from mqtt_bridge.contract.identity import Patient
from mqtt_bridge.contract.need import Condition, NeedRule
from mqtt_bridge.contract.report import Evaluation, HelpAsked, Listening, NeedTold
from tests.kiosk_journey.test_people import shared_box, sign_in
from tests.support.journey import Walker
from tests.support.remembering import Remembering
from tests.support.words_of_care import INDICATORS, form, plan, request

CRISIS = NeedRule(
    id="crise",
    conditions=(Condition(item="angoisse", at_least=7),),
    offer="ancre",
    reason="Votre angoisse est forte.",
    moment="both",
)
ANGUISH = (8, 5, 3, 5, 5)
PAIN = (3, 3, 8, 3, 3)
BOTH = (8, 5, 8, 5, 5)


def with_crisis(*, limits: Limits = Limits(), **changes: object) -> CarePlan:  # noqa: B008  # frozen
    anchor = structs.replace(request("ancre", "crisis"), title="L’ancre", limits=limits)
    return structs.replace(plan(request(), anchor), needs=(CRISIS,), **changes)


def asked(walker: Walker, *heights: int, care: str = "riviere") -> None:
    walker.touch(f"care:{care}")
    walker.evaluate(*heights)


def needs(walker: Walker) -> NeedView:
    view = walker.view
    assert isinstance(view, NeedView)
    return view


def told(walker: Walker) -> list[tuple[str, str]]:
    return [(one.rule, one.chosen) for one in walker.told if isinstance(one, NeedTold)]


def test_a_crisis_offers_its_care_with_the_reason_and_keeps_what_was_chosen() -> None:
    walker = Walker(with_crisis())
    asked(walker, *ANGUISH)
    view = needs(walker)
    assert view.reason == "Votre angoisse est forte."
    assert [(tile.target, tile.title) for tile in view.offers] == [("care:ancre", "L’ancre")]
    assert (view.keep.target, view.keep.title) == ("keep", "La rivière")
    walker.touch("keep")
    assert isinstance(walker.view, TextView)
    assert walker.view.title == "La rivière"
    assert told(walker) == [("crise", "kept")]


def test_the_care_offered_is_not_asked_about_again_and_the_clinic_sees_it() -> None:
    walker = Walker(with_crisis())
    asked(walker, *ANGUISH)
    first = walker.session
    walker.touch("care:ancre")
    assert isinstance(walker.view, TextView)
    assert walker.view.title == "L’ancre"
    given, again = (one for one in walker.reports if isinstance(one, Evaluation))
    assert (given.session, given.request, given.given_in) == (first, "riviere", None)
    assert (again.session, again.request, again.moment, again.given_in) == (walker.session, "ancre", "before", first)
    assert again.session != first
    assert (again.response, again.asked) == (given.response, given.asked)
    assert told(walker) == [("crise", "offered")]


def test_a_care_with_other_questions_asks_its_own() -> None:
    other = structs.replace(form(), url="urn:chevet:test:other")
    anchor = structs.replace(request("ancre", "crisis"), questionnaire=other.canonical)
    walker = Walker(structs.replace(plan(request(), anchor), needs=(CRISIS,), questionnaires=(form(), other)))
    asked(walker, *ANGUISH)
    walker.touch("care:ancre")
    assert walker.screen == "ConeView"
    walker.evaluate()
    assert walker.reports[-1].response.questionnaire == other.canonical  # type: ignore[union-attr]


def test_strong_pain_first_offers_a_carer() -> None:
    walker = Walker()
    asked(walker, *PAIN)
    view = needs(walker)
    assert view.reason == "Votre douleur est forte."
    assert [tile.target for tile in view.offers] == ["help"]
    walker.touch("help")
    assert isinstance(walker.view, HelpView)
    walker.touch("ask")
    help_asked = next(one for one in walker.told if isinstance(one, HelpAsked))
    assert (help_asked.rule, help_asked.session) == ("strong-pain", walker.session)
    assert told(walker) == [("strong-pain", "help")]
    walker.touch("done")
    assert isinstance(walker.view, TextView)  # the care chosen stays


def test_a_carer_comes_before_a_care_and_the_care_stays_offered_after_it() -> None:
    walker = Walker(with_crisis())
    asked(walker, *BOTH)
    assert [tile.target for tile in needs(walker).offers] == ["help", "care:ancre"]
    assert needs(walker).offers[1].subtitle == "Votre angoisse est forte."
    walker.touch("help")
    walker.touch("ask")
    walker.touch("done")
    assert [tile.target for tile in needs(walker).offers] == ["care:ancre"]
    walker.touch("care:ancre")
    assert told(walker) == [("strong-pain", "help"), ("crise", "offered")]


def test_help_that_was_only_looked_at_is_still_offered() -> None:
    walker = Walker()
    asked(walker, *PAIN)
    walker.touch("help")
    walker.touch("done")
    assert [tile.target for tile in needs(walker).offers] == ["help"]
    assert told(walker) == []


@pytest.mark.parametrize(("before", "after", "offered"), [(3, 5, True), (3, 4, False), (5, 3, False)])
def test_pain_that_rose_after_a_care_offers_a_carer(before: int, after: int, *, offered: bool) -> None:
    walker = Remembering()
    walker.touch("care:riviere")
    walker.evaluate(3, 3, before, 3, 3)
    while walker.screen == "TextView":
        walker.touch("continue")
    walker.sound("ready")
    walker.press()
    walker.sound("ended", 10, "heard_whole")
    walker.evaluate(3, 3, after, 3, 3)
    assert walker.screen == ("NeedView" if offered else "ThanksView")
    if offered:
        assert needs(walker).reason == "Votre douleur est plus forte qu’avant le soin."
        assert needs(walker).keep.title == "Non, merci"
        walker.touch("keep")
        assert walker.screen == "ThanksView"


def test_what_cannot_be_started_is_not_offered() -> None:
    night = Limits(hours=(Hours(start="21:00", end="22:00"),))  # the tests' clock says nine in the morning
    walker = Walker(with_crisis(limits=night))
    asked(walker, *ANGUISH)
    assert walker.screen == "TextView"


def test_what_can_no_longer_be_started_when_it_is_touched_is_offered_no_more() -> None:
    walker = Walker(with_crisis(limits=Limits(hours=(Hours(start="08:00", end="09:05"),))))
    asked(walker, *ANGUISH)
    walker.clock.pass_ms(6 * 60_000)
    walker.touch("care:ancre")
    assert isinstance(walker.view, TextView)
    assert walker.view.title == "La rivière"
    assert told(walker) == [("crise", "left")]


def test_the_care_chosen_is_not_offered_beside_itself() -> None:
    walker = Walker(with_crisis())
    asked(walker, *ANGUISH, care="ancre")
    assert walker.screen == "TextView"


def test_nobody_chooses_and_it_is_told_as_left() -> None:
    walker = Walker(with_crisis())
    asked(walker, *ANGUISH)
    walker.wait_ms(14 * 60_000)
    assert walker.screen == "NeedView"
    walker.wait_ms(61_000)
    assert walker.screen == "HomeView"
    assert told(walker) == [("crise", "left")]


def test_help_that_was_asked_is_not_offered_again_after_a_cut() -> None:
    walker = Walker(with_crisis())
    asked(walker, *BOTH)
    walker.touch("help")
    walker.touch("ask")
    walker.power_cut()
    assert [tile.target for tile in needs(walker).offers] == ["care:ancre"]


def test_a_short_cut_asks_again_a_long_one_tells_that_they_left() -> None:
    walker = Walker(with_crisis())
    asked(walker, *ANGUISH)
    walker.power_cut()
    assert [tile.target for tile in needs(walker).offers] == ["care:ancre"]
    walker.power_cut(minutes=12)
    assert walker.screen == "HomeView"
    assert told(walker) == [("crise", "left")]
    assert len([one for one in walker.reports if isinstance(one, Evaluation)]) == 1


def test_another_person_sees_nothing_of_it_and_the_report_is_the_formers() -> None:
    walker = Walker(with_crisis())
    asked(walker, *ANGUISH)
    other = structs.replace(with_crisis(), id="plan-2", patient=Patient(id="durand", address_as="Monsieur Durand"))
    effects = walker.feel(PlanChanged(walker.clock(), other))
    assert walker.screen == "HomeView"
    writes = [one for one in effects if isinstance(one, Write) and one.reports]
    assert [one.plan.patient for one in writes if one.plan] == ["martin"]
    assert told(walker) == [("crise", "left")]


def test_another_person_after_a_cut_is_told_nothing_and_the_report_is_the_formers() -> None:
    walker = Walker(with_crisis())
    asked(walker, *ANGUISH)
    other = structs.replace(with_crisis(), id="plan-2", patient=Patient(id="durand", address_as="Monsieur Durand"))
    walker.journey = replace(walker.journey, plan=other)  # it came while the kiosk was down
    walker.power_cut()
    assert walker.screen == "HomeView"
    writes = [one for one in walker.effects if isinstance(one, Write) and one.reports]
    assert told(walker) == [("crise", "left")]
    assert {one.plan.patient for one in writes if one.plan} == {"martin"}


HEIGHTS = st.lists(st.integers(0, 10), min_size=len(INDICATORS), max_size=len(INDICATORS))
THINGS = st.sampled_from(["help", "ask", "done", "cut", "wait", "continue", "back", "reason:pain", "other"])


@given(HEIGHTS, st.lists(THINGS, max_size=12))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_after_any_need_the_care_that_was_chosen_is_within_reach(heights: list[int], things: list[str]) -> None:
    walker = Walker(with_crisis())
    asked(walker, *heights)
    for thing in things:
        if walker.screen not in ("NeedView", "HelpView"):
            break
        _do(walker, thing)
    if walker.screen == "HelpView":
        walker.touch("done")
    if walker.screen == "NeedView":
        walker.touch("keep")
    assert isinstance(walker.view, TextView)
    assert walker.view.title == "La rivière"
    while walker.screen == "TextView":
        walker.touch("continue")
    assert walker.draft is not None
    walker.sound("ready", session=walker.draft.session)
    walker.press()
    assert walker.screen == "PlayingView"
    assert not [one for one in walker.reports if isinstance(one, Listening)]


def _do(walker: Walker, thing: str) -> None:
    match thing:
        case "cut":
            walker.power_cut()
        case "wait":
            walker.wait_ms(60_000)
        case _:
            walker.touch(thing)


def test_on_a_shared_box_a_need_that_nobody_answers_is_left_for_who_was_there() -> None:
    walker = shared_box()
    sign_in(walker, "martin")
    asked(walker, *PAIN)
    for _ in range(3):
        walker.wait_ms(READING_MS)
    assert walker.screen == "WhoView"
    assert told(walker) == [("strong-pain", "left")]
    writes = [one for one in walker.effects if isinstance(one, Write) and one.reports]
    assert [one.plan.patient for one in writes if one.plan] == ["martin"] * len(writes)


@pytest.mark.parametrize("gone", [True, False])
def test_a_plan_that_ended_meanwhile_proposes_no_care(gone: bool) -> None:  # noqa: FBT001
    """Its answers are taken, and strong pain still offers a carer; nothing of the plan is offered any more."""
    walker = Walker(with_crisis())
    walker.to_playing()
    walker.sound("ended", 60, "heard_whole")
    walker.feel(PlanChanged(walker.clock(), None if gone else with_crisis(), "none" if gone else "expired"))
    walker.evaluate(*BOTH)
    assert [one.target for one in needs(walker).offers] == ["help"]
    walker.touch("keep")
    assert [type(one) for one in walker.reports] == [Evaluation, Listening, Evaluation]
