"""Limits that prevent misuse (A15), and the need of the moment (A14): tables of decisions, said case by case."""

from typing import Any

import pytest
from msgspec import structs

from mqtt_bridge.contract.care import ServiceRequest, check_plan
from mqtt_bridge.contract.codec import ContractError
from mqtt_bridge.contract.forms import QuestionnaireResponse, Reference, absent, answered
from mqtt_bridge.contract.framing import Hours, Limits, NotYet, Now, Past, allowed
from mqtt_bridge.contract.identity import Period
from mqtt_bridge.contract.need import Condition, NeedRule, needs_of
from mqtt_bridge.contract.order import PlanOrder, check_plans
from mqtt_bridge.contract.schedule import FollowUp
from tests.support.words_of_care import FORM_URL, plan, request

NIGHT = Limits(hours=(Hours(start="21:00", end="06:00"),))
MEALS = Limits(hours=(Hours(start="10:00", end="11:30"), Hours(start="14:00", end="16:00")))


def at(time: str) -> Now:
    hours, minutes = time.split(":")
    return Now(wall_ms=1_000_000, minute=int(hours) * 60 + int(minutes))


UNSURE = Now(wall_ms=None, minute=None)


@pytest.mark.parametrize("time", ["21:00", "23:59", "00:00", "05:59"])
def test_hours_over_midnight_hold(time: str) -> None:
    assert allowed(NIGHT, at(time), Past()) is None


@pytest.mark.parametrize(
    ("limits", "time", "minute", "in_s"),
    [
        (NIGHT, "06:00", 21 * 60, 15 * 3600),
        (NIGHT, "20:59", 21 * 60, 60),
        (MEALS, "09:00", 10 * 60, 3600),
        (MEALS, "11:30", 14 * 60, 9000),
        (MEALS, "23:00", 10 * 60, 11 * 3600),  # tomorrow
    ],
)
def test_outside_the_hours_it_says_when(limits: Limits, time: str, minute: int, in_s: float) -> None:
    assert allowed(limits, at(time), Past()) == NotYet("hours", in_s=in_s, minute=minute)


def test_an_untrusted_clock_lets_hours_and_dates_pass_and_nothing_else() -> None:
    late = Limits(hours=NIGHT.hours, period=Period(start_ms=1, end_ms=2), per_day_max=2, interval_s_min=600)
    assert allowed(late, UNSURE, Past()) is None
    assert allowed(late, UNSURE, Past(today=2)) == NotYet("per-day")
    assert allowed(late, UNSURE, Past(ended_ago_s=100)) == NotYet("interval", in_s=500)


def test_so_many_a_day_and_so_long_apart() -> None:
    limits = Limits(per_day_max=2, interval_s_min=3600)
    assert allowed(limits, at("12:00"), Past(today=1, ended_ago_s=3600)) is None
    assert allowed(limits, at("12:00"), Past(today=1, ended_ago_s=3599)) == NotYet("interval", in_s=1)
    assert allowed(limits, at("23:00"), Past(today=2, ended_ago_s=4000)) == NotYet("per-day", in_s=3600)


def test_the_dates_of_one_care() -> None:
    limits = Limits(period=Period(start_ms=2_000_000, end_ms=3_000_000))
    assert allowed(limits, Now(1_000_000, 0), Past()) == NotYet("not-begun", in_s=1000)
    assert allowed(limits, Now(2_000_000, 0), Past()) is None
    assert allowed(limits, Now(3_000_000, 0), Past()) == NotYet("over")


# The need of the moment


def said(**scores: int | None) -> QuestionnaireResponse:
    items = tuple(absent(k, "asked-declined") if v is None else answered(k, v) for k, v in scores.items())
    who = Reference(reference="Patient/martin")
    return QuestionnaireResponse(questionnaire=f"{FORM_URL}|1", status="completed", subject=who, source=who, item=items)


def rule(name: str, *conditions: Condition, offer: str = "riviere", **fields: str) -> NeedRule:
    return NeedRule(id=name, conditions=conditions, offer=offer, reason="Vous semblez inquiet.", **fields)  # type: ignore[arg-type]


CRISIS = rule("crise", Condition(item="angoisse", at_least=7))


def test_strong_pain_offers_help_first_then_the_plans_rules() -> None:
    found = needs_of((CRISIS,), "before", said(douleur=7, angoisse=9), None)
    assert [(one.rule, one.offer) for one in found] == [("strong-pain", "help"), ("crise", "riviere")]


