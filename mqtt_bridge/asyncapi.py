"""The wire as an AsyncAPI 3.0 document, made from the contract's own types: it cannot say anything else than they do.

python -m mqtt_bridge.asyncapi            prints the document (docs/asyncapi.json is this)
"""

import hashlib
import json
import sys
from typing import Any

import msgspec

from mqtt_bridge.contract import compact, wire
from mqtt_bridge.contract.codec import BYTES_MAX
from mqtt_bridge.contract.dictionary import DICTIONARIES
from mqtt_bridge.contract.order import Order
from mqtt_bridge.contract.packing import PAD
from mqtt_bridge.contract.report import Report

Document = dict[str, Any]
REFERENCE = "#/components/schemas/{name}"
SEALED = "Sealed to the recipient (libsodium sealed box), then as this schema says."
CLEAR = "In clear: it holds no health data."

BODIES: dict[wire.LetterKind, tuple[type[msgspec.Struct], str, str]] = {
    "report": (Report, SEALED, "What the box tells the clinic. Kept by the box until the clinic's database has it."),
    "hello": (wire.Hello, CLEAR, "The box asks where the clinic stands; each answer carries its nonce."),
    "order": (Order, SEALED, "What the clinic tells the box: a plan, a receipt. Expires; of two, the higher serial."),
    "ack": (wire.Ack, CLEAR, "What the clinic's database holds of one stream and epoch. Cumulative, idempotent."),
    "acks": (wire.Acks, CLEAR, "Several acknowledgements of one box, as if one after the other."),
    "state": (wire.BoxState, CLEAR, "Birth, heartbeat and last will. The only retained message."),
}
FORMS: dict[wire.LetterKind, tuple[wire.Form, ...]] = {
    "report": (1, 2),
    "hello": (1, 2),
    "order": (1,),
    "ack": (1,),
    "acks": (2,),
    "state": (1, 2),
}
"""In which forms each is written; whoever reads form 2 reads every kind in both."""
JSON, BINARY = "application/json", "application/octet-stream"
CHANNELS: dict[wire.Channel, tuple[str, tuple[wire.LetterKind, ...]]] = {
    "up": ("send", ("report", "hello")),
    "urgent": ("send", ("report",)),
    "down": ("receive", ("order",)),
    "ack": ("receive", ("ack", "acks")),
    "state": ("send", ("state",)),
}
"""Each channel, what the box does there, and the letters that travel on it."""


def document() -> Document:
    """Return the AsyncAPI document of the wire, in both forms of its letters."""
    types = (wire.Signed, wire.Letter, *(kind for kind, _, _ in BODIES.values()))
    references, schemas = msgspec.json.schema_components(types, ref_template=REFERENCE)
    payload, letter, *bodies = references
    schemas["Signed"]["properties"]["letter"] |= {"contentMediaType": JSON, "x-contentSchema": letter}
    schemas["Letter"]["properties"]["v"] = {"const": 1, "default": 1}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Chevet, the wire",
            "version": "1",
            "license": {"name": "Apache-2.0"},
            "description": "The box's side. Every message is a signed letter, in JSON (form 1) or in bytes (form 2); "
            "which of them when, and the words, are in docs/wire.md.",
        },
        "defaultContentType": JSON,
        "channels": {name: _channel(name) for name in CHANNELS},
        "operations": {f"box-{action}s-{name}": _operation(name, action) for name, (action, _) in CHANNELS.items()},
        "components": {
            "messages": {kind: _message(kind, payload, body) for kind, body in zip(BODIES, bodies, strict=True)},
            "schemas": {name: _plain(schemas[name]) for name in sorted(schemas)},
        },
        "x-form-2": _form_2(),
    }


def _form_2() -> Document:
    """A letter as bytes, and how its body is packed."""
    _, schemas = msgspec.json.schema_components([compact.CompactLetter], ref_template=REFERENCE)
    fields = schemas["CompactLetter"]["prefixItems"]
    named = zip(compact.CompactLetter.__struct_fields__, fields, strict=True)
    return {
        "first-byte": compact.MARK,
        "signature-bytes": compact.SIGNATURE_BYTES,
        "letter": {
            "encoding": "MessagePack, an array of these, each there or nil; bytes where the schema says base64",
            "fields": [{"name": name, "schema": _plain(schema)} for name, schema in named],
        },
        "body": {
            "packing": "number of the dictionary (1 byte), a raw deflate stream (RFC 1951) with it, zeros",
            "dictionaries": {
                str(number): {"bytes": len(told), "sha256": hashlib.sha256(told).hexdigest()}
                for number, told in DICTIONARIES.items()
            },
            "sealed-in-steps-of-bytes": PAD,
            "inflated-bytes-max": BYTES_MAX,
        },
    }


def _channel(name: wire.Channel) -> Document:
    _, kinds = CHANNELS[name]
    return {
        "address": f"{wire.ROOT}/{{clinic}}/{{box}}/{name}",
        "parameters": {
            "clinic": {"description": "the clinic's identifier"},
            "box": {"description": "the box's identifier, the common name of its certificate"},
        },
        "messages": {kind: {"$ref": f"#/components/messages/{kind}"} for kind in kinds},
    }


def _operation(name: wire.Channel, action: str) -> Document:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{name}"},
        "bindings": {"mqtt": {"qos": 1, "retain": name == "state", "bindingVersion": "0.2.0"}},
    }


def _message(kind: wire.LetterKind, payload: Document, body: Document) -> Document:
    _, how, what = BODIES[kind]
    return {
        "name": kind,
        "summary": what,
        "contentType": JSON if 1 in FORMS[kind] else BINARY,
        "payload": payload if 1 in FORMS[kind] else {"type": "string", "format": "binary"},
        "x-forms": list(FORMS[kind]),
        "x-letter-body": {"description": how, "schema": body},
    }


def _plain(node: Any) -> Any:
    r"""The same schema as AsyncAPI reads it: Python's \A and \Z are ^ and $, a union is told by its members' tags."""
    if isinstance(node, dict):
        kept = {name: part for name, part in node.items() if name != "discriminator"}
        return {name: _pattern(part) if name == "pattern" else _plain(part) for name, part in kept.items()}
    return [_plain(part) for part in node] if isinstance(node, list) else node


def _pattern(python: str) -> str:
    return python.replace(r"\A", "^").replace(r"\Z", "$")


def text() -> str:
    """Return the document as it is kept in docs/asyncapi.json."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
