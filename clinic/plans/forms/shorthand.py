"""The TOML in which the house writes its forms, and the FHIR Questionnaire that it stands for.

    [[item]]
    id = "sommeil"
    kind = "verbal"                 # cone, verbal, faces, choice, yes-no, number, text, words
    question = "Comment avez-vous dormi ?"
    options = ["Très mal", "Mal", "Bien", "Très bien"]      # a scale: from least to most
    values = [0, 3, 7, 10]          # what the rules of a plan compare; without them 0, 1, 2, 3
    ramp = "pleasant"               # the most is the best one; else the hardest: faces and colours follow it
    when = [{ question = "nuit", yes = true }]              # also number or code, and operator
    heading = "La nuit"             # items of one heading that follow each other make a group

A choice names its answers: `options = { oubli = "J’ai oublié", cher = "C’est trop cher" }`.
"""

from itertools import groupby
from typing import Annotated, Literal

from msgspec import Meta

from mqtt_bridge.contract.codec import ContractError, Word
from mqtt_bridge.contract.forms import (
    CONE_MAX,
    CONE_MIN,
    ITEM_CONTROL,
    ITEM_CONTROL_SYSTEM,
    MAX_VALUE,
    MIN_VALUE,
    AnswerOption,
    CodeableConcept,
    Coding,
    Cone,
    ConeWord,
    EnableWhen,
    Extension,
    ItemType,
    Operator,
    Questionnaire,
    QuestionnaireItem,
    Ramp,
    cone_item,
)
from mqtt_bridge.contract.questions import FACES, ORDINAL_VALUE, RAMP

STEPS = ((CONE_MIN, 0), (1, 3), (4, 6), (7, 9), (10, CONE_MAX))
ConeWords = Annotated[tuple[str, ...], Meta(min_length=len(STEPS), max_length=len(STEPS))]
"""For 0, 1 to 3, 4 to 6, 7 to 9, and 10."""
Kind = Literal["cone", "verbal", "faces", "choice", "yes-no", "number", "text", "words"]
_TYPES: dict[Kind, ItemType] = {
    "verbal": "choice", "faces": "choice", "choice": "choice", "yes-no": "boolean", "number": "integer",
    "text": "text", "words": "display", "cone": "integer",
}  # fmt: skip


class WhenShorthand(Word, frozen=True):
    question: str
    operator: Operator = "="
    yes: bool | None = None
    number: int | None = None
    code: str | None = None


class ItemShorthand(Word, frozen=True):
    id: str
    kind: Kind
    question: str
    help: str = ""
    options: tuple[str, ...] | dict[str, str] = ()
    values: tuple[Annotated[int, Meta(ge=0, le=10)], ...] = ()
    first: int = 0
    last: int = 10
    ramp: Ramp = "intense"
    words: ConeWords | None = None
    when: tuple[WhenShorthand, ...] = ()
    heading: str = ""


class ConeShorthand(Word, frozen=True):
    link_id: str
    question: str
    help: str
    ramp: Ramp
    words: ConeWords


class CommentShorthand(Word, frozen=True):
    link_id: str
    question: str


class FormShorthand(Word, frozen=True):
    """`cone` and `comment` are the five indicators' own; every other form has items."""

    url: str
    version: str
    title: str
    language: Literal["fr", "en"]
    cone: tuple[ConeShorthand, ...] = ()
    comment: CommentShorthand | None = None
    item: tuple[ItemShorthand, ...] = ()


def questionnaire(form: FormShorthand) -> Questionnaire:
    """Raises ContractError."""
    items = tuple(cone_item(_cone(cone)) for cone in form.cone)
    if form.comment:
        items += (QuestionnaireItem(link_id=form.comment.link_id, type="text", text=form.comment.question),)
    return Questionnaire(
        url=form.url,
        version=form.version,
        status="active",
        title=form.title,
        language=form.language,
        item=items + _grouped(form),
    )


