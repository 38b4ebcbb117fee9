"""docs/asyncapi.json, by itself: valid by AsyncAPI's own schema, and enough to read every letter that was ever sent.

`Reader` is another company's: it knows the document, the sender's public key, and how to open a sealed box.
"""

import base64
import json
import zlib
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from jsonschema import Draft7Validator, ValidationError

from mqtt_bridge import seal

ROOT = Path(__file__).parents[2]
MESSAGES = Path(__file__).parent / "messages"
ASYNCAPI = ROOT / "var/asyncapi/3.0.0.json"
SAID = sorted(MESSAGES.glob("*/*.json"))
LETTERS = sorted(MESSAGES.glob("*/*.letter"))
BODIES = {"report": "Report", "order": "Order", "hello": "Hello", "ack": "Ack", "acks": "Acks", "state": "BoxState"}
INSIDE = {"listening": "Listening", "plan": "CarePlan"}
OVER_HTTPS = {"enrol", "enrolled", "renew", "renewed", "refused"}
"""Words of the registrar: no message of the broker, so not in the document."""
BOX_KEYS = seal.SecretKeys(sign=b"\1" * 32, unseal=b"\2" * 32)
CLINIC_KEYS = seal.SecretKeys(sign=b"\3" * 32, unseal=b"\4" * 32)
"""Those of the kept letters: nobody's."""
Document = dict[str, Any]


def told() -> Document:
    document: Document = json.loads((ROOT / "docs/asyncapi.json").read_text())
    return document


def schema_of(document: Document, name: str) -> Draft7Validator:
    return Draft7Validator({"$ref": f"#/components/schemas/{name}", "components": document["components"]})


def kind_of(file: Path) -> str:
    return file.stem.split("-")[0]


# The document is AsyncAPI


@lru_cache(1)
def asyncapi() -> Draft7Validator:
    if not ASYNCAPI.exists():
        pytest.skip("var/asyncapi/3.0.0.json is not there: `make setup` brings it by npm")
    return Draft7Validator(json.loads(ASYNCAPI.read_text()))


def test_the_document_is_valid_asyncapi() -> None:
    faults = [f"{'/'.join(map(str, one.absolute_path))}: {one.message}" for one in asyncapi().iter_errors(told())]
    assert faults == []


def misspell_an_action(document: Document) -> None:
    document["operations"]["box-sends-up"]["action"] = "sends"


def misspell_a_type(document: Document) -> None:
    document["components"]["schemas"]["Hello"]["type"] = "objet"


def forget_the_title(document: Document) -> None:
    del document["info"]["title"]


def lay_a_message_loose(document: Document) -> None:
    document["channels"]["up"]["messages"]["report-form-1"] = {"ref": "report"}


@pytest.mark.parametrize(
    "spoil", [misspell_an_action, misspell_a_type, forget_the_title, lay_a_message_loose], ids=lambda one: one.__name__
)
def test_a_document_that_is_not_asyncapi_is_found(spoil: Callable[[Document], None]) -> None:
    document = told()
    spoil(document)
    assert not asyncapi().is_valid(document)


def test_every_schema_is_one() -> None:
    for schema in told()["components"]["schemas"].values():
        Draft7Validator.check_schema(schema)


# What was once sent


@pytest.mark.parametrize(
    "file", [one for one in SAID if kind_of(one) not in OVER_HTTPS], ids=lambda file: f"{file.parent.name}/{file.stem}"
)
def test_what_was_once_said_is_what_the_document_says(file: Path) -> None:
    schema_of(told(), (BODIES | INSIDE)[kind_of(file)]).validate(json.loads(file.read_text()))


def test_a_word_that_nobody_knows_is_not_what_the_document_says() -> None:
    said = json.loads((MESSAGES / "v1-2026-11-21/report-evaluation.json").read_text())
    schema = schema_of(told(), "Report")
    assert schema.is_valid(said)
    assert not schema.is_valid(said | {"urgency": 3})
    assert not schema.is_valid(said | {"content": said["content"] | {"type": "evaluations"}})


