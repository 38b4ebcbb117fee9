"""A form at the limits of its words: 90 letters in a question, 40 in its heading, 60 screens; nothing is cut."""

from dataclasses import replace
from itertools import product

import pytest
from msgspec import structs

from kiosk.journey import asked
from kiosk.journey.filling import begin, show
from kiosk.screen.painter import Painter
from mqtt_bridge.contract.form_rules import HEADING_MAX, check_form, words_max
from mqtt_bridge.contract.forms import QuestionnaireItem
from mqtt_bridge.contract.questions import Choice, Scale, screens
from tests.support.journey import WORDS
from tests.support.questions import choice, cone, group, item, number, questionnaire, scale

LONG = "Comment allez-vous depuis le début de votre nouveau traitement contre les douleurs du dos ?"[:90]
KINDS = {
    "cone": cone("q", text=LONG),
    "words": scale("q", 7, text=LONG),
    "faces": scale("q", 6, faces=True, text=LONG),
    "choice": choice("q", 12, text=LONG),
    "yes": item("q", text=LONG),
    "number": number("q", 0, 9999, text=LONG),
    "text": item("q", "text", text=LONG),
    "read": item("q", "display", text=LONG),
}
SIZES = ((800, 480), (1280, 800))


@pytest.mark.parametrize(("kind", "size"), list(product(KINDS, SIZES)))
def test_nothing_of_a_question_is_cut(kind: str, size: tuple[int, int]) -> None:
    fill: tuple[QuestionnaireItem, ...] = tuple(item(f"z{n}") for n in range(59))
    form = questionnaire(group("g", KINDS[kind], *fill, text=LONG[:HEADING_MAX].strip()))
    check_form(form)
    unanswered = begin(form, "self")
    for title in ("Avant le soin", LONG):
        for filling in (unanswered, replace(unanswered, value=0, text="0", wrong=True)):
            assert Painter(size).paint(asked.view_of(filling, title, WORDS.home, WORDS)).cut == ()


ANSWERS = (
    "Modérément à fortement gêné par les douleurs de tous les jours",
    "Presque constamment présent depuis hier matin et la nuit",
    "Une à deux fois par semaine, le soir ou la nuit, avec un peu d’eau",
)


def _worded(one: QuestionnaireItem) -> QuestionnaireItem:
    """The same with answers as long as a form may have them."""
    (screen,) = screens(questionnaire(one))
    assert isinstance(screen.question, Scale | Choice)
    most = words_max(screen.question)
    said = [ANSWERS[n % len(ANSWERS)][:most].strip() for n in range(len(one.answer_option))]
    options = zip(one.answer_option, said, strict=True)
    worded = (structs.replace(o, value_coding=structs.replace(o.value_coding, display=words)) for o, words in options)
    return structs.replace(one, answer_option=tuple(worded))


@pytest.mark.parametrize("size", SIZES)
def test_no_answer_at_its_limit_is_cut(size: tuple[int, int]) -> None:
    painter = Painter(size)
    scales = [scale("q", steps, faces=faces, text=LONG) for steps in range(2, 8) for faces in (False, True)]
    for one in (*scales, *(choice("q", options, text=LONG) for options in (2, 3, 4, 5, 6, 12))):
        form = questionnaire(group("g", _worded(one), text=LONG[:HEADING_MAX].strip()))
        check_form(form)
        assert painter.paint(asked.view_of(begin(form, "self"), LONG, WORDS.home, WORDS)).cut == (), one


@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_cut_of_who_answers_nor_of_the_end(size: tuple[int, int]) -> None:
    form = questionnaire(*(item(f"q{n}") for n in range(60)))
    for filling in (begin(form), show(begin(form, "self"), 60)):
        assert Painter(size).paint(asked.view_of(filling, LONG, WORDS.home, WORDS)).cut == ()
