"""Every kind of question, when each is asked, and forms that the box could not ask: refused with the reason."""

import json
from typing import Any

import pytest
from msgspec import structs

from mqtt_bridge.contract.codec import ContractError, decode, encode
from mqtt_bridge.contract.form_rules import ITEMS_MAX, check_form
from mqtt_bridge.contract.forms import (
    ITEM_CONTROL,
    MAX_VALUE,
    MIN_VALUE,
    AnswerOption,
    Coding,
    Cone,
    EnableWhen,
    Extension,
    ItemType,
    Operator,
    Questionnaire,
    QuestionnaireItem,
    ResponseItem,
    absent,
    answered,
)
from mqtt_bridge.contract.questions import (
    FACES,
    ORDINAL_VALUE,
    RAMP,
    Choice,
    FreeText,
    Information,
    Question,
    Scale,
    WholeNumber,
    YesNo,
    enabled,
    screens,
)
from tests.support.words_of_care import form

BOUNDS = (Extension(url=MIN_VALUE, value_integer=0), Extension(url=MAX_VALUE, value_integer=24))


def item(link_id: str, kind: ItemType = "boolean", **fields: Any) -> QuestionnaireItem:
    return QuestionnaireItem(link_id=link_id, type=kind, text=f"{link_id} ?", **fields)


def option(code: str, value: float | None = None, display: str | None = "mot") -> AnswerOption:
    extension = () if value is None else (Extension(url=ORDINAL_VALUE, value_decimal=value),)
    return AnswerOption(value_coding=Coding(system="urn:x", code=code, display=display), extension=extension)


def asking(*items: QuestionnaireItem) -> Questionnaire:
    return Questionnaire(url="urn:x", version="1", status="active", title="Essai", language="fr", item=items)


def the_question(one: QuestionnaireItem) -> Question:
    check_form(asking(one))
    (asked,) = screens(asking(one))
    return asked.question


VERBAL = tuple(option(str(n), n) for n in range(5))


@pytest.mark.parametrize(
    ("one", "kind"),
    [
        (form().item[0], Cone),
        (item("a", "integer", extension=BOUNDS), WholeNumber),
        (item("a", "integer", extension=(Extension(url=ITEM_CONTROL, value_code="slider"), *BOUNDS)), WholeNumber),
        (item("a", "choice", answer_option=VERBAL), Scale),
        (item("a", "choice", answer_option=(option("x"), option("y"))), Choice),
        (item("a", "choice", answer_option=(option("x", 0), option("y"))), Choice),  # not every option has a value
        (item("a"), YesNo),
        (item("a", "text"), FreeText),
        (item("a", "string", max_length=20), FreeText),
    ],
)
def test_each_item_is_its_kind_of_question(one: QuestionnaireItem, kind: type) -> None:
    assert type(the_question(one)) is kind


def test_faces_are_marked_and_help_is_of_its_question() -> None:
    faces = the_question(item("a", "choice", answer_option=VERBAL, extension=(Extension(url=FACES),)))
    assert isinstance(faces, Scale)
    assert faces.faces
    helped = the_question(item("a", item=(item("a.help", "display"),)))
    assert isinstance(helped, YesNo)
    assert helped.help == "a.help ?"
    assert the_question(item("a", "string", max_length=10**9)).length_max == 2000  # type: ignore[union-attr]


def test_a_group_is_a_heading_and_a_display_is_read() -> None:
    asked = screens(asking(item("g", "group", item=(item("lire", "display"), item("a"), item("b")))))
    assert [type(one.question) for one in asked] == [Information, YesNo, YesNo]
    assert {one.heading for one in asked} == {"g ?"}


@pytest.mark.parametrize(("options", "faces", "most"), [(4, False, 32), (7, False, 16), (5, True, 20)])
def test_the_words_of_an_answer_have_room_on_the_smallest_panel(options: int, faces: bool, most: int) -> None:  # noqa: FBT001
    marks = (Extension(url=FACES),) if faces else ()

    def one(characters: int) -> QuestionnaireItem:
        answers = tuple(option(str(n), n, "x" * characters) for n in range(options))
        return item("a", "choice", answer_option=answers, extension=marks)

    assert the_question(one(most))
    for characters in (most + 1, 5000):
        with pytest.raises(ContractError, match=f"at most {most}"):
            check_form(asking(one(characters)))


@pytest.mark.parametrize(("options", "most"), [(2, 45), (4, 45), (5, 32), (12, 32)])
def test_the_words_of_a_choice_have_room_too(options: int, most: int) -> None:
    def one(characters: int) -> QuestionnaireItem:
        answers = tuple(option(str(n), None, "x" * characters) for n in range(options))
        return item("a", "choice", answer_option=answers)

    assert the_question(one(most))
    with pytest.raises(ContractError, match=f"at most {most}"):
        check_form(asking(one(most + 1)))


