"""Strict encoding and decoding of every word of the contract.

msgspec drops unknown fields silently by default. A field that we do not know may change the meaning of the others
(FHIR's modifierExtension does), so every struct of the contract derives from `Word` or `FhirWord` and refuses them.
"""

from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

BYTES_MAX = 256 * 1024
"""No message of the contract is larger: the largest questionnaire that we know is 40 KiB."""


Count = Annotated[int, Meta(ge=0, le=2**53)]
"""A number that every language and database holds exactly: sequence numbers, serials, milliseconds."""
Ordinal = Annotated[int, Meta(ge=1, le=2**53)]
TEXT = r"\A(?=.*[^\s\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff])[^\x00-\x1f\x7f-\x9f\u2028\u2029]+\Z"
"""One line without controls, and something in it that can be seen: a care without a name could not be chosen."""
Line = Annotated[str, Meta(min_length=1, max_length=90, pattern=TEXT)]
"""Words that the box shows large: a title, a question. Longer ones do not fit the 7-inch panel at 5 mm."""
Paragraph = Annotated[str, Meta(min_length=1, max_length=500, pattern=TEXT)]
"""What one screen of explanation holds."""


class ContractError(ValueError):
    """A message or a document that does not follow the contract."""


class Word(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A word of the contract."""


class FhirWord(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename="camel"):
    """A FHIR R4 word: fields in camelCase on the wire."""


T = TypeVar("T")

_encoder = msgspec.json.Encoder(order="deterministic")


def encode(word: msgspec.Struct) -> bytes:
    """JSON bytes of a word; the same word gives the same bytes."""
    return _encoder.encode(word)


def decode(raw: bytes, kind: type[T]) -> T:
    """The word that `raw` (JSON) holds. Raises ContractError: too large, unreadable, unknown field, wrong type."""
    if len(raw) > BYTES_MAX:
        raise ContractError(f"message of {len(raw)} bytes: at most {BYTES_MAX} are read")
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        name = getattr(kind, "__name__", str(kind))
        raise ContractError(f"not a readable {name}: {error}") from error
