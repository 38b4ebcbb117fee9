"""Forms are FHIR R4: Questionnaire and QuestionnaireResponse, and our cone (SDC's slider with words).

An item that the person declined carries the data-absent-reason `asked-declined`; one that was never reached,
`not-asked`. Neither is 0 and neither is simply missing.
Source: HL7 FHIR R4 (Questionnaire, QuestionnaireResponse), SDC's rendering extensions, data-absent-reason.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from mqtt_bridge.contract.codec import ContractError, FhirWord, Line

ITEM_CONTROL = "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl"
ITEM_CONTROL_SYSTEM = "http://hl7.org/fhir/questionnaire-item-control"
MIN_VALUE = "http://hl7.org/fhir/StructureDefinition/minValue"
MAX_VALUE = "http://hl7.org/fhir/StructureDefinition/maxValue"
DATA_ABSENT_REASON = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
ORDINAL = "http://hl7.org/fhir/StructureDefinition/ordinalValue"
CONE = "urn:chevet:fhir:cone"
"""Our own extension on an integer slider: the cone's ramp and the words of its steps."""

CONE_MIN, CONE_MAX = 0, 10
Height = Annotated[int, Meta(ge=CONE_MIN, le=CONE_MAX)]

Ramp = Literal["intense", "pleasant"]
AbsentReason = Literal["asked-declined", "not-asked"]


class Coding(FhirWord, frozen=True):
    """In an answer to a scale the option's ordinal value stands with it."""

    system: str
    code: str
    display: str | None = None
    extension: tuple["Extension", ...] = ()


class CodeableConcept(FhirWord, frozen=True):
    coding: tuple[Coding, ...] = ()
    text: str | None = None


class Extension(FhirWord, frozen=True):
    url: str
    value_code: str | None = None
    value_integer: int | None = None
    value_decimal: float | None = None
    value_string: str | None = None
    value_codeable_concept: CodeableConcept | None = None
    extension: tuple["Extension", ...] = ()


ItemType = Literal["integer", "boolean", "choice", "text", "string", "display", "group"]
Operator = Literal["exists", "=", "!=", ">", "<", ">=", "<="]


class AnswerOption(FhirWord, frozen=True):
    """One of the answers of a choice. Its ordinal value, if it has one, is an extension of the coding's option."""

    value_coding: Coding
    extension: tuple[Extension, ...] = ()


class EnableWhen(FhirWord, frozen=True):
    """The item is asked when the answer to `question` compares so with the value given here: one of the four."""

    question: str
    operator: Operator
    answer_boolean: bool | None = None
    answer_integer: int | None = None
    answer_string: str | None = None
    answer_coding: Coding | None = None


class QuestionnaireItem(FhirWord, frozen=True):
    """One item of FHIR R4. Which of them the box can ask: `mqtt_bridge.contract.questions`."""

    link_id: str
    type: ItemType
    text: Line
    required: bool = False
    extension: tuple[Extension, ...] = ()
    enable_when: tuple[EnableWhen, ...] = ()
    enable_behavior: Literal["all", "any"] | None = None
    answer_option: tuple[AnswerOption, ...] = ()
    max_length: int | None = None
    item: tuple["QuestionnaireItem", ...] = ()


class Questionnaire(FhirWord, frozen=True, tag_field="resourceType", tag="Questionnaire"):
    url: str
    version: str
    status: Literal["draft", "active", "retired"]
    title: str
    language: str
    item: tuple[QuestionnaireItem, ...]

    @property
    def canonical(self) -> str:
        return f"{self.url}|{self.version}"


class Answer(FhirWord, frozen=True):
    value_integer: int | None = None
    value_string: str | None = None
    value_boolean: bool | None = None
    value_coding: Coding | None = None


class ResponseItem(FhirWord, frozen=True):
    link_id: str
    answer: tuple[Answer, ...] = ()
    extension: tuple[Extension, ...] = ()

    @property
    def absent_reason(self) -> str | None:
        """Why there is no answer, or None when there is one."""
        return next((e.value_code for e in self.extension if e.url == DATA_ABSENT_REASON), None)


class Reference(FhirWord, frozen=True):
    reference: str


class QuestionnaireResponse(FhirWord, frozen=True, tag_field="resourceType", tag="QuestionnaireResponse"):
    """`status`: completed when the person confirmed; stopped when they left or the power went before."""

    questionnaire: str
    status: Literal["completed", "stopped"]
    subject: Reference
    source: Reference
    item: tuple[ResponseItem, ...]

    def score(self, link_id: str) -> int | None:
        """The whole number, or the step of a scale, answered to `link_id`.

        None when it was declined, not asked, or is not in the form.
        """
        given = next((item.answer[0] for item in self.item if item.link_id == link_id and item.answer), None)
        return None if given is None else _score(given)


