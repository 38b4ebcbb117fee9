"""Strong pain told in a form apart from a care offers a carer, as after a care's questions (A14)."""

from msgspec import structs

from kiosk.journey.events import PlanChanged
from kiosk.journey.leaving import READING_MS
from kiosk.journey.views import HelpView, NeedView, ThanksView
from mqtt_bridge.contract.report import FormAnswered, HelpAsked, NeedTold
from mqtt_bridge.contract.schedule import FormRequest
from tests.kiosk_journey.test_forms import FORM, Weeks, weekly
from tests.support.questions import cone, item, questionnaire

PAINFUL = questionnaire(item("un"), cone("douleur"), name="semaine")


class Hurting(Weeks):
    """Whoever is asked once a week how strong their pain is."""

    def __init__(self, asked: FormRequest) -> None:
        super().__init__(asked)
        assert self.journey.plan
        others = tuple(one for one in self.journey.plan.questionnaires if one.canonical != FORM.canonical)
        self.feel(PlanChanged(self.clock(), structs.replace(self.journey.plan, questionnaires=(*others, PAINFUL))))

    def answer(self, height: int) -> None:
        self.touch("forms:semaine")
        for target in ("yes", "continue", "cone", "continue"):
            self.touch(target, height)

    @property
    def ends(self) -> list[tuple[str, str]]:
        return [(one.rule, one.chosen) for one in self.told if isinstance(one, NeedTold)]


def test_strong_pain_in_a_weekly_form_offers_a_carer_first() -> None:
    walker = Hurting(weekly())
    walker.answer(7)
    view = walker.view
    assert isinstance(view, NeedView)
    assert [tile.target for tile in view.offers] == ["help"]
    assert view.keep.target == "keep"
    assert [type(one) for one in walker.told] == [FormAnswered], "the answers are written before anything is offered"
    walker.touch("keep")
    assert isinstance(walker.view, ThanksView)
    assert walker.ends == [("strong-pain", "kept")]


def test_less_pain_offers_nothing() -> None:
    walker = Hurting(weekly())
    walker.answer(6)
    assert isinstance(walker.view, ThanksView)
    assert walker.ends == []


def test_help_says_first_what_the_box_is_not_and_the_request_names_the_rule() -> None:
    walker = Hurting(weekly())
    walker.answer(10)
    walker.touch("help")
    assert isinstance(walker.view, HelpView)
    walker.touch("ask")
    (asked,) = (one for one in walker.told if isinstance(one, HelpAsked))
    assert asked.rule == "strong-pain"
    assert walker.ends == [("strong-pain", "help")]
    walker.touch("done")
    assert isinstance(walker.view, ThanksView)


def test_a_carer_who_answers_and_a_relative_about_themselves_are_offered_nothing() -> None:
    for asked in (weekly(respondent="carer"), weekly(respondent="relative", about_relative=True)):
        walker = Hurting(asked)
        walker.answer(9)
        assert isinstance(walker.view, ThanksView)


def test_a_power_cut_leaves_the_offer_standing() -> None:
    walker = Hurting(weekly())
    walker.answer(8)
    walker.power_cut()
    assert isinstance(walker.view, NeedView)
    walker.touch("keep")
    assert walker.ends == [("strong-pain", "kept")]


def test_who_goes_away_has_left_the_offer() -> None:
    walker = Hurting(weekly())
    walker.answer(8)
    walker.wait_ms(READING_MS + 15 * 60_000)
    assert walker.ends == [("strong-pain", "left")]
