"""The clinic's end of the wire: what a letter from a box becomes, and what is answered.

It decides; the store (a port) remembers. Nothing is acknowledged before the store has committed it, nothing that
arrives is dropped: what cannot be read or verified is kept raw, in quarantine, and shown to staff.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from mqtt_bridge import seal
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.codec import ContractError, decode, encode
from mqtt_bridge.contract.report import Identity, Report


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class Standing:
    """What the database has of one stream and epoch: ascending sequence numbers."""

    stored: tuple[int, ...]
    held: tuple[int, ...]


@dataclass(frozen=True)
class Has:
    """What a box tells of the orders in its link.db, which may have been lost since it confirmed them."""

    through: int = 0
    plan: int = 0
    """Serial of the plan in force, or of its end: the box that has another needs the last one, confirmed or not."""


class ClinicStore(Protocol):
    """The clinic's database, as the wire needs it."""

    def transaction(self) -> AbstractContextManager[None]: ...
    def box_keys(self, box: str) -> seal.PublicKeys | None:
        """The box's public keys; None when it is unknown or revoked."""

    def keep(self, arrival: Arrival) -> Kept: ...
    def quarantine(self, topic: str, payload: bytes, problem: str, received_ms: int) -> None: ...
    def standing(self, box: str, stream: str, epoch: str) -> Standing: ...
    def next_ack(self) -> tuple[str, int]:
        """(ledger id, a serial greater than every one before)."""

    def heard_hello(self, box: str, hello: wire.Hello, received_ms: int) -> None: ...
    def heard_state(self, box: str, state: wire.BoxState, received_ms: int, *, retained: bool) -> None:
        """A birth or a will. A retained one is old news: it says nothing of when the box was last seen."""

    def orders_after(self, box: str, has: Has, now_ms: int) -> Iterator[bytes]:
        """Signed letters of the orders that this box has still to receive, not expired, lowest serial first.

        Beyond those that it has, or never confirmed. Of plans and stops the last one alone: none when that has expired.
        """


@dataclass(frozen=True)
class Outgoing:
    topic: str
    payload: bytes


class ClinicEnd:
    """One clinic's end. `receive` is called inside no transaction and opens its own."""

    def __init__(self, clinic: str, keys: seal.SecretKeys, store: ClinicStore) -> None:
        self._clinic, self._keys, self._store = clinic, keys, store

    def receive(self, topic: str, payload: bytes, now_ms: int, *, retained: bool = False) -> list[Outgoing]:
        """Keep what arrived, in one transaction; the answers to publish once it has committed."""
        with self._store.transaction():
            try:
                letter = self._letter(topic, payload)
                if letter.kind == "state":
                    state = decode(letter.body, wire.BoxState)
                    self._store.heard_state(letter.box, state, now_ms, retained=retained)
                    return []
                return self._answer(letter, payload, now_ms)
            except ContractError as error:
                self._store.quarantine(topic, payload, str(error), now_ms)
                return []

    def orders(self, box: str, has: Has, now_ms: int) -> list[Outgoing]:
        """The orders that the box has still to receive."""
        down = wire.topic(self._clinic, box, "down")
        return [Outgoing(down, letter) for letter in self._store.orders_after(box, has, now_ms)]

    def _letter(self, topic: str, payload: bytes) -> wire.Letter:
        clinic, box, channel = wire.parse_topic(topic)
        keys = self._store.box_keys(box)
        if clinic != self._clinic or keys is None:
            raise ContractError(f"box {box} of clinic {clinic} is not enrolled here, or is revoked")
        letter = seal.verify(payload, keys)
        if (letter.clinic, letter.box) != (clinic, box):
            raise ContractError(f"a letter of {letter.clinic}/{letter.box} on the topic of {clinic}/{box}")
        allowed = {"up": {"report", "hello"}, "state": {"state"}}.get(channel, set())
        if letter.kind not in allowed:
            raise ContractError(f"a letter of kind {letter.kind} on the channel {channel}")
        return letter

    def _answer(self, letter: wire.Letter, payload: bytes, now_ms: int) -> list[Outgoing]:
        if letter.kind == "hello":
            return self._hello(letter, now_ms)
        arrival = self._arrival(letter, payload, now_ms)
        self._store.keep(arrival)
        return [self._ack(letter.box, arrival.identity.stream, arrival.identity.epoch, now_ms)]

    def _hello(self, letter: wire.Letter, now_ms: int) -> list[Outgoing]:
        hello = decode(letter.body, wire.Hello)
        self._store.heard_hello(letter.box, hello, now_ms)
        # A box that keeps nothing still learns the time: it is told of a stream that has nothing.
        keeps = hello.keeps or (wire.Held(stream="link", epoch="0" * 16, last=0),)
        acks = [self._ack(letter.box, k.stream, k.epoch, now_ms, hello.nonce) for k in keeps]
        has = Has(hello.orders_through, hello.plan_serial)
        return [*acks, *self.orders(letter.box, has, now_ms)]

    def _arrival(self, letter: wire.Letter, payload: bytes, now_ms: int) -> Arrival:
        if letter.stream is None or letter.epoch is None or letter.seq is None:
            raise ContractError("a report's letter carries its stream, epoch and seq")
        identity = Identity(box=letter.box, stream=letter.stream, epoch=letter.epoch, seq=letter.seq)
        try:
            report = decode(seal.open_body(letter, self._keys), Report)
            if report.identity != identity:
                raise ContractError(f"the sealed report names {report.identity}, its letter {identity}")
        except ContractError as error:
            return Arrival(identity, payload, now_ms, None, str(error))
        return Arrival(identity, payload, now_ms, report)

    def _ack(self, box: str, stream: str, epoch: str, now_ms: int, nonce: str | None = None) -> Outgoing:
        standing = self._store.standing(box, stream, epoch)
        spans = ranges(sorted({*standing.stored, *standing.held}))
        through = spans[0].last if spans and spans[0].first == 1 else 0
        ledger, serial = self._store.next_ack()
        ack = wire.Ack(
            ledger=ledger,
            serial=serial,
            stream=stream,  # type: ignore[arg-type]  # a Letter's or a Held's own stream
            epoch=epoch,
            through=through,
            server_ms=now_ms,
            ranges=tuple(s for s in spans if s.first > through),
            held=ranges(standing.held),
            nonce=nonce,
        )
        return Outgoing(wire.topic(self._clinic, box, "ack"), self._sign(box, "ack", encode(ack)))

    def _sign(self, box: str, kind: wire.LetterKind, body: bytes) -> bytes:
        signer = self._keys.public.verify_id
        return seal.sign(wire.Letter(kind=kind, clinic=self._clinic, box=box, signer=signer, body=body), self._keys)


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


def ranges(ascending: tuple[int, ...] | list[int]) -> tuple[wire.Range, ...]:
    """Consecutive numbers folded: 1 2 3 7 8 become 1-3, 7-8."""
    spans: list[list[int]] = []
    for number in ascending:
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return tuple(wire.Range(first=a, last=b) for a, b in spans)