@pytest.mark.parametrize("blank", [" ", "\u00a0\u202f", "\u200b", "\u202e", "a\u2028b", "a\x85b", "", "x" * 91])
def test_a_question_can_be_seen_and_is_one_line(blank: str) -> None:
    with pytest.raises(ContractError):
        decode(encode(structs.replace(item("a"), text=blank)), QuestionnaireItem)


@pytest.mark.parametrize(
    "shown", ["مريم بنت علي", "\u200fמרים", "👵🏽", "Zoé\u00a0!", "🏳️\u200d🌈", "<b>x</b>", "{name} %s"]
)
def test_any_script_emoji_and_what_looks_like_markup_are_words(shown: str) -> None:
    assert decode(encode(structs.replace(item("a"), text=shown)), QuestionnaireItem).text == shown


@pytest.mark.parametrize(("first", "last"), [(-1, 5), (5, 5), (7, 3), (0, 10_000)])
def test_a_whole_number_has_bounds_that_can_be_typed(first: int, last: int) -> None:
    bounds = (Extension(url=MIN_VALUE, value_integer=first), Extension(url=MAX_VALUE, value_integer=last))
    with pytest.raises(ContractError, match="within 0 to 9999"):
        check_form(asking(item("a", "integer", extension=bounds)))


@pytest.mark.parametrize("count", [8, 9])
def test_a_question_depends_on_eight_answers_at_most(count: int) -> None:
    conditions = tuple(EnableWhen(question="a", operator="=", answer_boolean=True) for _ in range(count))
    form = asking(item("a"), item("b", enable_when=conditions, enable_behavior="any"))
    if count == 8:
        check_form(form)
        return
    with pytest.raises(ContractError, match="at most 8"):
        check_form(form)


# When each is asked


def when(question: str, operator: Operator, **value: Any) -> tuple[EnableWhen, ...]:
    return (EnableWhen(question=question, operator=operator, **value),)


def is_asked(conditions: tuple[EnableWhen, ...], *given: ResponseItem, behavior: Any = None) -> bool:
    asked = screens(asking(item("z", enable_when=conditions, enable_behavior=behavior)))[0]
    return enabled(asked, {one.link_id: one for one in given})


@pytest.mark.parametrize(
    ("operator", "holds"),
    [("=", [5]), ("!=", [4, 6]), (">", [6]), ("<", [4]), (">=", [5, 6]), ("<=", [4, 5])],
)
def test_whole_numbers_compare(operator: Operator, holds: list[int]) -> None:
    found = [n for n in (4, 5, 6) if is_asked(when("a", operator, answer_integer=5), answered("a", n))]
    assert found == holds


@pytest.mark.parametrize("value", [absent("a", "asked-declined"), absent("a", "not-asked"), None])
def test_declined_and_not_asked_are_no_answer(value: ResponseItem | None) -> None:
    given = () if value is None else (value,)
    assert not is_asked(when("a", ">=", answer_integer=0), *given)
    assert not is_asked(when("a", "!=", answer_integer=5), *given)
    assert not is_asked(when("a", "exists", answer_boolean=True), *given)
    assert is_asked(when("a", "exists", answer_boolean=False), *given)


def test_values_of_other_types_are_compared_for_equality() -> None:
    yes, colour = answered("a", value=True), answered("a", Coding(system="urn:x", code="red", display="rouge"))
    assert is_asked(when("a", "=", answer_boolean=True), yes)
    assert not is_asked(when("a", "=", answer_integer=1), yes)  # true is no number
    assert is_asked(when("a", "=", answer_coding=Coding(system="urn:x", code="red")), colour)
    assert not is_asked(when("a", "=", answer_coding=Coding(system="urn:y", code="red")), colour)
    assert is_asked(when("a", "!=", answer_string="oui"), answered("a", "non"))


def test_all_or_any_as_the_form_says() -> None:
    both = (*when("a", "=", answer_boolean=True), *when("b", "=", answer_boolean=True))
    one = answered("a", value=True)
    assert is_asked(both, one, behavior="any")
    assert not is_asked(both, one, behavior="all")
    assert is_asked(both, one, answered("b", value=True), behavior="all")


def test_a_groups_condition_counts_for_each_of_its_items() -> None:
    inner = item("g2", "group", item=(item("b"),), enable_when=when("a", ">", answer_integer=6))
    outer = item("g", "group", item=(inner, item("c")), enable_when=when("a", ">", answer_integer=3))
    b, c = screens(asking(outer))
    for value, expected in ((2, (False, False)), (5, (False, True)), (7, (True, True))):
        given = {"a": answered("a", value)}
        assert (enabled(b, given), enabled(c, given)) == expected


