"""Every kind of question: one a screen, back and change until confirmed, kept; declined is no answer and not zero."""

from pathlib import Path
from typing import Any

import pytest
from msgspec import structs

from kiosk.journey import asked
from kiosk.journey.draft import Draft
from kiosk.journey.evaluation import WHO_AGAIN_MS
from kiosk.journey.events import PowerReturned
from kiosk.journey.filling import begin
from kiosk.journey.views import ConeView
from mqtt_bridge.contract.care import CarePlan
from mqtt_bridge.contract.codec import decode, encode
from mqtt_bridge.contract.forms import ORDINAL, AnswerOption, Coding, Extension, Questionnaire, ResponseItem
from mqtt_bridge.contract.report import Evaluation
from mqtt_bridge.contract.stamp import Stamp
from tests.support.journey import WORDS, Walker
from tests.support.questions import SYSTEM, choice, coding, cone, group, item, number, questionnaire, scale, when
from tests.support.words_of_care import plan, request


def asking(form: Questionnaire) -> CarePlan:
    care = structs.replace(request(), questionnaire=form.canonical)
    return structs.replace(plan(care), questionnaires=(form,))


def walker_before(form: Questionnaire) -> Walker:
    """In front of the first question of this form, before a care."""
    walker = Walker(asking(form))
    walker.touch("care:riviere")
    return walker


def view(walker: Walker) -> Any:
    """What is shown: tests know which view it is."""
    return walker.view


def touches(walker: Walker, *targets: str) -> None:
    for target in targets:
        walker.touch(target)


def answers(walker: Walker) -> tuple[ResponseItem, ...]:
    report = walker.reports[-1]
    assert isinstance(report, Evaluation)
    return report.response.item


def test_a_scale_in_words_or_faces_is_answered_by_its_option() -> None:
    walker = walker_before(questionnaire(scale("mots"), scale("visages", 6, faces=True)))
    assert walker.screen == "ScaleView"
    assert (view(walker).options[0], view(walker).chosen, view(walker).faces) == ("pas 0", None, False)
    touches(walker, "option:3", "option:0", "option:9", "continue")
    assert walker.screen == "ScaleView"
    assert view(walker).faces
    touches(walker, "option:5", "continue")
    given = [one.answer[0].value_coding for one in answers(walker)]
    assert [(one.code, one.display) for one in given if one] == [("0", "pas 0"), ("5", "pas 5")]


def test_a_rule_about_pain_holds_however_pain_was_asked() -> None:
    steps = (("aucune", 0), ("faible", 3), ("forte", 8))
    options = tuple(
        AnswerOption(
            value_coding=Coding(system=SYSTEM, code=name, display=name),
            extension=(Extension(url=ORDINAL, value_decimal=float(value)),),
        )
        for name, value in steps
    )
    walker = walker_before(questionnaire(item("douleur", "choice", answer_option=options)))
    touches(walker, "option:2", "continue")
    report = walker.reports[-1]
    assert isinstance(report, Evaluation)
    assert decode(encode(report), Evaluation).response.score("douleur") == 8
    assert walker.screen == "NeedView"


def test_a_choice_has_six_options_a_page_and_nothing_unseen_is_confirmed() -> None:
    walker = walker_before(questionnaire(choice("ou", 12), item("apres")))
    touches(walker, "option:2", "more")
    assert walker.screen == "ChoiceView"
    assert [one.target for one in view(walker).options] == [f"option:{n}" for n in range(6, 12)]
    assert view(walker).chosen is None
    walker.touch("continue")  # what was chosen is on the other page: it is shown first
    assert walker.screen == "ChoiceView"
    assert view(walker).chosen == "option:2"
    touches(walker, "more", "option:11", "continue", "back")
    assert walker.screen == "ChoiceView"
    assert view(walker).chosen == "option:11"
    touches(walker, "continue", "no", "continue")
    assert answers(walker)[0].answer[0].value_coding == structs.replace(coding(11), display="choix 11")


def test_no_is_an_answer_and_declined_is_none() -> None:
    walker = walker_before(questionnaire(item("un"), item("deux"), item("trois")))
    assert walker.screen == "YesNoView"
    touches(walker, "continue")
    assert view(walker).step == 2
    touches(walker, "yes", "no", "continue", "decline", "back")
    assert walker.screen == "YesNoView"
    assert (view(walker).chosen, view(walker).declined) == (None, True)
    touches(walker, "continue", "decline")
    first, second, third = answers(walker)
    assert first.answer[0].value_boolean is False
    assert (second.answer, second.absent_reason) == ((), "asked-declined")
    assert third.absent_reason == "asked-declined"


