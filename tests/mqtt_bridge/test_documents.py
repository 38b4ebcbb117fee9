"""What is written of the wire is what the code does, and what was once sent is still read."""

import json
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from mqtt_bridge import asyncapi
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.care import CarePlan
from mqtt_bridge.contract.codec import decode, encode
from mqtt_bridge.contract.order import Order, OrderContent
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


@pytest.mark.parametrize("file", MESSAGES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_an_old_message_is_still_read(file: Path) -> None:
    kind = (KINDS | INSIDE)[file.stem.split("-")[0]]
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
    assert {file.stem.split("-")[0] for file in MESSAGES} - set(INSIDE) == set(KINDS) == set(asyncapi.BODIES)


def test_every_report_and_order_has_an_old_message() -> None:
    """A word of the contract that was never kept could be changed without anybody noticing."""
    kept = {json.loads(file.read_text()).get("content", {}).get("type") for file in MESSAGES}
    words = [*get_args(Content), *get_args(OrderContent)]
    assert {word.__struct_config__.tag for word in words} <= kept


def test_the_document_is_the_contract() -> None:
    """docs/asyncapi.json is written by `python -m mqtt_bridge.asyncapi > docs/asyncapi.json`."""
    assert (ROOT / "docs/asyncapi.json").read_text() == asyncapi.text()


def test_each_channel_and_letter_of_the_wire_is_documented() -> None:
    told = asyncapi.document()
    assert set(told["channels"]) == set(wire.Channel.__args__)  # type: ignore[attr-defined]
    assert set(told["components"]["messages"]) == set(wire.LetterKind.__args__)  # type: ignore[attr-defined]
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
