"""The clinic's database, as the wire needs it: a port, and the words that are spoken with it."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, Self

from mqtt_bridge import seal
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.report import Identity, Report

Epoch = tuple[str, str, str]
"""(box, stream, epoch)."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One letter from a known box under its own signature, to be kept for ever.

    report: None when it could not be read yet (then `problem` says why, in words for staff).
    """

    identity: Identity
    payload: bytes
    received_ms: int
    report: Report | None
    problem: str = ""


class Kept(Enum):
    """What the store made of an arrival."""

    NEW = "new"
    AGAIN = "again"
    CONFLICT = "conflict"
    """The same identity with another content: quarantined and alarmed by the store, the first one stays."""


def ranges(ascending: tuple[int, ...] | list[int]) -> tuple[wire.Range, ...]:
    """Consecutive numbers folded: 1 2 3 7 8 become 1-3, 7-8."""
    spans: list[list[int]] = []
    for number in ascending:
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return tuple(wire.Range(first=a, last=b) for a, b in spans)


@dataclass(frozen=True)
class Standing:
    """What the database has of one stream and epoch: ascending ranges of sequence numbers, none touching the next."""

    has: tuple[wire.Range, ...]
    """Readable or held."""
    held: tuple[wire.Range, ...]

    @property
    def last(self) -> int:
        """The highest number; 0: nothing is there."""
        return self.has[-1].last if self.has else 0

    @classmethod
    def of(cls, stored: Iterable[int], held: Iterable[int]) -> Self:
        """From the numbers themselves, in any order."""
        raw = sorted(set(held))
        return cls(ranges(sorted({*stored, *raw})), ranges(raw))


@dataclass(frozen=True)
class Has:
    """What a box tells of the orders in its link.db, which may have been lost since it confirmed them."""

    through: int = 0
    plan: int = 0
    """Serial of the plan in force, or of its end: the box that has another needs the last one, confirmed or not."""


class LastWordKeys(seal.PublicKeys, frozen=True):
    """Of a box that is revoked: of its reports its last word alone is taken.

    That is the proof that it is wiped, or that it has the order (`told`: its ids) by which it is no longer linked.
    They equal no other keys: what was read before the box was revoked is read again.
    """

    told: tuple[str, ...] = ()


class ClinicStore(Protocol):
    """The clinic's database, as the wire needs it."""

    def transaction(self) -> AbstractContextManager[None]: ...
    def keys_of(self, boxes: Collection[str]) -> dict[str, seal.PublicKeys]:
        """The public keys of these boxes; of one that is unknown or revoked, none (but `LastWordKeys`)."""

    def keep_all(self, arrivals: Sequence[Arrival]) -> list[Kept]:
        """Keep them, as if one after the other; what each was, in their order."""

    def quarantine(self, topic: str, payload: bytes, problem: str, received_ms: int) -> None: ...
    def standings(self, of: Collection[Epoch]) -> dict[Epoch, Standing]:
        """Where each of these stands; one of which there is nothing has an empty Standing."""

    def first_since(self, of: Collection[Epoch], since_ms: int) -> dict[Epoch, int]:
        """Of each, the lowest number that was received then or later; of one of which nothing was, none.

        By the times in its own rows: what boxes have filled again since a restoration was received since.
        """

    def next_acks(self, count: int) -> tuple[str, range]:
        """(ledger id, as many serials, each greater than every one before)."""

    def heard_hello(self, box: str, hello: wire.Hello, received_ms: int) -> None: ...
    def heard_state(self, box: str, state: wire.BoxState, received_ms: int, *, retained: bool) -> None:
        """A birth or a will. A retained one is old news: it says nothing of when the box was last seen."""

    def orders_after(self, box: str, has: Has, now_ms: int) -> Iterator[bytes]:
        """Signed letters of the orders that this box has still to receive, not expired, lowest serial first.

        Beyond those that it has, or never confirmed. Of plans and stops the last one alone: none when that has expired.
        """