def test_a_number_is_written_digit_by_digit_and_refused_outside_of_its_bounds() -> None:
    walker = walker_before(questionnaire(number("heures", 4, 24), item("apres")))
    touches(walker, "key:0", "key:3", "key:a", "key:backspace", "key:3", "continue")
    assert walker.screen == "NumberView"
    assert (view(walker).digits, view(walker).allowed, bool(view(walker).wrong)) == ("3", "Un nombre de 4 à 24", True)
    touches(walker, "key:9", "key:9", "continue")
    assert walker.screen == "NumberView"
    assert (view(walker).digits, bool(view(walker).wrong)) == ("39", True)
    touches(walker, "key:backspace", "key:backspace", "key:1", "key:2")
    assert walker.screen == "NumberView"
    assert not view(walker).wrong
    touches(walker, "continue", "back")
    assert walker.screen == "NumberView"
    assert view(walker).digits == "12"
    touches(walker, "continue", "decline")
    assert answers(walker)[0].answer[0].value_integer == 12


def test_information_is_read_and_has_no_answer() -> None:
    walker = walker_before(questionnaire(item("lire", "display", text="Respirez."), item("question")))
    assert walker.screen == "TextView"
    assert (view(walker).paragraph, view(walker).page, view(walker).pages) == ("Respirez.", 2, 3)
    touches(walker, "decline", "continue", "yes", "continue")
    assert [one.link_id for one in answers(walker)] == ["question"]


def test_a_group_is_a_heading() -> None:
    parts = (item("un"), cone("deux"), item("trois", "text"), item("quatre", "display"))
    walker = walker_before(questionnaire(group("g", *parts, text="Cette nuit"), item("cinq", "text")))
    assert view(walker).heading == "Cette nuit"
    walker.touch("decline")
    assert (walker.screen, view(walker).moment) == ("ConeView", "Cette nuit")  # it has no other place for it
    walker.touch("decline")
    assert (walker.screen, view(walker).moment) == ("CommentView", "Cette nuit")
    walker.touch("continue")
    assert (walker.screen, view(walker).heading) == ("TextView", "Cette nuit")
    walker.touch("continue")
    assert view(walker).moment == "Avant le soin"


def test_a_question_asks_for_another_and_loses_it_when_the_answer_changes() -> None:
    form = questionnaire(
        item("mal"), cone("douleur", enable_when=(when("mal", boolean=True),)),
        item("ou", "text", enable_when=(when("douleur", ">=", integer=7),)), item("fin"),
    )  # fmt: skip
    walker = walker_before(form)
    assert view(walker).steps == 3
    touches(walker, "yes", "continue")
    walker.touch("cone", 8)
    touches(walker, "continue", "key:a", "continue")
    assert (view(walker).step, view(walker).steps) == (5, 5)
    touches(walker, "back", "back", "back", "no", "continue")
    assert view(walker).question == "fin ?"
    touches(walker, "yes", "continue")
    assert [one.absent_reason for one in answers(walker)] == [None, "not-asked", "not-asked", None]


def test_what_was_hidden_is_there_again_when_it_is_asked_again() -> None:
    form = questionnaire(item("mal"), cone("douleur", enable_when=(when("mal", boolean=True),)), item("fin"))
    walker = walker_before(form)
    touches(walker, "yes", "continue")
    walker.touch("cone", 8)
    touches(walker, "continue", "back", "back", "no", "continue", "back", "yes", "continue")
    assert view(walker).value == 8


def test_a_long_form_is_sent_by_one_more_touch_and_a_short_one_is_not() -> None:
    walker = walker_before(questionnaire(*(item(f"q{n}") for n in range(9))))
    for _ in range(9):
        touches(walker, "yes", "continue")
    assert walker.screen == "TextView"
    assert (view(walker).heading, view(walker).go_on, walker.reports) == ("C’est fini.", "Envoyer", [])
    walker.touch("back")
    assert walker.screen == "YesNoView"
    assert view(walker).chosen
    touches(walker, "no", "continue", "continue")
    assert [one.answer[0].value_boolean for one in answers(walker)] == [True] * 8 + [False]
    short = walker_before(questionnaire(*(item(f"q{n}") for n in range(8))))
    for _ in range(8):
        touches(short, "yes", "continue")
    assert len(answers(short)) == 8


def test_words_keep_their_limit_and_none_are_no_answer() -> None:
    walker = walker_before(questionnaire(item("mot", "string", max_length=3), item("libre", "text")))
    touches(walker, *(f"key:{letter}" for letter in "abcdef"))
    assert walker.screen == "CommentView"
    assert view(walker).text == "abc"
    touches(walker, "continue", "key: ", "continue")
    first, second = answers(walker)
    assert first.answer[0].value_string == "abc"
    assert second.absent_reason == "asked-declined"


def test_what_is_touched_and_not_confirmed_survives_a_power_cut() -> None:
    form = questionnaire(scale("a"), choice("b", 12), item("c"), number("d"), item("e", "text"), cone("f"))
    walker = walker_before(form)
    for touched, field, expected in (
        ("option:2", "chosen", 2), ("option:8", "chosen", "option:8"), ("yes", "chosen", True),
        ("key:7", "digits", "7"), ("key:z", "text", "z"), ("cone", "value", 5),
    ):  # fmt: skip
        walker.touch("more")  # to the second page, where there is one
        walker.touch(touched, 5)
        before = walker.view
        walker.power_cut()
        assert walker.view == before
        assert getattr(view(walker), field) == expected
        walker.touch("continue")
    assert len(answers(walker)) == 6


