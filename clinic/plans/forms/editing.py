"""A form while it is being written: the house's shorthand, where questions may still be missing; and back from FHIR."""

import re
from typing import Annotated, Literal

from msgspec import Meta
from msgspec.structs import replace

from clinic.plans.forms.shorthand import (
    STEPS,
    FormShorthand,
    ItemShorthand,
    Kind,
    WhenShorthand,
    questionnaire,
)
from mqtt_bridge.contract.codec import ContractError, Word
from mqtt_bridge.contract.form_rules import check_form
from mqtt_bridge.contract.forms import CONE, Cone, EnableWhen, Questionnaire, QuestionnaireItem, cone_of
from mqtt_bridge.contract.questions import Choice, FreeText, Scale, WholeNumber, YesNo, question_of

ITEMS_MAX = 60
PLAIN_ID = re.compile(r"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
"""What can stand in the address of a question's page."""


class UnfinishedForm(Word, frozen=True):
    url: str
    version: str
    title: str
    language: Literal["fr", "en"]
    item: Annotated[tuple[ItemShorthand, ...], Meta(max_length=ITEMS_MAX)] = ()

    def named(self, item_id: str) -> ItemShorthand | None:
        return next((one for one in self.item if one.id == item_id), None)


def as_questionnaire(form: UnfinishedForm) -> Questionnaire:
    """Raises ContractError: the box could not ask it, and why."""
    short = FormShorthand(form.url, form.version, form.title, form.language, item=form.item)
    made = questionnaire(short)
    check_form(made)
    return made


def as_shorthand(form: Questionnaire) -> UnfinishedForm | None:
    """The same form in shorthand; None: it says something that shorthand cannot say, and is kept as it came."""
    if form.language not in ("fr", "en"):
        return None
    try:
        if not all(PLAIN_ID.match(item.link_id) for _, item in _flat(form)):
            return None
        items = tuple(_item(item, heading) for heading, item in _flat(form))
        language: Literal["fr", "en"] = "en" if form.language == "en" else "fr"
        made = UnfinishedForm(form.url, form.version, form.title, language, items)
        return made if replace(as_questionnaire(made), status=form.status) == form else None
    except ContractError:
        return None


def _flat(form: Questionnaire) -> list[tuple[str, QuestionnaireItem]]:
    found = []
    for item in form.item:
        inner = item.item if item.type == "group" else ()
        found += [(item.text, child) for child in inner] or [("", item)]
    return found


def _item(item: QuestionnaireItem, heading: str) -> ItemShorthand:
    asked = question_of(item)
    advice = next((child.text for child in item.item if child.type == "display"), "")
    made = ItemShorthand(
        id=item.link_id,
        kind=_kind(item),
        question=item.text,
        help="" if isinstance(asked, Cone) and advice == item.text else advice,
        when=tuple(_when(one) for one in item.enable_when),
        heading=heading,
    )
    match asked:
        case Cone(ramp=ramp):
            words = tuple(cone_of(item).word(first) for first, _ in STEPS)
            return replace(made, ramp=ramp, words=words)
        case Scale(options=options, ramp=ramp):
            values = tuple(one.value or 0 for one in options)
            plain = values == tuple(range(len(values)))
            words = tuple(one.text for one in options)
            return replace(made, options=words, values=() if plain else values, ramp=ramp)
        case Choice(options=options):
            return replace(
                made, options={one.coding.code.removeprefix(f"{item.link_id}."): one.text for one in options}
            )
        case WholeNumber(first=first, last=last):
            return replace(made, first=first, last=last)
        case _:
            return made


def _kind(item: QuestionnaireItem) -> Kind:
    if CONE in {one.url for one in item.extension}:
        return "cone"
    match question_of(item):
        case Scale(faces=faces):
            return "faces" if faces else "verbal"
        case Choice():
            return "choice"
        case YesNo():
            return "yes-no"
        case WholeNumber():
            return "number"
        case FreeText():
            return "text"
        case _:
            return "words"


def _when(one: EnableWhen) -> WhenShorthand:
    code = one.answer_coding.code.removeprefix(f"{one.question}.") if one.answer_coding else None
    return WhenShorthand(one.question, one.operator, one.answer_boolean, one.answer_integer, code)
