"""Packing: the body of a letter of form 2, deflated with a dictionary that both ends have.

One byte names the dictionary, a raw deflate stream (RFC 1951) follows, then zeros. What is sealed is filled up with
zeros to steps of PAD, so that its length tells less of what was answered (docs/threats.md).
"""

import zlib

from mqtt_bridge.contract.codec import BYTES_MAX, ContractError
from mqtt_bridge.contract.dictionary import DICTIONARIES

NEWEST = max(DICTIONARIES)
PAD = 64
"""Bytes. Answers of a handful of questions differ by less."""


def pack(raw: bytes, *, padded: bool) -> bytes:
    """The same, packed; `padded` to the next step of PAD."""
    engine = zlib.compressobj(zlib.Z_BEST_COMPRESSION, wbits=-zlib.MAX_WBITS, zdict=DICTIONARIES[NEWEST])
    packed = bytes([NEWEST]) + engine.compress(raw) + engine.flush()
    return packed + bytes(-len(packed) % PAD) if padded else packed


def unpack(packed: bytes) -> bytes:
    """What was packed, BYTES_MAX at most: never more is inflated, whatever it would become. Raises ContractError."""
    dictionary = DICTIONARIES.get(packed[0]) if packed else None
    if dictionary is None:
        raise ContractError(f"a body packed with the dictionary {packed[:1].hex() or 'none'}: known are 1 to {NEWEST}")
    engine = zlib.decompressobj(-zlib.MAX_WBITS, zdict=dictionary)
    try:
        raw = engine.decompress(packed[1:], BYTES_MAX + 1)
    except zlib.error as error:
        raise ContractError(f"a packed body that cannot be inflated: {error}") from error
    if len(raw) > BYTES_MAX:
        raise ContractError(f"a packed body of more than {BYTES_MAX} bytes: no more are read")
    if not engine.eof:
        raise ContractError("a packed body that ends too early")
    if engine.unused_data.strip(b"\0"):
        raise ContractError("a packed body with something behind its end")
    return raw
