"""Which forms were sent, on a real database: kills, boots, clocks, another person; the shell tells the journey."""

from msgspec import structs

from kiosk.journey.events import Done
from mqtt_bridge.contract.care import CarePlan
from mqtt_bridge.contract.identity import Period
from mqtt_bridge.contract.order import PlanOrder
from mqtt_bridge.contract.report import FormAnswered
from mqtt_bridge.contract.schedule import FormRequest
from tests.support.questions import item, questionnaire
from tests.support.shell import Bedside
from tests.support.words_of_care import DAY_MS, NOW_MS, plan

FORM = questionnaire(item("un"), item("deux"), name="semaine")
TILE = "forms:semaine"


def weekly() -> CarePlan:
    asked = FormRequest(
        id="semaine",
        title="Votre semaine",
        questionnaire=FORM.canonical,
        purpose="monitoring",
        every_days=7,
        start_ms=NOW_MS - 3 * DAY_MS,
        open_days=7,
        respondent="self",
    )
    period = Period(start_ms=NOW_MS - 9 * DAY_MS, end_ms=NOW_MS + 90 * DAY_MS)
    return structs.replace(
        plan(version=2), period=period, forms=(asked,), questionnaires=(*plan().questionnaires, FORM)
    )


def ask_weekly(bedside: Bedside) -> None:
    bedside.wire.order(2, PlanOrder(plan=weekly()))
    bedside.wire.send_orders()
    bedside.wire.settle_down()
    bedside.clinic_hears()


def due(bedside: Bedside) -> bool:
    return TILE in [tile.target for tile in bedside.view.tiles]


def answer(bedside: Bedside, *targets: str) -> None:
    bedside.touch(TILE)
    for target in targets:
        bedside.touch(target)


def test_what_was_sent_is_not_asked_again_after_a_kill_until_its_next_turn(bedside: Bedside) -> None:
    ask_weekly(bedside)
    assert due(bedside)
    answer(bedside, "yes", "continue", "no", "continue", "done")
    assert not due(bedside)
    bedside.restart()
    assert not due(bedside)
    bedside.clock.pass_ms(5 * DAY_MS)
    bedside.turn()
    assert due(bedside)
    bedside.clinic_hears()
    told = [kept.report.content for kept in bedside.wire.store.contents.reports.values() if kept.report]
    (report,) = [one for one in told if isinstance(one, FormAnswered)]
    assert [one.answer[0].value_boolean for one in report.response.item] == [True, False]


def test_a_kill_within_a_form_goes_on_with_it_and_a_form_that_was_left_is_due_again(bedside: Bedside) -> None:
    ask_weekly(bedside)
    answer(bedside, "yes", "continue", "no")
    bedside.restart()
    assert (bedside.view.question, bedside.view.chosen) == ("deux ?", False)
    bedside.clock.pass_ms(16 * 60_000)
    bedside.turn()
    assert due(bedside)
    assert bedside.store.forms("martin", bedside.clock()).done == ()


def test_another_boot_knows_how_long_ago_it_was(bedside: Bedside) -> None:
    ask_weekly(bedside)
    answer(bedside, "yes", "continue", "no", "continue", "done")
    bedside.clock.boot, bedside.clock.monotonic_ms = "boot-2", 5_000
    bedside.clock.wall_ms += DAY_MS
    bedside.restart()
    (done,) = bedside.store.forms("martin", bedside.clock()).done
    assert abs(done.at_ms - (5_000 - DAY_MS)) < 5_000
    bedside.clock.boot, bedside.clock.monotonic_ms, bedside.clock.trusted = "boot-3", 2_000, False
    bedside.restart()
    forms = bedside.store.forms("martin", bedside.clock())
    assert forms.wall_at_0_ms is not None
    assert NOW_MS < forms.wall_at_0_ms + 2_000 <= NOW_MS + DAY_MS + 60_000


def test_what_one_person_sent_is_not_told_of_another(bedside: Bedside) -> None:
    ask_weekly(bedside)
    answer(bedside, "yes", "continue", "no", "continue")
    assert [one.request for one in bedside.store.forms("martin", bedside.clock()).done] == ["semaine"]
    assert bedside.store.forms("durand", bedside.clock()).done == ()
    assert isinstance(bedside.store.forms("martin", bedside.clock()).done[0], Done)
