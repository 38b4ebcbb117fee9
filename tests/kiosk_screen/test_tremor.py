"""A trembling hand completes the journey, and no answer is confirmed that was not meant (1,000 journeys)."""

import os
from contextlib import suppress
from random import Random

import pytest
from msgspec import structs

from kiosk.screen.theme import PANELS, Panel
from mqtt_bridge.contract.care import CarePlan
from mqtt_bridge.contract.forms import ResponseItem
from mqtt_bridge.contract.report import Evaluation
from tests.kiosk_screen.tremor import ERROR_MM, Person, Tremor
from tests.support.journey import Walker
from tests.support.questions import choice, cone, item, number, questionnaire, scale
from tests.support.words_of_care import plan, request

RUNS = int(os.environ.get("CHEVET_TREMOR_RUNS", "1000"))
FORM = questionnaire(
    cone("angoisse"),
    scale("fatigue"),
    cone("plaisir"),
    scale("visage", 6, faces=True),
    item("sortie"),
    number("sommeil"),
    choice("gene", 6),
)


def care_plan() -> CarePlan:
    care = structs.replace(request(), questionnaire=FORM.canonical)
    return structs.replace(plan(care), questionnaires=(FORM,))


PLAN = care_plan()


def listened(seed: int, panel: Panel, error_mm: float = ERROR_MM) -> tuple[Person, Walker]:
    """From home to the thanks: the questions before, the explanation, the care, the questions after."""
    walker = Walker(PLAN, epoch=f"{seed:016x}")
    person = Person(Tremor(walker, panel, Random(seed), error_mm))  # noqa: S311  # a hand, not a secret
    while walker.screen == "HomeView":
        person.tremor.touch("care:riviere")
    while walker.screen not in ("ReadyView", "HomeView"):
        person.answer()
    walker.sound("ready")
    walker.press()
    walker.sound("playing", 1)
    walker.sound("ended", 60, outcome="heard_whole")
    while walker.screen not in ("ThanksView", "HomeView"):
        person.answer()
    return person, walker


def said(one: ResponseItem) -> int | None:
    """An answer as the person counts it; None when there is none."""
    if not one.answer:
        return None
    given = one.answer[0]
    if given.value_coding is not None:
        return int(given.value_coding.code)
    if given.value_boolean is not None:
        return int(given.value_boolean)
    return given.value_integer


def wrong(person: Person, walker: Walker) -> list[ResponseItem]:
    """What was confirmed and not meant."""
    return [
        one
        for report in walker.reports
        if isinstance(report, Evaluation)
        for one in report.response.item
        if said(one) != person.wanted[f"{one.link_id} ?"]
    ]


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: str(panel.width_px))
def test_no_wrong_answer_is_confirmed(panel: Panel) -> None:
    touches = 0
    for seed in range(RUNS // 2):
        person, walker = listened(seed, panel)
        assert walker.screen == "ThanksView", seed
        assert len([one for one in walker.reports if isinstance(one, Evaluation)]) == 2, seed
        assert not wrong(person, walker), seed
        touches += person.tremor.touches
    print(f"tremor at {panel.width_px}: {RUNS // 2} journeys, {touches} touches, none confirmed a wrong answer")


def test_a_hand_that_misses_by_two_centimetres_would_confirm_wrong_answers() -> None:
    """What the measure finds when targets are too small for the hand."""
    found = 0
    for seed in range(20):
        with suppress(AssertionError):  # some such hands do not even come to the end
            found += len(wrong(*listened(seed, PANELS[1], 20.0)))
    assert found
