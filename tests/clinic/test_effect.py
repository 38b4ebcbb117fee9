"""The effect of each care for one patient: whose answers count, and what is never a number."""

import pytest

from clinic.results.course import Asked, Heard, Lived, course
from clinic.results.effect import CareEffect, Ramps, effects
from clinic.results.facts import CareFacts, Gain, facts_of
from clinic.results.models import PromptSetAside
from clinic.results.prompts import DAY_MS, Kind, Plan, Prompt, Wanted, is_aside, prompts
from mqtt_bridge.contract.report import FormAnswered, Gap
from mqtt_bridge.contract.schedule import Respondent
from tests.clinic.box import T0_MS, evaluation, listening, response, stamp
from tests.clinic.conftest import Clinic

RAMPS: Ramps = {"douleur": "intense", "plaisir": "pleasant"}


def lived(
    key: int, before: int | None, after: int | None, *, played: float = 1.0, person: bool = True, care: str = "riviere"
) -> Lived:
    one = Lived(key, "box-12", f"s-{key}", care, care.title(), 1, T0_MS + key * DAY_MS, uncertain=False)
    outcome = "heard_whole" if played == 1.0 else "stopped"
    one.heard = Heard(outcome, played, 1200 * played, 0, 0.0, True, 70.0, 5.0, False)
    one.before = Asked(2 * key, person, {} if before is None else {"douleur": before})
    one.after = Asked(2 * key + 1, person, {} if after is None else {"douleur": after})
    return one


def of(found: list[Lived]) -> CareEffect:
    [made] = effects(found, RAMPS)
    return made


def test_a_mean_of_the_persons_own_answers() -> None:
    [item] = of([lived(1, 6, 4), lived(2, 8, 5), lived(3, 5, 5)]).own
    assert item.estimate.number == 3
    assert item.estimate.mean == pytest.approx(-5 / 3)
    assert item.gain == pytest.approx(5 / 3)
    assert (item.mattered, item.could, item.worse) == (2, 3, 0)


def test_a_relative_is_never_averaged_with_the_patient() -> None:
    made = of([lived(1, 6, 4), lived(2, 9, 9, person=False), lived(3, 9, 9, person=False)])
    assert [item.estimate.mean for item in made.own] == [-2]
    assert [item.estimate.mean for item in made.others] == [0]
    mixed = lived(4, 6, 1)
    assert mixed.after
    mixed.after.by_person = False
    assert of([mixed]).own == of([mixed]).others == ()


def test_declined_half_heard_and_no_pain_at_all() -> None:
    made = of([lived(1, None, 0), lived(2, 6, None), lived(3, 8, 0, played=0.3), lived(4, 0, 0), lived(5, 6, 4)])
    [item] = made.own
    assert item.estimate.number == 2, "declined is no 0, and a third of a care is not that care"
    assert (item.mattered, item.could) == (1, 1), "from no pain nothing gets better"
    assert made.sessions == 5


def test_a_care_kept_for_worse_moments_says_so() -> None:
    found = [lived(n, 8, 6, care="crise") for n in range(3)] + [lived(n, 3, 3) for n in range(3, 9)]
    by_name = {made.request: made.before_usual for made in effects(found, RAMPS)}
    item, here, usual = by_name["crise"] or ("", 0.0, 0.0)
    assert (item, here) == ("douleur", 8)
    assert usual == pytest.approx(42 / 9)
    assert by_name["riviere"] is None


def test_the_days_after_beside_what_it_was_before() -> None:
    found = [lived(1, 6, 3), lived(2, 6, 4)]
    found[0].days = {1: Asked(90, by_person=True, scores={"douleur": 5})}
    [item] = of(found).own
    assert [(one.day, one.estimate.mean) for one in item.days] == [(0, -3), (1, -1)], "sessions with such days alone"


