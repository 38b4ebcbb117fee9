"""Forms of every kind of question, made of small parts."""

from typing import Any

from mqtt_bridge.contract.forms import (
    MAX_VALUE,
    MIN_VALUE,
    AnswerOption,
    Coding,
    EnableWhen,
    Extension,
    ItemType,
    Operator,
    Questionnaire,
    QuestionnaireItem,
)
from mqtt_bridge.contract.questions import FACES, ORDINAL_VALUE
from tests.support.words_of_care import form as cones

SYSTEM = "urn:chevet:test"


def questionnaire(*items: QuestionnaireItem, name: str = "essai") -> Questionnaire:
    return Questionnaire(url=f"{SYSTEM}:{name}", version="1", status="active", title="Essai", language="fr", item=items)


def item(link_id: str, kind: ItemType = "boolean", **fields: Any) -> QuestionnaireItem:
    """Without a mark of its own: yes or no."""
    return QuestionnaireItem(**({"link_id": link_id, "type": kind, "text": f"{link_id} ?"} | fields))


def cone(link_id: str, **fields: Any) -> QuestionnaireItem:
    model = cones().item[0]
    return item(link_id, "integer", extension=model.extension, item=(item(f"{link_id}.help", "display"),), **fields)


def number(link_id: str, first: int = 0, last: int = 24, **fields: Any) -> QuestionnaireItem:
    bounds = (Extension(url=MIN_VALUE, value_integer=first), Extension(url=MAX_VALUE, value_integer=last))
    return item(link_id, "integer", extension=bounds, **fields)


def scale(link_id: str, steps: int = 5, *, faces: bool = False, **fields: Any) -> QuestionnaireItem:
    marks = (Extension(url=FACES),) if faces else ()
    options = tuple(_option(n, f"pas {n}", n) for n in range(steps))
    return item(link_id, "choice", extension=marks, answer_option=options, **fields)


def choice(link_id: str, options: int = 3, **fields: Any) -> QuestionnaireItem:
    return item(link_id, "choice", answer_option=tuple(_option(n, f"choix {n}") for n in range(options)), **fields)


def group(link_id: str, *items: QuestionnaireItem, **fields: Any) -> QuestionnaireItem:
    return item(link_id, "group", item=items, **fields)


def when(question: str, operator: Operator = "=", **answer: Any) -> EnableWhen:
    """`when("q1", boolean=True)`, `when("q2", ">", integer=3)`, `when("q3", "exists", boolean=True)`."""
    ((kind, value),) = answer.items()
    return EnableWhen(**{"question": question, "operator": operator, f"answer_{kind}": value})


def coding(number: int) -> Coding:
    return Coding(system=SYSTEM, code=str(number))


def _option(n: int, display: str, ordinal: int | None = None) -> AnswerOption:
    extension = () if ordinal is None else (Extension(url=ORDINAL_VALUE, value_decimal=ordinal),)
    return AnswerOption(value_coding=Coding(system=SYSTEM, code=str(n), display=display), extension=extension)
