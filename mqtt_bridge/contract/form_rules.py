"""What makes a form one that the box can ask: refused where the clinic sends it, with the item and what is allowed."""

from collections.abc import Iterator

from mqtt_bridge.contract.codec import ContractError
from mqtt_bridge.contract.forms import Cone, EnableWhen, Questionnaire, QuestionnaireItem
from mqtt_bridge.contract.questions import (
    Asked,
    Choice,
    FreeText,
    Information,
    Question,
    Scale,
    WholeNumber,
    YesNo,
    screens,
)

ITEMS_MAX = 60
"""At one question a screen nobody finishes a longer form."""
DEPTH_MAX = 6
LINK_ID_MAX = 255
CONDITIONS_MAX = 8
HEADING_MAX = 40
"""Characters of a group's text: it stands on one line above each of its questions."""
FACE_WORDS_MAX = 20
SCALE_WORDS_MAX = {2: 32, 3: 32, 4: 32, 5: 20, 6: 20, 7: 16}
CHOICE_WORDS_MAX, FEW_CHOICES, FEW_CHOICES_WORDS_MAX = 32, 4, 45
"""Characters of an answer, by how many stand beside it: more are cut on the 7-inch panel (tests/kiosk_screen)."""
_ANSWERS = ("answer_boolean", "answer_integer", "answer_string", "answer_coding")
_ORDERS = (">", "<", ">=", "<=")


def check_form(form: Questionnaire) -> None:
    """Raise ContractError when the box could not ask this form."""
    items = tuple(_all(form.item, 1))
    _check_names(form, items)
    for item in items:
        _check_shape(item)
    asked = screens(form)
    if not any(not isinstance(one.question, Information) for one in asked):
        raise ContractError(f"form {form.canonical}: it asks nothing; at least one item is a question")
    if len(asked) > ITEMS_MAX:
        raise ContractError(
            f"form {form.canonical}: {len(asked)} screens; at most {ITEMS_MAX} are asked in one go: make two of it"
        )
    before: dict[str, Question] = {}
    for one in asked:
        _check_heading(one)
        _check_options(one.question)
        _check_conditions(one, before)
        before[one.question.link_id] = one.question


def _check_heading(asked: Asked) -> None:
    if len(asked.heading) > HEADING_MAX:
        raise ContractError(
            f"item {asked.question.link_id}: its group's text has {len(asked.heading)} characters; it is a heading "
            f"of at most {HEADING_MAX}: put the rest into the question or a display item"
        )


def _all(items: tuple[QuestionnaireItem, ...], depth: int) -> Iterator[QuestionnaireItem]:
    if items and depth > DEPTH_MAX:
        raise ContractError(f"item {items[0].link_id}: groups within groups go {DEPTH_MAX} deep at most")
    for item in items:
        yield item
        yield from _all(item.item, depth + 1)


def _check_names(form: Questionnaire, items: tuple[QuestionnaireItem, ...]) -> None:
    names = [item.link_id for item in items]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ContractError(f"form {form.canonical}: each item has its own linkId; more than one has {twice}")
    wrong = [name for name in names if not 1 <= len(name) <= LINK_ID_MAX]
    if wrong:
        raise ContractError(f"form {form.canonical}: a linkId has 1 to {LINK_ID_MAX} characters, not {wrong[0]!r}")


def _check_shape(item: QuestionnaireItem) -> None:
    if len(item.enable_when) > 1 and item.enable_behavior is None:
        raise ContractError(f"item {item.link_id}: with several enableWhen it says enableBehavior, all or any (que-12)")
    if item.type == "group":
        if not item.item:
            raise ContractError(f"item {item.link_id}: a group holds at least one item")
        return
    inside = [child.link_id for child in item.item if child.type != "display" or child.enable_when]
    if inside or len(item.item) > 1:
        raise ContractError(
            f"item {item.link_id}: inside a question stands one display item at most, its help, and nothing that "
            f"depends on an answer; put {inside or [child.link_id for child in item.item]} after it"
        )
    if item.answer_option and item.type != "choice":
        raise ContractError(f"item {item.link_id}: answerOption belongs to a choice, not to the type {item.type}")
    if item.max_length is not None and item.max_length < 1:
        raise ContractError(f"item {item.link_id}: maxLength is at least 1, not {item.max_length}")


def _check_options(question: Question) -> None:
    if isinstance(question, Scale | Choice):
        codes = [(option.coding.system, option.coding.code) for option in question.options]
        if len(set(codes)) != len(codes):
            raise ContractError(f"item {question.link_id}: two of its options have one system and code in {codes}")
        _check_words(question, words_max(question))


def words_max(question: Scale | Choice) -> int:
    """How many characters each of its answers may have."""
    count = len(question.options)
    if isinstance(question, Scale):
        return FACE_WORDS_MAX if question.faces else SCALE_WORDS_MAX[count]
    return FEW_CHOICES_WORDS_MAX if count <= FEW_CHOICES else CHOICE_WORDS_MAX


def _check_words(question: Scale | Choice, characters_max: int) -> None:
    long = next((option for option in question.options if len(option.text) > characters_max), None)
    if long is not None:
        raise ContractError(
            f"item {question.link_id}: the option {long.coding.code} has {len(long.text)} characters; with "
            f"{len(question.options)} of them each has at most {characters_max}: put the rest into a display item"
        )


def _check_conditions(asked: Asked, before: dict[str, Question]) -> None:
    for conditions, _ in asked.conditions:
        if len(conditions) > CONDITIONS_MAX:
            raise ContractError(f"item {asked.question.link_id}: at most {CONDITIONS_MAX} enableWhen, not more")
        for condition in conditions:
            _check_condition(asked.question.link_id, condition, before.get(condition.question))


def _check_condition(name: str, condition: EnableWhen, about: Question | None) -> None:
    """FHIR compares values of one type: a condition that can never hold is a mistake of who wrote it."""
    said = f"item {name}: enableWhen asks about {condition.question!r}"
    if about is None or isinstance(about, Information):
        raise ContractError(f"{said}, which is no question asked before it")
    given = [field for field in _ANSWERS if getattr(condition, field) is not None]
    wanted = "answer_boolean" if condition.operator == "exists" else _answer_of(about)
    if given != [wanted]:
        raise ContractError(f"{said} with {_fhir(given)}; here it takes {_fhir([wanted])} and nothing else")
    if condition.operator in _ORDERS and wanted != "answer_integer":
        raise ContractError(f"{said} with {condition.operator!r}; only whole numbers are smaller or greater")
    coding = condition.answer_coding
    if coding is not None and isinstance(about, Scale | Choice):
        codes = [(option.coding.system, option.coding.code) for option in about.options]
        if (coding.system, coding.code) not in codes:
            raise ContractError(f"{said} with {coding.system}|{coding.code}; its options are {codes}")


def _answer_of(question: Question) -> str:
    match question:
        case Cone() | WholeNumber():
            return "answer_integer"
        case YesNo():
            return "answer_boolean"
        case FreeText():
            return "answer_string"
        case _:
            return "answer_coding"


def _fhir(names: list[str]) -> str:
    """« answerInteger », as FHIR writes it."""
    return " and ".join("answer" + name.removeprefix("answer_").capitalize() for name in names) or "no answer"
