"""Why a care was stopped: asked once, nobody has to say it, and the questions after the care follow."""

from typing import get_args

import pytest
from msgspec import structs

from kiosk.journey.evaluation import DARK_AFTER_MS
from kiosk.journey.events import PlanChanged
from kiosk.journey.views import StopWhyView
from mqtt_bridge.contract.identity import Patient
from mqtt_bridge.contract.report import Evaluation, StopExplained, StopReason
from tests.support.journey import Walker
from tests.support.words_of_care import plan, request

REASONS = get_args(StopReason)


@pytest.fixture
def walker() -> Walker:
    walker = Walker()
    stop(walker)
    return walker


def stop(walker: Walker) -> None:
    walker.to_playing(next(one.id for one in walker.journey.plan.activity))  # type: ignore[union-attr]
    walker.touch("stop")
    walker.touch("yes")
    walker.sound("ended", 4, "stopped")


def told(walker: Walker) -> list[str]:
    return [one.reason for one in walker.told if isinstance(one, StopExplained)]


def test_every_reason_of_the_contract_can_be_said(walker: Walker) -> None:
    view = walker.view
    assert isinstance(view, StopWhyView)
    assert [tile.target for tile in view.reasons] == [f"reason:{one}" for one in REASONS]
    assert all(tile.title for tile in view.reasons)


@pytest.mark.parametrize("reason", REASONS)
def test_a_reason_is_told_once_and_the_questions_follow(reason: str) -> None:
    walker = Walker()
    stop(walker)
    walker.touch(f"reason:{reason}")
    walker.touch("reason:other")
    assert told(walker) == [reason]
    assert walker.screen == "ConeView"
    walker.evaluate()
    assert walker.screen == "ThanksView"


def test_nobody_has_to_say_it(walker: Walker) -> None:
    walker.touch("reason:none")
    assert walker.screen == "StopWhyView"
    walker.touch("skip")
    assert walker.screen == "ConeView"
    assert told(walker) == []


def test_a_cut_does_not_ask_twice(walker: Walker) -> None:
    walker.power_cut()
    assert walker.screen == "ConeView"
    walker.evaluate()
    after = [one for one in walker.reports if isinstance(one, Evaluation) and one.moment == "after"]
    assert len(after) == 1


def test_nobody_answers_and_it_is_dark(walker: Walker) -> None:
    walker.wait_ms(DARK_AFTER_MS - 1_000)
    assert walker.screen == "StopWhyView"
    walker.wait_ms(1_000)
    assert walker.screen == "RestView"
    walker.touch("wake")
    assert walker.screen == "ConeView"


def test_a_sleep_care_that_was_stopped_asks_why_too() -> None:
    walker = Walker(plan(request("nuit", "sleep")))
    stop(walker)
    assert walker.screen == "StopWhyView"


def test_another_person_is_not_asked(walker: Walker) -> None:
    other = structs.replace(plan(), id="plan-2", patient=Patient(id="durand", address_as="Monsieur Durand"))
    walker.feel(PlanChanged(walker.clock(), other))
    assert walker.screen == "HomeView"
    walker.touch("reason:pain")
    assert told(walker) == []
