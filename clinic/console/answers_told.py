"""Answers of every kind, as the pages say them: the question as it was asked, and the answer in its words."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext

from clinic.console.picture import name_of
from clinic.results.answers import questions_of
from clinic.results.models import GivenAnswer
from mqtt_bridge.contract.forms import CONE_MAX, CONE_MIN, Cone, Questionnaire
from mqtt_bridge.contract.questions import Information, Question


@dataclass(frozen=True)
class ToldAnswer:
    question: str
    said: str
    silent: bool
    """Declined or not asked: a word, never a number."""


def tell_answers(answers: Iterable[GivenAnswer], form: Questionnaire | None) -> list[ToldAnswer]:
    """In the order of the report; the linkId stands for a question whose form is not known here."""
    questions = questions_of(form)
    shown = [one for one in answers if not isinstance(questions.get(one.item), Information)]
    return [_tell(one, questions.get(one.item)) for one in shown]


def _tell(answer: GivenAnswer, question: Question | None) -> ToldAnswer:
    asked = name_of(answer.item) if question is None or isinstance(question, Information) else question.question
    return ToldAnswer(asked, said(answer, question), silent=bool(answer.absent_reason))


def said(answer: GivenAnswer, question: Question | None = None) -> str:
    if answer.absent_reason:
        words = {"asked-declined": gettext("décliné"), "not-asked": gettext("non demandé")}
        return words.get(answer.absent_reason, gettext("sans réponse"))
    if answer.yes is not None:
        return gettext("oui") if answer.yes else gettext("non")
    if answer.choice or answer.score is None:
        return answer.choice or answer.words
    return _number(answer.score, question)


def _number(score: int, question: Question | None) -> str:
    if not isinstance(question, Cone) or not CONE_MIN <= score <= CONE_MAX:  # its plan was not known when it came
        return str(score)
    return gettext("%(score)s sur 10 (%(word)s)") % {"score": score, "word": question.word(score).lower()}
