"""A form at the limits of its words: 90 letters in a question, 40 in its heading, 60 screens; nothing is cut."""

from dataclasses import replace
from itertools import product

import pytest

from kiosk.journey import asked
from kiosk.journey.filling import begin, show
from kiosk.screen.painter import Painter
from mqtt_bridge.contract.form_rules import HEADING_MAX, check_form
from mqtt_bridge.contract.forms import QuestionnaireItem
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


@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_cut_of_who_answers_nor_of_the_end(size: tuple[int, int]) -> None:
    form = questionnaire(*(item(f"q{n}") for n in range(60)))
    for filling in (begin(form), show(begin(form, "self"), 60)):
        assert Painter(size).paint(asked.view_of(filling, LONG, WORDS.home, WORDS)).cut == ()