class Reader:
    """Reads a letter by what the document says of it. Raises ValidationError, InvalidSignature, ValueError."""

    def __init__(self, document: Document) -> None:
        self._document, self._forms = document, document["x-forms"]

    def read(self, raw: bytes, sender: bytes, unseal: Callable[[bytes], bytes]) -> tuple[str, Document]:
        """(the letter's kind, its body)."""
        form = 2 if raw[0] == self._bytes_of("mark")["value"] else 1
        letter, signature = self._parts(raw) if form == 2 else self._parts_of_form_1(raw)
        first = bytes.fromhex(self._forms[str(form)]["signed"]["first-hex"])
        Ed25519PublicKey.from_public_bytes(sender).verify(signature, first + letter)
        kind, body = self._letter(letter) if form == 2 else self._letter_of_form_1(letter)
        message = self._document["components"]["messages"][f"{kind}-form-{form}"]
        assert message["contentType"] == ("application/json" if form == 1 else "application/octet-stream")
        travelled = unseal(body) if message["x-letter-body"]["sealed"] else body
        said: Document = json.loads(self._unpacked(travelled) if form == 2 else travelled)
        schema_of(self._document, message["x-letter-body"]["schema"]["$ref"].rsplit("/", 1)[1]).validate(said)
        return kind, said

    def _bytes_of(self, name: str) -> Document:
        (one,) = (part for part in self._schema("LetterOfForm2")["x-bytes"] if part["name"] == name)
        return dict(one)

    def _schema(self, name: str) -> Document:
        return dict(self._document["components"]["schemas"][name])

    def _parts(self, raw: bytes) -> tuple[bytes, bytes]:
        signature, letter = self._bytes_of("signature"), self._bytes_of("letter")
        if not self._schema("LetterOfForm2")["minLength"] <= len(raw) <= self._schema("LetterOfForm2")["maxLength"]:
            raise ValueError(f"{len(raw)} bytes")
        return raw[letter["first"] :], raw[signature["first"] : signature["first"] + signature["length"]]

    def _parts_of_form_1(self, raw: bytes) -> tuple[bytes, bytes]:
        signed = json.loads(raw)
        schema_of(self._document, "Signed").validate(signed)
        return base64.b64decode(signed["letter"]), base64.b64decode(signed["signature"])

    def _letter(self, raw: bytes) -> tuple[str, bytes]:
        """By its place each field; what has no words in JSON Schema, raw bytes, is checked as their base64."""
        fields = msgspec.msgpack.decode(raw)
        shown = [base64.b64encode(one).decode() if isinstance(one, bytes) else one for one in fields]
        schema_of(self._document, "CompactLetter").validate(shown)
        names = [one["title"] for one in self._schema("CompactLetter")["items"]]
        named = dict(zip(names, fields, strict=True))
        return named["kind"], named["body"]

    def _letter_of_form_1(self, raw: bytes) -> tuple[str, bytes]:
        letter = json.loads(raw)
        schema_of(self._document, "Letter").validate(letter)
        return letter["kind"], base64.b64decode(letter["body"])

    def _unpacked(self, packed: bytes) -> bytes:
        told = self._forms["2"]["packed"]
        engine = zlib.decompressobj(-15, zdict=base64.b64decode(told["dictionaries"][str(packed[0])]["base64"]))
        said = engine.decompress(packed[1:], told["inflated-bytes-max"])
        assert engine.eof
        assert engine.unused_data.strip(b"\0") == b""
        return said


def read(file: Path, raw: bytes) -> tuple[str, Document]:
    by_the_clinic = kind_of(file) in ("ack", "acks", "order")
    sender, reader = (CLINIC_KEYS, BOX_KEYS) if by_the_clinic else (BOX_KEYS, CLINIC_KEYS)
    return Reader(told()).read(raw, sender.public.verify, lambda sealed: seal.unseal(sealed, reader))


@pytest.mark.parametrize("file", LETTERS, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_letter_is_read_by_the_document_alone(file: Path) -> None:
    kind, said = read(file, file.read_bytes())
    assert kind == kind_of(file)
    assert said != {}


def test_letters_of_both_forms_are_kept() -> None:
    assert {file.parent.name[:2] for file in LETTERS} == {"v1", "v2"}


@pytest.mark.parametrize("at", [1, 64, 65, -1], ids=["signature", "its end", "letter", "end"])
def test_a_letter_that_was_altered_is_not_read(at: int) -> None:
    (file,) = MESSAGES.glob("v2-2026-11-29/hello.letter")
    raw = bytearray(file.read_bytes())
    raw[at] ^= 1
    with pytest.raises(InvalidSignature):
        read(file, bytes(raw))


def test_a_letter_with_a_field_too_many_is_not_what_the_document_says() -> None:
    (file,) = MESSAGES.glob("v2-2026-11-29/hello.letter")
    fields = msgspec.msgpack.decode(file.read_bytes()[65:])
    for wrong in ([*fields, None], fields[:-1], ["hallo", *fields[1:]]):
        raw = seal.sign_bytes(msgspec.msgpack.encode(wrong), BOX_KEYS, 2)
        with pytest.raises(ValidationError):
            read(file, raw)
