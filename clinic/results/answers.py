"""From one item of a QuestionnaireResponse to a row: every kind of answer, and the reason of a silence."""

from collections.abc import Mapping, Sequence
from functools import cache

from clinic.plans.forms import house_form, house_forms
from clinic.results.unfit import Unfit
from mqtt_bridge.contract.care import CarePlan
from mqtt_bridge.contract.codec import ContractError
from mqtt_bridge.contract.forms import CONE_MAX, CONE_MIN, ORDINAL, Coding, Cone, Questionnaire, ResponseItem
from mqtt_bridge.contract.questions import NUMBER_MAX, Question, WholeNumber, screens

UNKNOWN = "unknown"
"""FHIR's data-absent-reason for an item that gives neither an answer nor a reason."""
NUMBER_MIN = 0


def form_named(plan: CarePlan | None, canonical: str) -> Questionnaire | None:
    """The form as the plan carried it, or the house's own of that name; None when neither is known here."""
    try:
        return plan.questionnaire(canonical) if plan else _of_the_house().get(canonical)
    except KeyError:
        return _of_the_house().get(canonical)


@cache
def _of_the_house() -> dict[str, Questionnaire]:
    return {form.canonical: form for form in map(house_form, house_forms())}


def questions_of(form: Questionnaire | None) -> dict[str, Question]:
    """Its questions by linkId; none of a form that is not known, or that this version cannot read."""
    try:
        return {asked.question.link_id: asked.question for asked in screens(form)} if form else {}
    except ContractError:
        return {}


def answer_fields(item: ResponseItem, questions: Mapping[str, Question]) -> dict[str, str | int | bool | None]:
    """The fields of an answer. Raises Unfit: beyond its bounds, or answered and declined at once.

    questions: of its form, by linkId; none of a form that is not known.
    """
    score, yes = _number(item), None
    codings, words = [], []
    for one in item.answer:  # by one look at each: a report has a dozen, and ingest thousands in a second
        yes = one.value_boolean if yes is None else yes
        if one.value_coding is not None:
            codings.append(one.value_coding)
        if one.value_string is not None:
            words.append(one.value_string)
    answered = score is not None or yes is not None or bool(codings or words)
    if score is not None:
        _check_score(item, score, questions.get(item.link_id))
    reason = "" if answered else (item.absent_reason or UNKNOWN)[:20]
    return {
        "item": text(item.link_id),
        "score": score if score is not None else _step(codings),
        "yes": yes,
        "code": _lines([f"{coding.system}|{coding.code}" for coding in codings]),
        "choice": _lines([_shown(coding) for coding in codings]),
        "words": _lines(words),
        "absent_reason": text(reason),
    }


def score_of(item: ResponseItem) -> int | None:
    """A number that was given, or the step of a scale that was chosen."""
    score = _number(item)
    return score if score is not None else _step([a.value_coding for a in item.answer if a.value_coding is not None])


def _number(item: ResponseItem) -> int | None:
    for one in item.answer:
        if one.value_integer is not None:
            return one.value_integer
    return None


def _step(codings: list[Coding]) -> int | None:
    """Of the one option of a scale that was chosen; None of a step that the record's numbers do not hold."""
    values = [e.value_decimal for coding in codings for e in coding.extension if e.url == ORDINAL]
    if len(codings) != 1 or not values or values[0] is None or not NUMBER_MIN <= values[0] <= NUMBER_MAX:
        return None
    return round(values[0])


def _check_score(item: ResponseItem, score: int, question: Question | None) -> None:
    first, last = _bounds(question)
    if not first <= score <= last:
        raise Unfit(f"the item {item.link_id} is answered {score}: it goes from {first} to {last}")
    if item.absent_reason:
        raise Unfit(f"the item {item.link_id} is answered {score} and declined at once")


def _bounds(question: Question | None) -> tuple[int, int]:
    """What the form allows; of a form that is not known here, what any form may."""
    match question:
        case Cone():
            return CONE_MIN, CONE_MAX
        case WholeNumber(first=first, last=last):
            return first, last
        case _:
            return NUMBER_MIN, NUMBER_MAX


def _shown(coding: Coding) -> str:
    return coding.display or coding.code


def _lines(words: Sequence[str]) -> str:
    return text("\n".join(words)) if words else ""


def text(words: str) -> str:
    """PostgreSQL takes no NUL in a text; the raw bytes keep it."""
    return words.replace("\0", "\N{REPLACEMENT CHARACTER}")
