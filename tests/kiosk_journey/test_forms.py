"""Forms apart from a care: when they are due, for whom, sent once, kept when they are left."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec import structs

from kiosk.journey.due import HOUR_MS, due
from kiosk.journey.effects import Write
from kiosk.journey.events import CodeChecked, Done, Forms, FormsTold, Past, PastCare, PastTold, PlanChanged
from kiosk.journey.occasions import ask
from kiosk.journey.places.forms import Form
from kiosk.journey.views import HomeView
from mqtt_bridge.contract.care import AccessCode, CareKind, CarePlan
from mqtt_bridge.contract.codec import decode, encode
from mqtt_bridge.contract.identity import Period
from mqtt_bridge.contract.report import FormAnswered
from mqtt_bridge.contract.schedule import FollowUp, FormRequest
from mqtt_bridge.contract.teaching import Education, Page
from tests.support.journey import Walker
from tests.support.questions import cone, item, questionnaire
from tests.support.words_of_care import DAY_MS, plan, request

FORM = questionnaire(item("un"), cone("deux"), name="semaine")
MONDAY = datetime(2027, 3, 22, 9, tzinfo=ZoneInfo("Europe/Paris"))
"""The summer time begins on the Sunday after it."""


def weekly(**changes: Any) -> FormRequest:
    asked = FormRequest(
        id="semaine",
        title="Votre semaine",
        questionnaire=FORM.canonical,
        purpose="monitoring",
        every_days=7,
        start_ms=round(MONDAY.timestamp() * 1000),
        respondent="self",
    )
    return structs.replace(asked, **changes)


def next_days(**changes: Any) -> FollowUp:
    asked = FollowUp(id="suite", title="Après votre soin", questionnaire=FORM.canonical, days=(1, 3), respondent="self")
    return structs.replace(asked, **changes)


def prescribed(*asked: FormRequest | FollowUp) -> CarePlan:
    at_night = structs.replace(request("nuit", "sleep"), title="La nuit")
    start_ms = round(MONDAY.timestamp() * 1000)
    return structs.replace(
        plan(request(), at_night),
        period=Period(start_ms=start_ms - DAY_MS, end_ms=start_ms + 400 * DAY_MS),
        questionnaires=(*plan().questionnaires, FORM),
        forms=tuple(one for one in asked if isinstance(one, FormRequest)),
        follow_ups=tuple(one for one in asked if isinstance(one, FollowUp)),
    )


class Weeks(Walker):
    """A walker on the calendar, and what the shell tells them of forms and cares."""

    def __init__(self, *asked: FormRequest | FollowUp) -> None:
        super().__init__(prescribed(*asked))
        self.clock.wall_ms = round(MONDAY.timestamp() * 1000)
        self.tell_forms()
        self.cares: tuple[PastCare, ...] = ()

    def tell_forms(self, *done: Done, wall_at_0_ms: int | None = None) -> None:
        self.feel(FormsTold(self.clock(), Forms("martin", done, wall_at_0_ms)))

    def heard(self, kind: CareKind = "relaxation", share: float = 1.0) -> None:
        """A care has just ended."""
        now_ms = self.clock.monotonic_ms
        name = "nuit" if kind == "sleep" else "riviere"
        care = PastCare(f"soin-{len(self.cares)}", name, kind, now_ms - 60_000, now_ms, share=share)
        self.cares = (*self.cares, care)
        self.feel(PastTold(self.clock(), Past("martin", self.cares)))

    def pass_to(self, days: int, hour: int, minute: int = 0) -> None:
        """To this hour on the wall, so many days after that Monday."""
        day = MONDAY.date() + timedelta(days=days)
        wall = datetime.combine(day, time(hour, minute), MONDAY.tzinfo)
        self.clock.pass_ms(round(wall.timestamp() * 1000) - self.clock.wall_ms)

    @property
    def due(self) -> list[tuple[str, str | None, int]]:
        return [(one.asker.id, one.after, one.day) for one in due(self.journey, self.clock())]

    @property
    def forms(self) -> list[FormAnswered]:
        return [one for one in self.told if isinstance(one, FormAnswered)]

    def fill_in(self) -> None:
        for target in ("yes", "continue", "cone", "continue"):
            self.touch(target, 4)


def test_a_weekly_form_is_due_in_its_days_and_once() -> None:
    walker = Weeks(weekly())
    assert [tile.target for tile in tiles(walker)] == ["forms:semaine"]
    walker.pass_to(1, 23, 59)
    assert walker.due
    walker.pass_to(2, 0, 1)
    assert not walker.due
    walker.pass_to(6, 23)
    assert not walker.due
    walker.pass_to(7, 0, 10)  # the summer time began the night before: the day is the calendar's
    assert walker.due
    walker.touch("forms:semaine")
    walker.fill_in()
    assert not walker.due
    walker.pass_to(8, 12)
    assert not walker.due
    walker.pass_to(14, 12)
    assert walker.due


def tiles(walker: Walker) -> tuple[Any, ...]:
    view = walker.view
    assert isinstance(view, HomeView)
    return tuple(tile for tile in view.tiles if tile.kind == "question")


def test_a_form_that_has_not_begun_or_was_never_told_is_not_asked() -> None:
    walker = Weeks(weekly(start_ms=round(MONDAY.timestamp() * 1000) + HOUR_MS))
    assert not walker.due
    walker.clock.pass_ms(HOUR_MS)
    assert walker.due
    assert not due(Walker(prescribed(weekly())).journey, walker.clock())


def test_the_answers_travel_with_who_gave_them() -> None:
    walker = Weeks(weekly())
    walker.touch("forms:semaine")
    for target in ("yes", "continue", "cone"):
        walker.touch(target, 4)
    effects = walker.touch("continue")
    (written,) = [one for one in effects if isinstance(one, Write)]
    (report,) = written.reports
    assert isinstance(report, FormAnswered)
    assert decode(encode(report), FormAnswered) == report
    assert (report.request, report.answered_by, report.response.status) == ("semaine", "self", "completed")
    assert report.response.source.reference == "Patient/martin"
    assert written.plan is not None
    assert (written.plan.patient, written.draft) == ("martin", None)
    assert walker.screen == "ThanksView"
    walker.touch("done")
    assert walker.screen == "HomeView"


@pytest.mark.parametrize(
    ("asked", "words", "source", "subject"),
    [
        (weekly(respondent="relative"), "Pour un proche", "RelatedPerson/of-martin", "Patient/martin"),
        (weekly(respondent="carer"), "Pour un soignant", "Practitioner/of-martin", "Patient/martin"),
        (
            weekly(respondent=None, about_relative=True),
            "Pour un proche",
            "RelatedPerson/of-martin",
            "RelatedPerson/of-martin",
        ),
        (weekly(respondent="with-relative"), "2 questions", "Patient/martin", "Patient/martin"),
    ],
)
def test_a_form_for_somebody_else_says_so_and_is_never_the_patients(
    asked: FormRequest, words: str, source: str, subject: str
) -> None:
    walker = Weeks(asked)
    assert tiles(walker)[0].subtitle == words
    walker.touch("forms:semaine")
    walker.fill_in()
    (report,) = walker.forms
    assert (report.response.source.reference, report.response.subject.reference) == (source, subject)


def test_who_answers_is_asked_first_when_the_plan_does_not_say_it() -> None:
    walker = Weeks(weekly(respondent=None))
    walker.alone = False
    walker.touch("forms:semaine")
    assert walker.screen == "ChoiceView"
    walker.touch("continue")
    assert walker.screen == "ChoiceView"
    for target in ("decline", "option:0", "option:2", "continue"):
        walker.touch(target)
    assert walker.view.step == 2  # type: ignore[union-attr]
    walker.touch("back")
    assert walker.view.chosen == "option:2"  # type: ignore[union-attr]
    walker.touch("continue")
    walker.fill_in()
    assert walker.forms[0].answered_by == "relative"


def test_a_form_that_was_left_is_kept_as_stopped_and_due_again() -> None:
    walker = Weeks(weekly())
    walker.touch("forms:semaine")
    for target in ("no", "continue"):
        walker.touch(target)
    walker.wait_ms(15 * 60_000)
    assert walker.screen == "HomeView"
    (report,) = walker.forms
    assert report.response.status == "stopped"
    assert [one.absent_reason for one in report.response.item] == [None, "not-asked"]
    assert walker.due
    walker.touch("forms:semaine")
    walker.touch("back")
    assert (walker.screen, len(walker.forms)) == ("HomeView", 1)  # nothing was answered: nothing to tell


def test_the_days_after_a_care_are_asked_from_the_morning_on_and_once_a_day() -> None:
    walker = Weeks(next_days())
    walker.pass_to(0, 21)
    walker.heard()
    walker.pass_to(1, 7, 59)
    assert not walker.due
    walker.pass_to(1, 8)
    assert walker.due == [("suite", "soin-0", 1)]
    walker.touch("forms:suite")
    walker.fill_in()
    (report,) = walker.forms
    assert (report.after, report.day, report.request) == ("soin-0", 1, "suite")
    assert not walker.due
    walker.pass_to(2, 12)
    assert not walker.due
    walker.pass_to(3, 12)
    assert walker.due == [("suite", "soin-0", 3)]
    walker.pass_to(4, 12)
    assert not walker.due


def test_many_cares_have_one_following_day_and_the_last_one_counts() -> None:
    walker = Weeks(next_days(days=(1, 2), requests=("riviere",)))
    for day in range(3):
        walker.pass_to(day, 18)
        walker.heard()
    walker.heard("crisis", share=0.3)
    walker.pass_to(3, 10)
    assert walker.due == [("suite", "soin-2", 1)]
    walker.touch("forms:suite")
    walker.fill_in()
    walker.pass_to(3, 20)
    assert not walker.due  # of the day before, too
    walker.pass_to(4, 10)
    assert walker.due == [("suite", "soin-2", 2)]


def test_a_care_that_was_hardly_heard_has_no_following_days() -> None:
    walker = Weeks(next_days())
    walker.heard(share=0.5)
    walker.pass_to(1, 12)
    assert not walker.due


def test_after_a_sleep_care_nothing_is_asked_until_the_morning() -> None:
    walker = Weeks(weekly(open_days=7))
    walker.pass_to(0, 22)
    walker.heard("sleep")
    assert not walker.due
    walker.pass_to(1, 6, 59)
    assert not walker.due
    walker.pass_to(1, 7, 1)
    assert walker.due
    walker.pass_to(1, 14)
    walker.heard("sleep")
    assert not walker.due
    walker.pass_to(1, 16, 1)
    assert walker.due
    walker.pass_to(2, 3)
    walker.heard("sleep")
    walker.clock.trusted = False
    walker.clock.pass_ms(7 * HOUR_MS)
    assert not walker.due
    walker.clock.pass_ms(2 * HOUR_MS)
    walker.tell_forms(wall_at_0_ms=walker.clock.wall_ms - walker.clock.monotonic_ms)
    assert walker.due


def test_the_weekly_one_leads_then_the_days_after_a_care_then_the_others() -> None:
    walker = Weeks(weekly(id="autre", purpose="satisfaction"), weekly(), next_days())
    walker.pass_to(0, 12)
    walker.heard()
    walker.pass_to(1, 12)
    assert [name for name, _, _ in walker.due] == ["semaine", "suite", "autre"]


def test_without_a_trusted_clock_a_rhythm_goes_by_what_is_surely_past() -> None:
    walker = Weeks(weekly())
    walker.clock.trusted = False
    walker.clock.wall_ms = 0
    walker.tell_forms()
    assert walker.due  # never asked, and no clock was ever right
    walker.tell_forms(Done("semaine", walker.clock.monotonic_ms))
    walker.clock.pass_ms(7 * DAY_MS - 1)
    assert not walker.due
    walker.clock.pass_ms(1)
    assert walker.due
    surely_ms = round(MONDAY.timestamp() * 1000) - walker.clock.monotonic_ms
    walker.tell_forms(wall_at_0_ms=surely_ms)
    assert walker.due
    walker.tell_forms(wall_at_0_ms=surely_ms - HOUR_MS)
    assert not walker.due  # it has surely not begun


def test_without_a_trusted_clock_the_days_after_a_care_go_by_the_time_lived() -> None:
    walker = Weeks(next_days())
    walker.clock.trusted = False
    walker.heard()
    walker.clock.pass_ms(15 * HOUR_MS)
    assert not walker.due
    walker.clock.pass_ms(2 * HOUR_MS)
    assert walker.due == [("suite", "soin-0", 1)]
    walker.touch("forms:suite")
    walker.fill_in()
    assert not walker.due
    walker.clock.pass_ms(48 * HOUR_MS)
    assert walker.due == [("suite", "soin-0", 3)]


def test_a_plan_with_a_problem_asks_nothing() -> None:
    walker = Weeks(weekly())
    walker.journey = type(walker.journey)(**(vars(walker.journey) | {"problem": "expired"}))
    assert not walker.due
    walker.touch("forms:semaine")
    assert walker.screen == "HomeView"


def test_answers_that_are_locked_ask_for_the_code_first() -> None:
    walker = Weeks(weekly())
    locked = structs.replace(
        prescribed(weekly()), locked=("answers",), code=AccessCode(kind="pin", digest="$argon2id$invented")
    )
    walker.feel(PlanChanged(walker.clock(), locked))
    walker.tell_forms()
    walker.touch("forms:semaine")
    assert walker.screen == "CodeView"
    for digit in "1234":
        walker.touch(f"key:{digit}")
    walker.feel(CodeChecked(walker.clock(), "martin", fits=True))
    assert (walker.screen, walker.view.moment) == ("YesNoView", "Votre semaine")  # type: ignore[union-attr]


def test_a_read_back_is_asked_wherever_the_person_is() -> None:
    lesson = Education(
        id="lecon", version=1, title="Vos médicaments", pages=(Page(heading="Un", text="Texte."),),
        read_back=FORM.canonical,
    )  # fmt: skip
    walker = Weeks()
    turn = ask(walker.journey, lesson, walker.clock())
    assert isinstance(turn.journey.place, Form)
    walker.journey = turn.journey
    for target in ("option:0", "continue"):
        walker.touch(target)
    assert walker.view.moment == "Vos médicaments"  # type: ignore[union-attr]
    walker.fill_in()
    (report,) = walker.forms
    assert (report.request, report.answered_by, report.after) == ("lecon", "self", None)


def test_a_form_goes_on_after_a_power_cut_where_it_was() -> None:
    walker = Weeks(weekly(respondent=None))
    walker.alone = False
    walker.touch("forms:semaine")
    for target in ("option:1", "continue", "yes", "continue"):
        walker.touch(target)
    walker.touch("cone", 7)
    before, occasion = walker.view, walker.draft
    walker.power_cut()
    assert walker.view == before
    walker.touch("continue")
    (report,) = walker.forms
    assert occasion is not None
    assert (report.occasion, report.answered_by, report.response.score("deux")) == (
        occasion.session,
        "with-relative",
        7,
    )


def test_after_a_long_cut_a_form_is_kept_as_stopped() -> None:
    walker = Weeks(weekly())
    walker.touch("forms:semaine")
    walker.touch("yes")
    walker.touch("continue")
    walker.power_cut(minutes=30)
    assert walker.screen == "HomeView"
    (report,) = walker.forms
    assert (report.response.status, report.response.item[0].answer[0].value_boolean) == ("stopped", True)


def test_each_occasion_has_its_own_name_and_no_session_bears_it() -> None:
    """The clinic keeps one answer of a name: a second one would be taken for the first, sent again."""
    walker = Weeks(weekly(), weekly(id="autre"))
    for name in ("semaine", "autre"):
        walker.touch(f"forms:{name}")
        walker.touch("yes")
        walker.touch("continue")
        walker.touch("decline")
        walker.touch("done")
    walker.touch("care:riviere")
    first, second = (one.occasion for one in walker.told if isinstance(one, FormAnswered))
    assert len({first, second, walker.session}) == 3