# What the box could not ask

A = item("a")
SCALE = item("a", "choice", answer_option=VERBAL)


def after(first: QuestionnaireItem, conditions: tuple[EnableWhen, ...], behavior: Any = None) -> Questionnaire:
    return asking(first, item("z", enable_when=conditions, enable_behavior=behavior))


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (asking(), "asks nothing"),
        (asking(item("a", "display")), "asks nothing"),
        (asking(*(item(f"i{n}") for n in range(200))), f"200 screens; at most {ITEMS_MAX}"),
        (asking(A, A), r"more than one has \['a'\]"),
        (asking(item("a", item=(item("a", "display"),))), "more than one has"),
        (asking(item("")), "1 to 255 characters"),
        (asking(A, item("g", "group")), "at least one item"),
        (asking(item("a", item=(item("b"),))), r"its help.*put \['b'\] after it"),
        (asking(item("a", item=(item("h", "display"), item("i", "display")))), "one display item"),
        (asking(item("a", answer_option=VERBAL)), "belongs to a choice"),
        (asking(item("a", "text", max_length=0)), "at least 1"),
        (asking(item("a", "integer")), "minValue and maxValue"),
        (asking(item("a", "integer", extension=BOUNDS[::-1][:1])), "minValue and maxValue"),
        (asking(item("a", "choice", answer_option=VERBAL[:1])), "2 to 7 options"),
        (asking(item("a", "choice", answer_option=VERBAL[::-1])), "from least to most"),
        (asking(item("a", "choice", answer_option=tuple(option(str(n)) for n in range(13)))), "2 to 12 options"),
        (asking(item("a", "choice", answer_option=(option("x"), option("x")))), "one system and code"),
        (asking(item("a", "choice", answer_option=(option("x", display=None), option("y")))), "no display"),
        (after(A, when("nobody", "exists", answer_boolean=True)), "no question asked before"),
        (asking(item("y", enable_when=when("a", "exists", answer_boolean=True)), A), "no question asked before"),
        (after(A, when("a", "=", answer_integer=1)), "answerInteger; here it takes answerBoolean"),
        (after(A, when("a", "=")), "no answer; here it takes answerBoolean"),
        (after(A, when("a", ">", answer_boolean=True)), "only whole numbers"),
        (after(A, when("a", "exists", answer_integer=1)), "takes answerBoolean"),
        (after(A, when("a", "=", answer_boolean=True) * 2), "all or any"),
        (after(SCALE, when("a", "=", answer_coding=Coding(system="urn:x", code="9"))), "its options are"),
    ],
)
def test_a_form_that_cannot_be_asked_is_refused_with_the_reason(wrong: Questionnaire, reason: str) -> None:
    with pytest.raises(ContractError, match=reason):
        check_form(wrong)


def test_groups_too_deep_are_refused() -> None:
    one = item("a")
    for depth in range(40):
        one = item(f"g{depth}", "group", item=(one,))
    with pytest.raises(ContractError, match="6 deep at most"):
        check_form(asking(one))


@pytest.mark.parametrize("change", [{"type": "quantity"}, {"repeats": True}, {"initial": [{"valueInteger": 0}]}])
def test_the_box_reads_the_contracts_words_only(change: dict[str, object]) -> None:
    raw = json.loads(encode(asking(A)))
    raw["item"][0] |= change
    with pytest.raises(ContractError, match=r"item\[0\]|item\[\.\.\.\]|repeats|initial"):
        decode(json.dumps(raw).encode(), Questionnaire)


def test_a_question_keeps_its_text_in_any_script() -> None:
    asked = the_question(structs.replace(A, text="هل تتألم؟ 🙂"))
    assert isinstance(asked, YesNo)
    assert asked.question == "هل تتألم؟ 🙂"


def test_the_heading_of_a_group_stands_on_one_line() -> None:
    one = structs.replace(item("g", "group", item=(item("a"),)), text="Au cours des sept derniers jours")
    check_form(asking(one))
    with pytest.raises(ContractError, match="at most 40"):
        check_form(asking(structs.replace(one, text="m" * 41)))


def test_a_scale_says_whether_its_most_is_the_hardest_or_the_best() -> None:
    pleasant = Extension(url=RAMP, value_code="pleasant")
    plain = the_question(item("a", "choice", answer_option=VERBAL))
    best = the_question(item("a", "choice", answer_option=VERBAL, extension=(Extension(url=FACES), pleasant)))
    assert isinstance(plain, Scale)
    assert isinstance(best, Scale)
    assert (plain.ramp, best.ramp, best.faces) == ("intense", "pleasant", True)
