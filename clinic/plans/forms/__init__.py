"""Forms that the house ships, as data, and the TOML shorthand from which their FHIR Questionnaire is built."""

import tomllib
from importlib import resources
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from mqtt_bridge.contract.codec import ContractError, Word
from mqtt_bridge.contract.forms import Cone, ConeWord, Questionnaire, QuestionnaireItem, Ramp, cone_item, cone_of

HOUSE_FORM = "cinq-cones.fr"
STEPS = ((0, 0), (1, 3), (4, 6), (7, 9), (10, 10))


class ConeShorthand(Word, frozen=True):
    link_id: str
    question: str
    help: str
    ramp: Ramp
    words: Annotated[tuple[str, ...], Meta(min_length=len(STEPS), max_length=len(STEPS))]
    """For 0, 1 to 3, 4 to 6, 7 to 9, and 10."""


class CommentShorthand(Word, frozen=True):
    link_id: str
    question: str


class FormShorthand(Word, frozen=True):
    url: str
    version: str
    title: str
    language: Literal["fr", "en"]
    cone: tuple[ConeShorthand, ...]
    comment: CommentShorthand | None = None


def house_form(name: str = HOUSE_FORM) -> Questionnaire:
    """A form of the house, by its file's name. Raises ContractError."""
    try:
        raw = (resources.files(__package__) / f"{name}.toml").read_text()
        return questionnaire(msgspec.convert(tomllib.loads(raw), FormShorthand))
    except (OSError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ContractError(f"form {name!r}: {error}") from error


def questionnaire(form: FormShorthand) -> Questionnaire:
    items = tuple(cone_item(_cone(cone)) for cone in form.cone)
    if form.comment:
        items += (QuestionnaireItem(link_id=form.comment.link_id, type="text", text=form.comment.question),)
    return Questionnaire(
        url=form.url,
        version=form.version,
        status="active",
        title=form.title,
        language=form.language,
        item=items,
    )


def check(form: Questionnaire) -> None:
    """Refuse what the box cannot ask. Raises ContractError."""
    names = [item.link_id for item in form.item]
    if len(names) != len(set(names)):
        raise ContractError(f"questionnaire {form.canonical}: two items bear the same linkId")
    for item in form.item:
        if item.type == "integer":
            cone_of(item)


def _cone(form: ConeShorthand) -> Cone:
    words = tuple(
        ConeWord(first=first, last=last, text=text) for (first, last), text in zip(STEPS, form.words, strict=True)
    )
    return Cone(link_id=form.link_id, question=form.question, help=form.help, ramp=form.ramp, words=words)


def house_forms() -> tuple[str, ...]:
    """The names of the forms that the house ships."""
    found = [one.name for one in resources.files(__package__).iterdir() if one.name.endswith(".toml")]
    return tuple(sorted(name.removesuffix(".toml") for name in found))
