"""What the box can ask: the items of a Questionnaire as kinds of question, and which are asked now (enableWhen).

| kind | FHIR item | its mark |
|---|---|---|
| Cone | integer | SDC slider and our cone extension |
| WholeNumber | integer | minValue and maxValue, no slider |
| Scale | choice | every option has an ordinalValue; `faces` with our faces extension, else `verbal`; our ramp |
| Choice | choice | 2 to 12 options, one answer |
| YesNo | boolean | |
| FreeText | text, string | |
| Information | display | at the top level or in a group; a display inside a question is its help |

A scale's ordinal values are what the rules of a plan compare, as a cone's 0 to 10: choose them on that measure.
A group is a heading only: its items are asked one by one, and its enableWhen counts for each of them. A slider that is
no cone is a whole number: nothing needs a drag. `required` changes nothing: a person may always decline.
Source: HL7 FHIR R4 Questionnaire, SDC (itemControl), FHIR's ordinalValue extension.
"""

from collections.abc import Iterator, Mapping

from msgspec import structs

from mqtt_bridge.contract.codec import ContractError, FhirWord, Line
from mqtt_bridge.contract.forms import (
    CONE,
    MAX_VALUE,
    MIN_VALUE,
    ORDINAL,
    Answer,
    Coding,
    Cone,
    EnableWhen,
    Extension,
    Questionnaire,
    QuestionnaireItem,
    Ramp,
    ResponseItem,
    cone_of,
)

ORDINAL_VALUE = ORDINAL
FACES = "urn:chevet:fhir:faces"
"""Our mark on a choice with ordinal values: the box draws a face for each option."""
RAMP = "urn:chevet:fhir:ramp"
"""Our mark `pleasant` on a scale whose last option is the best one; without it the last one is the hardest."""
CHOICES_MIN, CHOICES_MAX = 2, 12
SCALE_MIN, SCALE_MAX = 2, 7
NUMBER_MAX = 9999
TEXT_MAX = 2000


class Option(FhirWord, frozen=True):
    """One answer of a scale or a choice; `value` its ordinal value, on a scale."""

    coding: Coding
    text: Line
    value: int | None = None


class Scale(FhirWord, frozen=True):
    """A verbal or a faces scale, from least to most."""

    link_id: str
    question: str
    help: str
    options: tuple[Option, ...]
    faces: bool = False
    ramp: Ramp = "intense"
    """Whether the most is the hardest (pain) or the best (« très bien »): faces and colours follow it."""


class Choice(FhirWord, frozen=True):
    link_id: str
    question: str
    help: str
    options: tuple[Option, ...]


class YesNo(FhirWord, frozen=True):
    link_id: str
    question: str
    help: str


class WholeNumber(FhirWord, frozen=True):
    """`first` to `last`, both possible answers."""

    link_id: str
    question: str
    help: str
    first: int
    last: int


class FreeText(FhirWord, frozen=True):
    """`length_max`: characters."""

    link_id: str
    question: str
    help: str
    length_max: int


class Information(FhirWord, frozen=True):
    """Words to read, with nothing to answer."""

    link_id: str
    text: str


Question = Cone | Scale | Choice | YesNo | WholeNumber | FreeText | Information


class Asked(FhirWord, frozen=True):
    """One screen of a form: the question, the headings of its groups, and the conditions of all of them."""

    question: Question
    heading: str = ""
    conditions: tuple[tuple[tuple[EnableWhen, ...], bool], ...] = ()
    """Each item's own enableWhen, and whether any of them is enough."""


def screens(form: Questionnaire) -> tuple[Asked, ...]:
    """Every question of a form, in order. Raises ContractError: an item that the box cannot ask."""
    return tuple(_asked(form.item, Asked(question=Information(link_id="", text=""))))


def _asked(items: tuple[QuestionnaireItem, ...], within: Asked) -> Iterator[Asked]:
    for item in items:
        conditions = within.conditions
        if item.enable_when:
            conditions = (*conditions, (item.enable_when, item.enable_behavior == "any"))
        if item.type == "group":
            yield from _asked(item.item, structs.replace(within, heading=item.text, conditions=conditions))
        else:
            yield structs.replace(within, question=question_of(item), conditions=conditions)


def enabled(asked: Asked, given: Mapping[str, ResponseItem]) -> bool:
    """Whether this question is asked, after these answers. Declined and not asked are no answer."""
    return all(
        (any if anyone else all)(_holds(condition, given) for condition in conditions)
        for conditions, anyone in asked.conditions
    )


