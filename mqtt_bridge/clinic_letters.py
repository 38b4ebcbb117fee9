"""What a clinic writes to a box: orders, and how many acknowledgements go into one letter."""

from collections.abc import Iterator, Sequence

from mqtt_bridge import seal
from mqtt_bridge.contract import wire

RANGES_MAX = 1000
"""Ranges of numbers that acknowledgements share a letter with: 40 KB of the 256 that a box reads."""


def write_order(clinic: str, order_bytes: bytes, box: str, box_keys: seal.PublicKeys, keys: seal.SecretKeys) -> bytes:
    """The signed letter of an encoded Order, sealed to the box."""
    letter = wire.Letter(
        kind="order",
        clinic=clinic,
        box=box,
        signer=keys.public.verify_id,
        recipient=box_keys.seal_id,
        body=seal.seal(order_bytes, box_keys),
    )
    return seal.sign(letter, keys)


def bundles(acks: Sequence[wire.Ack]) -> Iterator[wire.Acks]:
    """As many as one letter may hold, and no more ranges of numbers than one may have."""
    some: list[wire.Ack] = []
    for ack in acks:
        if some and (len(some) == wire.ACKS_MAX or _ranges(some) + _ranges([ack]) > RANGES_MAX):
            yield wire.Acks(acks=tuple(some))
            some = []
        some.append(ack)
    yield wire.Acks(acks=tuple(some))


def _ranges(acks: Sequence[wire.Ack]) -> int:
    return sum(len(ack.ranges) + len(ack.held) for ack in acks)
