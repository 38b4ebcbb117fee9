"""What is written of the wire is what the code does, and what was once sent is still read."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from msgspec import inspect

from mqtt_bridge import asyncapi
from mqtt_bridge.contract import enrolling, wire
from mqtt_bridge.contract.care import CarePlan, check_plan
from mqtt_bridge.contract.codec import decode, encode
from mqtt_bridge.contract.forms import Cone
from mqtt_bridge.contract.order import Order, OrderContent, PlanOrder
from mqtt_bridge.contract.questions import Scale, screens
from mqtt_bridge.contract.report import Content, Listening, Report

ROOT = Path(__file__).parents[2]
MESSAGES = sorted((Path(__file__).parent / "messages").glob("*/*.json"))
KINDS: dict[str, type[msgspec.Struct]] = {
    "report": Report,
    "order": Order,
    "hello": wire.Hello,
    "ack": wire.Ack,
    "acks": wire.Acks,
    "state": wire.BoxState,
}
INSIDE: dict[str, type[msgspec.Struct]] = {"listening": Listening, "plan": CarePlan}
"""Parts of a report and of an order, kept by themselves."""
ENROLLING: dict[str, type[msgspec.Struct]] = {
    "enrol": enrolling.EnrolmentAsked,
    "enrolled": enrolling.Enrolled,
    "renew": enrolling.RenewalAsked,
    "renewed": enrolling.Renewed,
    "refused": enrolling.Refused,
}
"""What is said over HTTPS at /v1/enrol and /v1/renew."""
KEPT = KINDS | INSIDE | ENROLLING


@pytest.mark.parametrize("file", MESSAGES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_an_old_message_is_still_read(file: Path) -> None:
    kind = KEPT[file.stem.split("-")[0]]
    old = json.loads(file.read_text())
    read = json.loads(encode(decode(json.dumps(old).encode(), kind)))
    assert lost(old, read) == []


def lost(old: object, read: object, place: str = "") -> list[str]:
    """Places where something that the old message says is not said any more. Defaults may be left out."""
    if isinstance(old, dict) and isinstance(read, dict):
        return [word for name in old for word in lost(old[name], read.get(name, old[name]), f"{place}/{name}")]
    if isinstance(old, list) and isinstance(read, list) and len(old) == len(read):
        return [word for at, part in enumerate(old) for word in lost(part, read[at], f"{place}/{at}")]
    return [] if old == read else [place]


def test_every_word_of_the_wire_has_an_old_message() -> None:
    assert {file.stem.split("-")[0] for file in MESSAGES} == set(KEPT)
    assert set(KINDS) == set(asyncapi.BODIES)


def test_every_report_and_order_has_an_old_message() -> None:
    """A word of the contract that was never kept could be changed without anybody noticing."""
    kept = {json.loads(file.read_text()).get("content", {}).get("type") for file in MESSAGES}
    words = [*get_args(Content), *get_args(OrderContent)]
    assert {word.__struct_config__.tag for word in words} <= kept


def test_every_field_of_the_wire_is_said_by_an_old_message() -> None:
    """A field that stands in no kept file could be renamed, and what boxes have sent of it would be read no more."""
    said = {field for file in MESSAGES for field in _said_by(file)}
    never = sorted(_fields((*KINDS.values(), *ENROLLING.values())) - said)
    assert never == [], (
        f"no file in tests/mqtt_bridge/messages says {', '.join(never)}: add a message that does, in a new folder "
        "v<form>-<day>-<word>; an old file is never edited"
    )


def test_a_field_that_is_renamed_is_missed() -> None:
    """The test above can fail: a word that nobody has sent is named, however deep it stands."""

    class Inner(msgspec.Struct):
        level_in_dba: float = 0.0

    class Outer(msgspec.Struct):
        inner: tuple[Inner, ...] | None = None

    assert _fields((Outer,)) == {"Outer.inner", "Inner.level_in_dba"}
    told = Outer(inner=(Inner(),))
    assert set(_said(told, {"inner": [{}]})) == {"Outer.inner"}
    assert set(_said(told, {"inner": None})) == set()


def _fields(kinds: tuple[type[msgspec.Struct], ...]) -> set[str]:
    """« Struct.field » of everything that these hold, at any depth."""
    found: dict[type, set[str]] = {}
    todo: list[object] = list(inspect.multi_type_info(kinds))
    while todo:
        match todo.pop():
            case inspect.StructType() as struct if struct.cls not in found:
                found[struct.cls] = {f"{struct.cls.__name__}.{field.name}" for field in struct.fields}
                todo += [field.type for field in struct.fields]
            case inspect.UnionType(types=types):
                todo += types
            case inspect.TupleType(item_types=types):
                todo += types
            case inspect.VarTupleType(item_type=one) | inspect.ListType(item_type=one) | inspect.Metadata(type=one):
                todo.append(one)
            case _:
                pass
    return {name for names in found.values() for name in names}


def _said_by(file: Path) -> Iterator[str]:
    raw = file.read_bytes()
    return _said(decode(raw, KEPT[file.stem.split("-")[0]]), json.loads(raw))


def _said(word: object, raw: object) -> Iterator[str]:
    """« Struct.field » of everything that a message says. A null says nothing of what may stand there."""
    if isinstance(word, msgspec.Struct) and isinstance(raw, dict):
        for name, written in zip(word.__struct_fields__, word.__struct_encode_fields__, strict=True):
            if raw.get(written) is not None:
                yield f"{type(word).__name__}.{name}"
                yield from _said(getattr(word, name), raw[written])
    if isinstance(word, tuple) and isinstance(raw, list):
        for part, written in zip(word, raw, strict=True):
            yield from _said(part, written)


def test_the_questions_of_an_old_plan_are_asked_as_they_were() -> None:
    """A cone's words and ramp and a scale's faces travel in FHIR extensions: their names are part of the wire."""
    order = decode((MESSAGES[0].parents[1] / "v1-2026-11-30-whole/order-plan-whole.json").read_bytes(), Order)
    assert isinstance(order.content, PlanOrder)
    plan = order.content.plan
    assert plan is not None
    check_plan(plan)
    anguish, pleasure, mood, *_ = (one.question for one in screens(plan.questionnaires[0]))
    assert isinstance(anguish, Cone)
    assert isinstance(pleasure, Cone)
    assert isinstance(mood, Scale)
    assert (anguish.ramp, pleasure.ramp, anguish.help) == ("intense", "pleasant", "Touchez la hauteur.")
    assert [anguish.word(height) for height in (0, 3, 4, 9, 10)] == [
        "pas du tout", "un peu", "assez", "beaucoup", "le plus possible",
    ]  # fmt: skip
    assert (mood.faces, mood.ramp, [option.value for option in mood.options]) == (True, "pleasant", [1, 2, 3])


def test_the_document_is_the_contract() -> None:
    """docs/asyncapi.json is written by `python -m mqtt_bridge.asyncapi > docs/asyncapi.json`."""
    assert (ROOT / "docs/asyncapi.json").read_text() == asyncapi.text()


def test_each_channel_and_letter_of_the_wire_is_documented() -> None:
    told = asyncapi.document()
    assert set(told["channels"]) == set(wire.Channel.__args__)  # type: ignore[attr-defined]
    messages = told["components"]["messages"].values()
    assert {one["x-kind"] for one in messages} == set(wire.LetterKind.__args__)  # type: ignore[attr-defined]
    assert {one["x-form"] for one in messages} == set(wire.Form.__args__)  # type: ignore[attr-defined]
    references = set(_references(told))
    assert {name for name in references if _found(told, name) is None} == set()


def _references(node: object) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if "$ref" in node else []
        return own + [name for part in node.values() for name in _references(part)]
    return [name for part in node for name in _references(part)] if isinstance(node, list) else []


def _found(document: object, reference: str) -> object:
    for step in reference.removeprefix("#/").split("/"):
        document = document.get(step) if isinstance(document, dict) else None
    return document