def test_who_answers_is_asked_before_a_care_and_believed_after_it() -> None:
    walker = Walker()
    walker.alone = False
    walker.touch("care:riviere")
    assert view(walker).question == "Qui répond aux questions\u202f?"
    assert [one.label for one in view(walker).options] == [
        "Moi", "Moi, avec un proche", "Un proche", "Un soignant",
    ]  # fmt: skip
    touches(walker, "continue", "decline", "option:1", "option:2", "continue")
    walker.evaluate()
    touches(walker, "continue", "continue", "continue")
    walker.power_cut()
    walker.sound("ready", session=drafted(walker))
    walker.press()
    walker.sound("ended", 10, "heard_whole", session=drafted(walker))
    assert walker.screen == "ConeView"
    walker.evaluate()
    before, _, after = walker.reports
    assert isinstance(before, Evaluation)
    assert isinstance(after, Evaluation)
    assert (before.answered_by, after.answered_by) == ("relative", "relative")
    assert before.response.source.reference == "RelatedPerson/of-martin"
    assert before.response.subject.reference == "Patient/martin"


def drafted(walker: Walker) -> str:
    assert walker.draft is not None
    return walker.draft.session


def test_long_after_a_care_who_answers_is_asked_again() -> None:
    walker = Walker(plan(request("nuit", "sleep")))
    walker.to_playing("nuit")
    walker.alone = False
    walker.sound("ended", 10, "heard_whole")
    walker.clock.pass_ms(WHO_AGAIN_MS)
    walker.touch("wake")
    assert walker.screen == "ChoiceView"
    touches(walker, "option:3", "continue")
    walker.evaluate()
    report = walker.reports[-1]
    assert isinstance(report, Evaluation)
    assert (report.answered_by, report.response.source.reference) == ("carer", "Practitioner/of-martin")
    assert report.delay_s >= WHO_AGAIN_MS / 1000


def test_soon_after_a_care_it_is_not() -> None:
    walker = Walker(plan(request("nuit", "sleep")))
    walker.to_playing("nuit")
    walker.sound("ended", 10, "heard_whole")
    walker.clock.pass_ms(WHO_AGAIN_MS - 10_000)
    walker.touch("wake")
    assert walker.screen == "ConeView"


def test_a_draft_of_an_older_box_is_still_read() -> None:
    """Written by the box of 22 November 2026, at the third cone of the questions before a care."""
    draft = decode((Path(__file__).parent / "old" / "draft-2026-11-22.json").read_bytes(), Draft)
    walker = Walker()
    walker.feel(PowerReturned(Stamp(wall_ms=0, trusted=False, boot=draft.saved.boot, monotonic_ms=99_000), draft))
    assert (view(walker).question, view(walker).step, view(walker).value) == ("douleur ?", 3, None)
    walker.touch("back")
    assert view(walker).value == 7
    touches(walker, "continue", "decline", "decline", "decline", "continue")
    report = walker.reports[-1]
    assert isinstance(report, Evaluation)
    assert (report.answered_by, report.response.source.reference) == (None, "Patient/martin")
    assert [report.response.score(name) for name in ("angoisse", "anxiete", "douleur")] == [6, 7, None]


def test_a_long_title_gives_its_place_to_short_words() -> None:
    form = questionnaire(group("g", cone("a"), text="Au cours des sept derniers jours"))
    for title, shown in (
        ("Comment va la personne que vous aidez", "Vos questions"),
        ("Votre semaine", "Votre semaine"),
    ):
        view = asked.view_of(begin(form, "self"), title, "", WORDS)
        assert isinstance(view, ConeView)
        assert view.moment == shown


@pytest.mark.parametrize("changes", [{"value": 99}, {"value": -1}, {"position": 99}, {"position": -7}, {"items": ()}])
def test_a_draft_that_cannot_be_right_breaks_nothing(changes: dict[str, Any]) -> None:
    walker = walker_before(questionnaire(scale("a"), choice("b", 12), item("c")))
    touches(walker, "option:2", "continue", "option:1")
    assert walker.draft is not None
    walker.draft = structs.replace(walker.draft, **changes)
    walker.power_cut()
    for _ in range(12):
        touches(walker, "option:0", "yes", "continue")
    assert walker.reports


def test_a_form_that_cannot_be_asked_any_more_keeps_its_answers() -> None:
    walker = walker_before(questionnaire(scale("a"), item("b")))
    touches(walker, "option:2", "continue")
    assert walker.draft is not None
    assert walker.draft.form is not None
    unknown = structs.replace(walker.draft.form.item[1], type="choice")  # without any option
    form = structs.replace(walker.draft.form, item=(walker.draft.form.item[0], unknown))
    walker.draft = structs.replace(walker.draft, form=form)
    walker.power_cut()
    walker.touch("continue")
    given, missing = answers(walker)
    assert given.answer[0].value_coding is not None
    assert (given.answer[0].value_coding.code, missing.absent_reason) == ("2", "not-asked")
