"""The wire as an AsyncAPI 3.0 document, made from the contract's own types: it cannot say anything else than they do.

A letter is one message in form 1 and another in form 2; what all letters of a form share stands under `x-forms`.

python -m mqtt_bridge.asyncapi            prints the document (docs/asyncapi.json is this)
"""

import base64
import hashlib
import json
import sys
from typing import Any

import msgspec

from mqtt_bridge.contract import compact, wire
from mqtt_bridge.contract.codec import BYTES_MAX
from mqtt_bridge.contract.dictionary import DICTIONARIES
from mqtt_bridge.contract.order import Order
from mqtt_bridge.contract.packing import NEWEST, PAD
from mqtt_bridge.contract.report import Report
from mqtt_bridge.seal import CONTEXTS

Document = dict[str, Any]
REFERENCE = "#/components/schemas/{name}"
SEALED = "Sealed to the recipient (libsodium sealed box); what is opened is"
CLEAR = "In clear, since it holds no health data:"
AS = {1: "JSON, as this schema says.", 2: "packed (`x-forms`), and unpacked it is JSON, as this schema says."}

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
FRAMED = "LetterOfForm2"
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
    types = (wire.Signed, wire.Letter, compact.CompactLetter, *(kind for kind, _, _ in BODIES.values()))
    references, schemas = msgspec.json.schema_components(types, ref_template=REFERENCE)
    _, letter, letter_of_form_2, *bodies = references
    schemas["Signed"]["properties"]["letter"] |= {"contentMediaType": JSON, "x-contentSchema": letter}
    schemas["Letter"]["properties"]["v"] = {"const": 1, "default": 1}
    schemas["CompactLetter"] |= _array_of_fields(schemas["CompactLetter"])
    schemas[FRAMED] = _framed(letter_of_form_2)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Chevet, the wire",
            "version": "1",
            "license": {"name": "Apache-2.0"},
            "description": "The box's side. Every message is a signed letter, in JSON (form 1) or in bytes (form 2), "
            "told apart by the first byte; which of them when, and the words, are in docs/wire.md.",
        },
        "defaultContentType": JSON,
        "channels": {name: _channel(name) for name in CHANNELS},
        "operations": {f"box-{action}s-{name}": _operation(name, action) for name, (action, _) in CHANNELS.items()},
        "components": {
            "messages": {
                message_name(kind, form): _message(kind, form, body)
                for kind, body in zip(BODIES, bodies, strict=True)
                for form in FORMS[kind]
            },
            "schemas": {name: _plain(schemas[name]) for name in sorted(schemas)},
        },
        "x-forms": {"1": {"signed": _signed(1)}, "2": {"signed": _signed(2), "packed": _packed()}},
    }


def message_name(kind: wire.LetterKind, form: wire.Form) -> str:
    """The name of a letter of this form among the document's messages."""
    return f"{kind}-form-{form}"


def _signed(form: wire.Form) -> Document:
    """Which bytes the signature is over."""
    return {
        "algorithm": "Ed25519 (RFC 8032)",
        "over": "these bytes, then those of the letter exactly as it travels (in form 1: once its base64 is undone)",
        "first-hex": CONTEXTS[form].hex(),
        "key": "the sender's; the letter's `signer` is the first 8 bytes of the SHA-256 of its public half",
    }


def _packed() -> Document:
    """How the body of a letter of form 2 is packed, and each dictionary itself."""
    return {
        "bytes": "number of the dictionary (1 byte), a raw deflate stream (RFC 1951) that has it preset, zeros",
        "sealed-in-steps-of-bytes": PAD,
        "inflated-bytes-max": BYTES_MAX,
        "dictionary-written": NEWEST,
        "dictionaries": {
            str(number): {
                "source": "mqtt_bridge/contract/dictionary.py, DICTIONARIES",
                "bytes": len(told),
                "sha256": hashlib.sha256(told).hexdigest(),
                "base64": base64.b64encode(told).decode(),
            }
            for number, told in DICTIONARIES.items()
        },
    }


def _framed(letter: Document) -> Document:
    """The whole message of form 2; JSON Schema has no words for bytes, so they stand under `x-bytes`."""
    signature_end = 1 + compact.SIGNATURE_BYTES
    return {
        "title": "A letter of form 2 as it travels",
        "type": "string",
        "format": "binary",
        "minLength": signature_end + 1,
        "maxLength": BYTES_MAX,
        "description": f"Bytes, no text: the mark {compact.MARK}, the signature ({compact.SIGNATURE_BYTES} bytes), "
        "and to the end the letter in MessagePack. Nothing stands behind it.",
        "x-bytes": [
            {"name": "mark", "first": 0, "length": 1, "value": compact.MARK},
            {"name": "signature", "first": 1, "length": compact.SIGNATURE_BYTES},
            {"name": "letter", "first": signature_end, "encoding": "MessagePack", "schema": letter},
        ],
    }


def _array_of_fields(schema: Document) -> Document:
    """The array that a letter of form 2 is, each place with its field's name."""
    fields = zip(compact.CompactLetter.__struct_fields__, schema["prefixItems"], strict=True)
    return {
        "description": "In MessagePack, an array: each field in its place, there or nil. Where this says base64, "
        "MessagePack has raw bytes (its bin): 8 of them for a key id or an epoch, in JSON 16 hexadecimal digits.",
        "prefixItems": [{"title": name, **field} for name, field in fields],
    }


def _channel(name: wire.Channel) -> Document:
    _, kinds = CHANNELS[name]
    names = [message_name(kind, form) for kind in kinds for form in FORMS[kind]]
    return {
        "address": f"{wire.ROOT}/{{clinic}}/{{box}}/{name}",
        "parameters": {
            "clinic": {"description": "the clinic's identifier"},
            "box": {"description": "the box's identifier, the common name of its certificate"},
        },
        "messages": {one: {"$ref": f"#/components/messages/{one}"} for one in names},
    }


def _operation(name: wire.Channel, action: str) -> Document:
    return {
        "action": action,
        "channel": {"$ref": f"#/channels/{name}"},
        "bindings": {"mqtt": {"qos": 1, "retain": name == "state", "bindingVersion": "0.2.0"}},
    }


def _message(kind: wire.LetterKind, form: wire.Form, body: Document) -> Document:
    _, how, what = BODIES[kind]
    return {
        "name": message_name(kind, form),
        "summary": what,
        "contentType": JSON if form == 1 else BINARY,
        "payload": {"$ref": REFERENCE.format(name="Signed" if form == 1 else FRAMED)},
        "x-kind": kind,
        "x-form": form,
        "x-letter-body": {"description": f"{how} {AS[form]}", "sealed": how == SEALED, "schema": body},
    }


def _plain(node: Any) -> Any:
    r"""The same schema as AsyncAPI reads it (JSON Schema, draft 7).

    Python's \A and \Z are ^ and $, a union is told by its members' tags, an array of places is called `items`.
    """
    if isinstance(node, dict):
        kept = {name: part for name, part in node.items() if name != "discriminator"}
        if "prefixItems" in kept:
            kept |= {"items": kept.pop("prefixItems"), "additionalItems": False}
        return {name: _pattern(part) if name == "pattern" else _plain(part) for name, part in kept.items()}
    return [_plain(part) for part in node] if isinstance(node, list) else node


def _pattern(python: str) -> str:
    return python.replace(r"\A", "^").replace(r"\Z", "$")


def text() -> str:
    """Return the document as it is kept in docs/asyncapi.json."""
    return json.dumps(document(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