@pytest.mark.django_db
def test_from_the_record(clinic: Clinic) -> None:
    """As boxes send it: the last word of each report, silences by their reason, the days after of the person alone."""
    told = (
        evaluation("before", (6, 7, "declined", None, 2), "J’ai mal."),
        listening(gaps=(Gap(at_frame=9, duration_ms=420.0),), total_s=100, played_s=80, outcome="stopped"),
        evaluation("after", (6, 7, 5, 4, 2)),
        evaluation("after", (3, 0, 3, "declined", 5)),
    )
    for content in told:
        clinic.receive(clinic.box.report(content))
    others: list[tuple[Respondent, int]] = [("self", 4), ("carer", 9)]
    for by, score in others:
        form = response((score, None, None, None, None))
        answers = FormAnswered(
            occasion=f"o-{by}", request="lendemain", response=form, asked=stamp(), answered_by=by, after="s-1", day=1
        )
        clinic.receive(clinic.box.report(answers))
    [one] = course("martin")
    assert one.heard
    assert (one.heard.outcome, one.heard.played, one.heard.gaps, one.heard.gaps_ms) == ("stopped", 0.8, 1, 420)
    assert one.before
    assert one.after
    assert one.before.scores == {"angoisse": 6, "anxiete": 7, "plaisir": 2}
    assert one.before.silences == {"asked-declined": 1, "not-asked": 1}
    assert one.before.comment
    assert one.after.scores == {"angoisse": 3, "anxiete": 0, "douleur": 3, "plaisir": 5}
    assert {day: asked.scores for day, asked in one.days.items()} == {1: {"angoisse": 4}}
    assert course("martin", T0_MS + 1) == []


CARE = Wanted("riviere", "La rivière", 76.0)
PLAN = Plan("plan-martin.1", T0_MS - 90 * DAY_MS, (CARE,))


def facts(**told: object) -> CareFacts:
    usual: dict[str, object] = {
        "request": "riviere", "care": "La rivière", "sessions": 20, "last_ms": T0_MS, "started": 10, "stopped": 0,
        "gains": (Gain("douleur", 2.0, 12),), "level_max_dba": 68.0, "dose_week_percent": 4.0, "dose_ms": T0_MS,
    }  # fmt: skip
    return CareFacts(**{**usual, **told})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("told", "kinds"),
    [
        ({}, []),
        ({"gains": (Gain("douleur", 0.9, 8), Gain("angoisse", 0.2, 12))}, [Kind.NO_BENEFIT]),
        ({"gains": (Gain("douleur", 0.9, 7),)}, []),
        ({"gains": (Gain("douleur", 0.9, 8), Gain("angoisse", 1.0, 12))}, []),
        ({"gains": (Gain("douleur", -1.0, 5), Gain("angoisse", 3.0, 12))}, [Kind.WORSE_AFTER]),
        ({"gains": (Gain("douleur", -1.0, 4),)}, []),
        ({"stopped": 4}, [Kind.STOPPED_OFTEN]),
        ({"stopped": 3}, []),
        ({"started": 4, "stopped": 4}, []),
        ({"level_max_dba": 74.0}, [Kind.LEVEL_NEAR_CAP]),
        ({"level_max_dba": 73.9}, []),
        ({"dose_week_percent": 80.0}, [Kind.DOSE_HIGH]),
        ({"dose_week_percent": 99.0, "dose_ms": T0_MS - 7 * DAY_MS}, []),
        ({"last_ms": T0_MS - 14 * DAY_MS}, [Kind.NOT_LISTENED]),
        ({"request": "autre"}, [Kind.NOT_LISTENED]),
    ],
)
def test_which_prompts_are_made(told: dict[str, object], kinds: list[Kind]) -> None:
    assert [one.kind for one in prompts(PLAN, [facts(**told)], T0_MS)] == kinds


def test_a_new_plan_is_not_unlistened_at_once() -> None:
    assert prompts(Plan("p.2", T0_MS - DAY_MS, (CARE,)), [], T0_MS) == []


def test_what_was_set_aside_comes_back_when_something_changes() -> None:
    prompt = Prompt(Kind.NO_BENEFIT, "riviere", "La rivière", 20)
    kept = PromptSetAside(request="riviere", kind="no-benefit", plan=PLAN.name, sessions=20, at_ms=T0_MS)
    assert is_aside(prompt, kept, PLAN, T0_MS + DAY_MS)
    assert not is_aside(Prompt(Kind.NO_BENEFIT, "riviere", "", 25), kept, PLAN, T0_MS + DAY_MS)
    assert not is_aside(prompt, kept, Plan("plan-martin.2", T0_MS, (CARE,)), T0_MS + DAY_MS)
    assert not is_aside(prompt, kept, PLAN, T0_MS + 30 * DAY_MS)
    assert not is_aside(Prompt(Kind.WORSE_AFTER, "riviere", "", 20), kept, PLAN, T0_MS)


def test_facts_are_of_the_last_sessions() -> None:
    early = [lived(n, 2, 9) for n in range(20)]
    [made] = facts_of([*early, *(lived(n, 6, 3) for n in range(20, 32))], RAMPS)
    assert made.gains == (Gain("douleur", 3.0, 12),)
    assert (made.sessions, made.started, made.stopped) == (32, 10, 0)
