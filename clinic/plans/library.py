"""The library: what the house ships and a clinic's own versions, each found by its name or its `url|version`."""

import functools
from collections.abc import Mapping
from typing import TypeVar

import msgspec

from clinic.plans.forms import house_form, house_forms
from clinic.plans.lessons import Lesson, house_lesson, house_lessons
from clinic.plans.models import CanonicalResource
from clinic.plans.protocols import PlanDefinition, house_protocol, house_protocols
from mqtt_bridge.contract.codec import ContractError, decode
from mqtt_bridge.contract.forms import Questionnaire

Kind = CanonicalResource.Kind
T = TypeVar("T", bound=msgspec.Struct)
LESSON_URL = "urn:chevet:lesson:"
"""Of the house's lessons, before the name of their file."""


@functools.cache
def _forms_of_the_house() -> Mapping[str, Questionnaire]:
    return {form.canonical: form for form in map(house_form, house_forms())}


def _lessons_of_the_house() -> dict[str, str]:
    """Names of files, by their canonical."""
    return {f"{LESSON_URL}{name}|{house_lesson(name).version}": name for name in house_lessons()}


def is_of_the_house(kind: Kind, url: str) -> bool:
    """Whether what the house ships bears this address, in any version: nothing from elsewhere may."""
    house = {
        Kind.QUESTIONNAIRE: {form.url for form in _forms_of_the_house().values()},
        Kind.LESSON: {canonical.rpartition("|")[0] for canonical in _lessons_of_the_house()},
        Kind.PROTOCOL: {house_protocol(one).url for one in house_protocols()},
    }
    return url in house[kind]


def form_named(name: str) -> Questionnaire:
    """A form of the house by its file's name, or any by its `url|version`. Raises ContractError."""
    if name in house_forms():
        return house_form(name)
    known = _forms_of_the_house().get(name)
    found = known or _published(Kind.QUESTIONNAIRE, name, Questionnaire)
    if found is None:
        raise ContractError(f"questionnaire {name}: neither of the house nor published here")
    return found


def lesson_named(name: str) -> Lesson:
    """Raises ContractError."""
    if name in house_lessons():
        return house_lesson(name)
    known = _lessons_of_the_house().get(name)
    found = house_lesson(known) if known else _published(Kind.LESSON, name, Lesson)
    if found is None:
        raise ContractError(f"lesson {name}: neither of the house nor published here")
    return found


def protocol_named(name: str) -> PlanDefinition:
    """Raises ContractError."""
    if name in house_protocols():
        return house_protocol(name)
    house = {house_protocol(one).canonical: one for one in house_protocols()}
    found = house_protocol(house[name]) if name in house else _published(Kind.PROTOCOL, name, PlanDefinition)
    if found is None:
        raise ContractError(f"protocol {name}: neither of the house nor published here")
    return found


def forms_of_the_house() -> Mapping[str, Questionnaire]:
    """By their canonical."""
    return _forms_of_the_house()


def lessons_of_the_house() -> dict[str, Lesson]:
    """By their canonical."""
    return {canonical: house_lesson(name) for canonical, name in _lessons_of_the_house().items()}


def forms_listed() -> dict[str, str]:
    """(canonical: title) of the forms to choose from: the house's, then the clinic's active ones."""
    house = {form.canonical: form.title for form in _forms_of_the_house().values()}
    return {**house, **_titles(Kind.QUESTIONNAIRE)}


def lessons_listed() -> dict[str, str]:
    house = {canonical: house_lesson(name).title for canonical, name in _lessons_of_the_house().items()}
    return {**house, **_titles(Kind.LESSON)}


def protocols_listed() -> list[PlanDefinition]:
    """The house's, then the clinic's active ones: the last published of a url alone."""
    active = CanonicalResource.objects.filter(kind=Kind.PROTOCOL, status=CanonicalResource.Status.ACTIVE)
    own = {one.url: one for one in active.order_by("published_ms", "pk")}
    return [
        *(house_protocol(name) for name in house_protocols()),
        *(decode(bytes(one.document), PlanDefinition) for one in own.values()),
    ]


def _titles(kind: Kind) -> dict[str, str]:
    active = CanonicalResource.objects.filter(kind=kind, status=CanonicalResource.Status.ACTIVE)
    return {one.canonical: one.title for one in active.defer("document", "editing", "imported").order_by("title", "pk")}


def _published(kind: Kind, canonical: str, word: type[T]) -> T | None:
    """One that was ever published: a plan may go on naming what is retired."""
    url, _, version = canonical.replace("\0", "").rpartition("|")
    found = CanonicalResource.objects.filter(kind=kind, url=url, version=version, published_ms__isnull=False).first()
    return decode(bytes(found.document), word) if found else None