def _grouped(form: FormShorthand) -> tuple[QuestionnaireItem, ...]:
    made: list[QuestionnaireItem] = []
    for number, (heading, items) in enumerate(groupby(form.item, lambda item: item.heading)):
        inner = tuple(_item(item, form.url) for item in items)
        if heading:
            made.append(QuestionnaireItem(link_id=f"group-{number}", type="group", text=heading, item=inner))
        else:
            made.extend(inner)
    return tuple(made)


def _item(item: ItemShorthand, system: str) -> QuestionnaireItem:
    conditions = tuple(_when(condition, system) for condition in item.when)
    if item.kind == "cone":
        if item.words is None:
            raise ContractError(f"item {item.id}: a cone needs `words`, for 0, 1 to 3, 4 to 6, 7 to 9 and 10")
        cone = ConeShorthand(item.id, item.question, item.help or item.question, item.ramp, item.words)
        drawn = cone_item(_cone(cone))
        return QuestionnaireItem(
            link_id=drawn.link_id,
            type=drawn.type,
            text=drawn.text,
            extension=drawn.extension,
            item=drawn.item,
            enable_when=conditions,
        )
    return QuestionnaireItem(
        link_id=item.id,
        type=_TYPES[item.kind],
        text=item.question,
        extension=_marks(item),
        enable_when=conditions,
        answer_option=_options(item, system),
        item=_help(item),
    )


def _marks(item: ItemShorthand) -> tuple[Extension, ...]:
    if item.kind == "number":
        return Extension(url=MIN_VALUE, value_integer=item.first), Extension(url=MAX_VALUE, value_integer=item.last)
    if item.kind not in ("verbal", "faces"):
        return ()
    ramp = (Extension(url=RAMP, value_code=item.ramp),) if item.ramp != "intense" else ()
    return ((Extension(url=FACES),) if item.kind == "faces" else ()) + ramp


def _options(item: ItemShorthand, system: str) -> tuple[AnswerOption, ...]:
    if isinstance(item.options, dict):
        if item.kind in ("verbal", "faces"):
            raise ContractError(f"item {item.id}: a scale has a list of options, from least to most")
        return tuple(_option(system, f"{item.id}.{code}", text) for code, text in item.options.items())
    if item.options and item.kind == "choice":
        raise ContractError(f'item {item.id}: a choice names its answers: options = {{ code = "words" }}')
    values = item.values or tuple(range(len(item.options)))
    if len(values) != len(item.options):
        raise ContractError(f"item {item.id}: {len(item.options)} options and {len(values)} values: one for each")
    told = enumerate(zip(item.options, values, strict=True))
    return tuple(_option(system, f"{item.id}.{place}", text, value) for place, (text, value) in told)


def _option(system: str, code: str, text: str, value: int | None = None) -> AnswerOption:
    ordinal = () if value is None else (Extension(url=ORDINAL_VALUE, value_decimal=float(value)),)
    return AnswerOption(value_coding=Coding(system=system, code=code, display=text), extension=ordinal)


def _help(item: ItemShorthand) -> tuple[QuestionnaireItem, ...]:
    if not item.help:
        return ()
    coding = Coding(system=ITEM_CONTROL_SYSTEM, code="help")
    control = Extension(url=ITEM_CONTROL, value_codeable_concept=CodeableConcept(coding=(coding,)))
    return (QuestionnaireItem(link_id=f"{item.id}.help", type="display", text=item.help, extension=(control,)),)


def _when(condition: WhenShorthand, system: str) -> EnableWhen:
    coding = Coding(system=system, code=f"{condition.question}.{condition.code}") if condition.code else None
    return EnableWhen(
        question=condition.question,
        operator=condition.operator,
        answer_boolean=condition.yes,
        answer_integer=condition.number,
        answer_coding=coding,
    )


def _cone(form: ConeShorthand) -> Cone:
    words = tuple(
        ConeWord(first=first, last=last, text=text) for (first, last), text in zip(STEPS, form.words, strict=True)
    )
    return Cone(link_id=form.link_id, question=form.question, help=form.help, ramp=form.ramp, words=words)