def _holds(condition: EnableWhen, given: Mapping[str, ResponseItem]) -> bool:
    item = given.get(condition.question)
    answers = item.answer if item else ()
    if condition.operator == "exists":
        return bool(answers) == bool(condition.answer_boolean)
    return any(_compares(condition, answer) for answer in answers)


def _compares(condition: EnableWhen, answer: Answer) -> bool:
    """FHIR compares values of one type only; two codings are equal when system and code are."""
    if condition.answer_integer is not None and answer.value_integer is not None:
        here, there = answer.value_integer, condition.answer_integer
        return {
            "=": here == there,
            "!=": here != there,
            ">": here > there,
            "<": here < there,
            ">=": here >= there,
            "<=": here <= there,
        }[condition.operator]
    equal = _equal(condition, answer)
    return equal if condition.operator == "=" else condition.operator == "!=" and not equal


def _equal(condition: EnableWhen, answer: Answer) -> bool:
    coding, wanted = answer.value_coding, condition.answer_coding
    if wanted is not None:
        return coding is not None and (coding.system, coding.code) == (wanted.system, wanted.code)
    if condition.answer_boolean is not None:
        return answer.value_boolean is condition.answer_boolean
    return answer.value_string is not None and answer.value_string == condition.answer_string


def question_of(item: QuestionnaireItem) -> Question:
    """The question that an item asks. Raises ContractError when the box cannot ask it, and says what it can."""
    extensions = {extension.url: extension for extension in item.extension}
    advice = next((child.text for child in item.item if child.type == "display"), "")
    match item.type:
        case "integer" if CONE in extensions:
            return cone_of(item)
        case "integer":
            first, last = _bounds(item, extensions)
            return WholeNumber(link_id=item.link_id, question=item.text, help=advice, first=first, last=last)
        case "choice":
            return _choice(item, extensions, advice)
        case "boolean":
            return YesNo(link_id=item.link_id, question=item.text, help=advice)
        case "text" | "string":
            length = min(item.max_length or TEXT_MAX, TEXT_MAX)
            return FreeText(link_id=item.link_id, question=item.text, help=advice, length_max=length)
        case "display":
            return Information(link_id=item.link_id, text=item.text)
        case "group":
            raise ContractError(f"item {item.link_id}: a group is no question")


def _bounds(item: QuestionnaireItem, extensions: Mapping[str, Extension]) -> tuple[int, int]:
    first, last = (extensions[url].value_integer if url in extensions else None for url in (MIN_VALUE, MAX_VALUE))
    if first is None or last is None or not 0 <= first < last <= NUMBER_MAX:
        raise ContractError(
            f"item {item.link_id}: a whole number needs minValue and maxValue within 0 to {NUMBER_MAX}, "
            f"not {first} and {last}"
        )
    return first, last


def _choice(item: QuestionnaireItem, extensions: Mapping[str, Extension], advice: str) -> Scale | Choice:
    options = tuple(_option(item, option.value_coding, option.extension) for option in item.answer_option)
    ordinal = [option.value for option in options if option.value is not None]
    if ordinal and len(ordinal) == len(options):
        if not SCALE_MIN <= len(options) <= SCALE_MAX or ordinal != sorted(set(ordinal)):
            raise ContractError(
                f"item {item.link_id}: a scale has {SCALE_MIN} to {SCALE_MAX} options from least to most, not {ordinal}"
            )
        return Scale(
            link_id=item.link_id,
            question=item.text,
            help=advice,
            options=options,
            faces=FACES in extensions,
            ramp="pleasant" if RAMP in extensions and extensions[RAMP].value_code == "pleasant" else "intense",
        )
    if not CHOICES_MIN <= len(options) <= CHOICES_MAX:
        raise ContractError(
            f"item {item.link_id}: a choice has {CHOICES_MIN} to {CHOICES_MAX} options, not {len(options)}"
        )
    return Choice(link_id=item.link_id, question=item.text, help=advice, options=options)


def _option(item: QuestionnaireItem, coding: Coding, extensions: tuple[Extension, ...]) -> Option:
    if not coding.display:
        raise ContractError(f"item {item.link_id}: the option {coding.code} has no display, and it is what is shown")
    value = next((e.value_decimal for e in extensions if e.url == ORDINAL_VALUE), None)
    return Option(coding=coding, text=coding.display, value=None if value is None else round(value))
