"""A letter of form 2 as bytes: the mark 2, the signature (64), and the letter in MessagePack, an array of nine.

The mark can begin no JSON, so that both forms are told apart by their first byte. Key ids and epochs are raw bytes; the
order of the fields is part of the wire. What is signed are these very bytes: nobody writes them twice.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from mqtt_bridge.contract.codec import BYTES_MAX, ContractError, Ordinal
from mqtt_bridge.contract.identity import Identifier
from mqtt_bridge.contract.report import Stream
from mqtt_bridge.contract.wire import Letter, LetterKind

MARK = 2
SIGNATURE_BYTES = 64
Eight = Annotated[bytes, Meta(min_length=8, max_length=8)]
"""A key id or an epoch: in JSON 16 hexadecimal digits."""


class CompactLetter(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """`Letter`, in the order of the wire. The body is packed; that of a letter with a recipient then sealed."""

    kind: LetterKind
    clinic: Identifier
    box: Identifier
    signer: Eight
    recipient: Eight | None
    stream: Stream | None
    epoch: Eight | None
    seq: Ordinal | None
    body: bytes


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(CompactLetter)


def is_compact(payload: bytes) -> bool:
    return payload[:1] == bytes([MARK])


def write(letter: Letter) -> bytes:
    """The bytes of a letter, to be signed; its body as it is to travel."""
    return _encoder.encode(
        CompactLetter(
            kind=letter.kind,
            clinic=letter.clinic,
            box=letter.box,
            signer=bytes.fromhex(letter.signer),
            recipient=None if letter.recipient is None else bytes.fromhex(letter.recipient),
            stream=letter.stream,
            epoch=None if letter.epoch is None else bytes.fromhex(letter.epoch),
            seq=letter.seq,
            body=letter.body,
        )
    )


def read(raw: bytes) -> Letter:
    """The letter of these bytes, its body as it travelled. Raises ContractError."""
    try:
        told = _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ContractError(f"not a readable letter of form 2: {error}") from error
    return Letter(
        kind=told.kind,
        clinic=told.clinic,
        box=told.box,
        signer=told.signer.hex(),
        body=told.body,
        recipient=None if told.recipient is None else told.recipient.hex(),
        stream=told.stream,
        epoch=None if told.epoch is None else told.epoch.hex(),
        seq=told.seq,
        v=2,
    )


def frame(letter: bytes, signature: bytes) -> bytes:
    """What travels."""
    return bytes([MARK]) + signature + letter


def unframe(payload: bytes) -> tuple[bytes, bytes]:
    """(the letter's bytes, the signature over them). Raises ContractError: too large, too short."""
    if len(payload) > BYTES_MAX:
        raise ContractError(f"message of {len(payload)} bytes: at most {BYTES_MAX} are read")
    if len(payload) <= 1 + SIGNATURE_BYTES:
        raise ContractError(f"message of {len(payload)} bytes: one of form 2 has a mark, a signature and a letter")
    return payload[1 + SIGNATURE_BYTES :], payload[1 : 1 + SIGNATURE_BYTES]