@pytest.mark.parametrize(
    ("before", "after", "offered"),
    [
        (3, 5, ["pain-risen"]),
        (3, 4, []),
        (None, 6, []),
        (5, None, []),
        (6, 8, ["strong-pain"]),
        (8, 7, ["strong-pain"]),
    ],
)
def test_pain_that_rose_after_a_care_offers_help(before: int | None, after: int | None, offered: list[str]) -> None:
    assert [one.rule for one in needs_of((), "after", said(douleur=after), said(douleur=before))] == offered


def test_each_offer_is_made_once_and_the_first_reason_counts() -> None:
    again = rule("encore", Condition(item="anxiete", at_least=1))
    nurse = rule("appel", Condition(item="angoisse", at_least=9), offer="help")
    found = needs_of((CRISIS, again, nurse), "before", said(angoisse=9, anxiete=5, douleur=9), None)
    assert [(one.rule, one.offer) for one in found] == [("strong-pain", "help"), ("crise", "riviere")]


def test_a_rule_speaks_at_its_moment_when_all_holds() -> None:
    both = rule("deux", Condition(item="angoisse", at_least=7), Condition(item="plaisir", at_most=2))
    assert needs_of((both,), "before", said(angoisse=7, plaisir=3), None) == ()
    assert needs_of((both,), "before", said(angoisse=7, plaisir=None), None) == ()  # declined is not 0
    assert len(needs_of((both,), "before", said(angoisse=7, plaisir=2), None)) == 1
    assert needs_of((both,), "after", said(angoisse=7, plaisir=2), None) == ()


def test_risen_by_needs_an_answer_before() -> None:
    worse = rule("pire", Condition(item="agitation", risen_by=3), moment="after")
    assert len(needs_of((worse,), "after", said(agitation=6), said(agitation=3))) == 1
    assert needs_of((worse,), "after", said(agitation=6), None) == ()


def limited(**limits: Any) -> ServiceRequest:
    return structs.replace(request(), limits=Limits(**limits))


FOLLOW = FollowUp(id="lendemain", title="Demain", questionnaire=f"{FORM_URL}|1", days=(1,), requests=("autre",))
TWICE = structs.replace(FOLLOW, requests=())


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"needs": (CRISIS, CRISIS)}, "two rules"),
        ({"needs": (rule("r", Condition(item="angoisse", at_least=7), offer="autre"),)}, "offers autre"),
        ({"needs": (rule("r", Condition(item="humeur", at_least=7)),)}, "no form of the plan asks 'humeur'"),
        ({"needs": (rule("r", Condition(item="angoisse")),)}, "says nothing"),
        ({"needs": (rule("r", Condition(item="angoisse", at_least=8, at_most=3)),)}, "cannot be 8 or more"),
        ({"needs": (rule("r", Condition(item="angoisse", risen_by=1)),)}, "after a care only"),
        ({"follow_ups": (FOLLOW,)}, "follows"),
        ({"follow_ups": (TWICE, TWICE)}, "one id"),
        ({"follow_ups": (structs.replace(TWICE, questionnaire="urn:x|1"),)}, "the plan carries"),
        ({"time_zone": "Mars/Olympus"}, "no time zone"),
        ({"time_zone": "../../etc/passwd"}, "no time zone"),
        ({"time_zone": ""}, "no time zone"),
        ({"locked": ("messages",)}, "ask for a code"),
        ({"activity": (limited(hours=(Hours(start="08:00", end="08:00"),)),)}, "leave them out"),
        ({"activity": (limited(period=Period(start_ms=2, end_ms=1)),)}, "its period ends before"),
    ],
)  # fmt: skip
def test_a_plan_whose_rules_could_never_speak_is_refused(change: dict[str, object], reason: str) -> None:
    with pytest.raises(ContractError, match=reason):
        check_plan(structs.replace(plan(), **change))


def test_the_plans_of_a_shared_box_are_checked_together() -> None:
    other = structs.replace(plan(), patient=structs.replace(plan().patient, id="durand"))
    with pytest.raises(ContractError, match="signs in"):
        check_plans(PlanOrder(plan=plan(), others=(other,)))
    with pytest.raises(ContractError, match="two plans of one person"):
        check_plans(PlanOrder(plan=plan(), others=(plan(),)))
    with pytest.raises(ContractError, match="without a plan"):
        check_plans(PlanOrder(plan=None, others=(other,)))
    check_plans(PlanOrder(plan=plan()))