def _score(given: Answer) -> int | None:
    if given.value_coding is None:
        return given.value_integer
    ordinal = (e.value_decimal for e in given.value_coding.extension if e.url == ORDINAL)
    return next((round(value) for value in ordinal if value is not None), None)


def answered(link_id: str, value: bool | int | str | Coding) -> ResponseItem:  # noqa: FBT001  # a yes is an answer
    """A given answer, under the FHIR type of its value."""
    match value:
        case bool():
            answer = Answer(value_boolean=value)
        case int():
            answer = Answer(value_integer=value)
        case str():
            answer = Answer(value_string=value)
        case Coding():
            answer = Answer(value_coding=value)
    return ResponseItem(link_id=link_id, answer=(answer,))


def absent(link_id: str, reason: AbsentReason) -> ResponseItem:
    return ResponseItem(link_id=link_id, extension=(Extension(url=DATA_ABSENT_REASON, value_code=reason),))


class ConeWord(FhirWord, frozen=True):
    """What the heights `first` to `last` of a cone are called."""

    first: Height
    last: Height
    text: Line


class Cone(FhirWord, frozen=True):
    """A cone item, read from its slider: see `cone_of`."""

    link_id: str
    question: str
    help: str
    ramp: Ramp
    words: tuple[ConeWord, ...]

    def word(self, value: int) -> str:
        return next(w.text for w in self.words if w.first <= value <= w.last)


def cone_item(cone: Cone) -> QuestionnaireItem:
    """The FHIR item of a cone: an integer with SDC's slider control, its help as a display item."""
    steps = tuple(
        Extension(
            url="word",
            extension=(
                Extension(url="first", value_integer=w.first),
                Extension(url="last", value_integer=w.last),
                Extension(url="text", value_string=w.text),
            ),
        )
        for w in cone.words
    )
    return QuestionnaireItem(
        link_id=cone.link_id,
        type="integer",
        text=cone.question,
        extension=(
            _control("slider"),
            Extension(url=MIN_VALUE, value_integer=CONE_MIN),
            Extension(url=MAX_VALUE, value_integer=CONE_MAX),
            Extension(url=CONE, extension=(Extension(url="ramp", value_code=cone.ramp), *steps)),
        ),
        item=(
            QuestionnaireItem(
                link_id=f"{cone.link_id}.help", type="display", text=cone.help, extension=(_control("help"),)
            ),
        ),
    )


def cone_of(item: QuestionnaireItem) -> Cone:
    """The cone that an integer item describes. Raises ContractError: not a slider of 0 to 10, or a height unnamed."""
    extensions = {e.url: e for e in item.extension}
    if CONE not in extensions or ITEM_CONTROL not in extensions:
        raise ContractError(f"item {item.link_id}: an integer item must be a slider with the {CONE} extension")
    bounds = [extensions[url].value_integer for url in (MIN_VALUE, MAX_VALUE) if url in extensions]
    if bounds != [CONE_MIN, CONE_MAX]:
        raise ContractError(f"item {item.link_id}: a cone goes from {CONE_MIN} to {CONE_MAX}, not {bounds}")
    parts = extensions[CONE].extension
    words = tuple(_cone_word(e) for e in parts if e.url == "word")
    named = [height for w in words for height in range(w.first, w.last + 1)]
    if named != list(range(CONE_MIN, CONE_MAX + 1)):
        raise ContractError(f"item {item.link_id}: each height from 0 to 10 has one word, not {named}")
    ramp: Ramp = "pleasant" if any(e.url == "ramp" and e.value_code == "pleasant" for e in parts) else "intense"
    advice = next((child.text for child in item.item if child.type == "display"), "")
    return Cone(link_id=item.link_id, question=item.text, help=advice, ramp=ramp, words=words)


def _control(code: str) -> Extension:
    coding = Coding(system=ITEM_CONTROL_SYSTEM, code=code)
    return Extension(url=ITEM_CONTROL, value_codeable_concept=CodeableConcept(coding=(coding,)))


def _cone_word(extension: Extension) -> ConeWord:
    parts = {e.url: e for e in extension.extension}
    try:
        first, last, text = parts["first"].value_integer, parts["last"].value_integer, parts["text"].value_string
    except KeyError as error:
        raise ContractError(f"a cone's word has first, last and text: {error} is missing") from error
    try:
        return msgspec.convert({"first": first, "last": last, "text": text}, ConeWord)
    except msgspec.ValidationError as error:
        raise ContractError(f"a cone's word: {error}") from error
