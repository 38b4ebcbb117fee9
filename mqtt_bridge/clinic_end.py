"""The clinic's end of the wire: what a letter from a box becomes, and what is answered.

It decides; the store (`clinic_store`) remembers. Nothing is acknowledged before the store has committed it, nothing
that arrives is dropped: what cannot be read or verified is kept raw, in quarantine, and shown to staff.

What is answered has the form of what it answers, so that nothing has to be remembered of a box: who has written form
2, or says in the nonce of a hello that it reads it, is answered in it. Orders are always of form 1, because a box keeps
them as they came, and must read them again after its update was taken back.

Two steps: `read` verifies, opens and decodes, and holds no lock while it does; `keep` has it stored, in one
transaction for any number of messages, and asks again there whose keys hold: a box may be revoked in between.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from msgspec import structs

from mqtt_bridge import seal
from mqtt_bridge.clinic_letters import bundles
from mqtt_bridge.clinic_store import Arrival, ClinicStore, Epoch, Has, LastWordKeys, Standing
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.codec import ContractError, decode, encode
from mqtt_bridge.contract.report import BoxWiped, Identity, OrderReceived, Report

SEEN_MS_MAX = 1000
"""Keys are asked for anew after a second: what a backlog costs least by, and what was revoked is seldom read at all."""


@dataclass(frozen=True, slots=True)
class Message:
    """What the broker brought."""

    topic: str
    payload: bytes
    retained: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """What a message is, as far as it can be told without keeping it.

    keys: of the box whose topic it came on, under which it was read; None when it is unknown or revoked. arrival: a
    report; letter: whatever else was verified; problem: why it can be neither, in words for staff.
    """

    message: Message
    box: str
    keys: seal.PublicKeys | None
    letter: wire.Letter | None = None
    arrival: Arrival | None = None
    problem: str = ""

    @property
    def form(self) -> wire.Form:
        return seal.form_of(self.message.payload)


@dataclass(frozen=True)
class Outgoing:
    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """What an acknowledgement says beside where its epoch stands."""

    ledger: str
    serial: int
    now_ms: int
    nonce: str | None


class ClinicEnd:
    """One clinic's end. `receive` is called inside no transaction and opens its own."""

    def __init__(
        self, clinic: str, keys: seal.SecretKeys, store: ClinicStore, hears_urgent: Callable[[], bool] = lambda: False
    ) -> None:
        """hears_urgent: whether the channel `urgent` is read now, and the broker lets boxes write it."""
        self.hears_urgent = hears_urgent
        self._clinic, self._keys, self._store = clinic, keys, store
        self._seen: dict[str, seal.PublicKeys] = {}
        """As they held a moment ago, to read by: `keep` asks again."""
        self._seen_ms = 0

    def receive(self, topic: str, payload: bytes, now_ms: int, *, retained: bool = False) -> list[Outgoing]:
        """Keep what arrived, in one transaction; the answers to publish once it has committed."""
        return self.keep(self.read([Message(topic, payload, retained)], now_ms), now_ms)

    def read(self, messages: Sequence[Message], now_ms: int) -> list[Read]:
        """Verify, open and decode each. `now_ms`: when they arrived."""
        return list(self.reader(messages, now_ms))

    def reader(self, messages: Sequence[Message], now_ms: int) -> Iterator[Read]:
        """The same, one after the other. It asks for their keys now and for nothing later: any thread may go on."""
        boxes = [_box_of(message.topic) for message in messages]
        if not 0 <= now_ms - self._seen_ms < SEEN_MS_MAX:
            self._seen, self._seen_ms = {}, now_ms
        unseen = set(boxes) - self._seen.keys()
        if unseen:
            self._seen |= self._store.keys_of(unseen)
        keys = [self._seen.get(box) for box in boxes]
        return (self._read(m, box, k, now_ms) for m, box, k in zip(messages, boxes, keys, strict=True))

    def keep(self, read: Sequence[Read], now_ms: int) -> list[Outgoing]:
        """Keep all of it in one transaction; the answers to publish once that has committed.

        One cumulative acknowledgement for each stream and epoch, then the answers to hellos, which by then know of
        every report that came with them. What raises leaves nothing of any.
        """
        with self._store.transaction():
            certain = self._still(read, now_ms)
            arrivals = [one.arrival for one in certain if one.arrival is not None]
            if arrivals:
                self._store.keep_all(arrivals)
            hellos = [hello for one in certain if one.arrival is None for hello in self._hear(one, now_ms)]
            acks = self._spoken(certain, now_ms) if arrivals else []
            return [*acks, *(answer for hello in hellos for answer in self._hello(hello, now_ms))]

    def orders(self, box: str, has: Has, now_ms: int) -> list[Outgoing]:
        """The orders that the box has still to receive."""
        down = wire.topic(self._clinic, box, "down")
        return [Outgoing(down, letter) for letter in self._store.orders_after(box, has, now_ms)]

    # Reading

    def _read(self, message: Message, box: str, keys: seal.PublicKeys | None, now_ms: int) -> Read:
        try:
            letter = self._letter(message.topic, message.payload, keys)
            if letter.kind != "report":
                return Read(message, box, keys, letter=letter)
            arrival = self._arrival(letter, message.payload, now_ms)
            if isinstance(keys, LastWordKeys) and not _is_last_word(arrival.report, keys):
                raise ContractError(f"box {box} is revoked: nothing is taken from it but its last word")
            return Read(message, box, keys, arrival=arrival)
        except ContractError as error:
            return Read(message, box, keys, problem=str(error))

    def _letter(self, topic: str, payload: bytes, keys: seal.PublicKeys | None) -> wire.Letter:
        clinic, box, channel = wire.parse_topic(topic)
        if clinic != self._clinic or keys is None:
            raise ContractError(f"box {box} of clinic {clinic} is not enrolled here, or is revoked")
        letter = seal.verify(payload, keys)
        if (letter.clinic, letter.box) != (clinic, box):
            raise ContractError(f"a letter of {letter.clinic}/{letter.box} on the topic of {clinic}/{box}")
        allowed = {"up": {"report", "hello"}, "urgent": {"report"}, "state": {"state"}}.get(channel, set())
        if letter.kind not in allowed:
            raise ContractError(f"a letter of kind {letter.kind} on the channel {channel}")
        return letter

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

    # Keeping

    def _still(self, read: Sequence[Read], now_ms: int) -> list[Read]:
        """What was read under keys that no longer hold is read again."""
        boxes = {one.box for one in read}
        keys = self._store.keys_of(boxes)
        self._seen = {box: seen for box, seen in self._seen.items() if box not in boxes} | keys
        return [
            one if one.keys == keys.get(one.box) else self._read(one.message, one.box, keys.get(one.box), now_ms)
            for one in read
        ]

    def _hear(self, one: Read, now_ms: int) -> list["_Hello"]:
        """A state, a hello (which is to be answered), or what is set aside."""
        try:
            if one.letter is None:
                raise ContractError(one.problem)
            if one.letter.kind == "state":
                state = decode(one.letter.body, wire.BoxState)
                self._store.heard_state(one.box, state, now_ms, retained=one.message.retained)
                return []
            hello = decode(one.letter.body, wire.Hello)
            self._store.heard_hello(one.box, hello, now_ms)
        except ContractError as error:
            self._set_aside(one, str(error), now_ms)
            return []
        reads: wire.Form = 2 if one.form == 2 or hello.nonce.startswith(wire.READS_FORM_2) else 1
        return [_Hello(one.box, hello, reads)]

    def _set_aside(self, one: Read, problem: str, now_ms: int) -> None:
        self._store.quarantine(one.message.topic, one.message.payload, problem, now_ms)

    # Answering

    def _spoken(self, certain: Sequence[Read], now_ms: int) -> list[Outgoing]:
        """What the reports of a transaction are answered: to each box in the oldest form that it has used in it."""
        named: dict[Epoch, None] = {}
        forms: dict[str, wire.Form] = {}
        for one in certain:
            if one.arrival is not None:
                told = one.arrival.identity
                named[told.box, told.stream, told.epoch] = None
                forms[told.box] = min(forms.get(told.box, one.form), one.form)
        return self._acks(list(named), now_ms, forms)

    def _hello(self, of: "_Hello", now_ms: int) -> list[Outgoing]:
        # A box that keeps nothing still learns the time: it is told of a stream that has nothing.
        box, hello = of.box, of.hello
        keeps = hello.keeps or (wire.Held(stream="link", epoch="0" * 16, last=0),)
        acks = self._acks([(box, k.stream, k.epoch) for k in keeps], now_ms, {box: of.reads}, hello.nonce)
        return [*acks, *self.orders(box, Has(hello.orders_through, hello.plan_serial), now_ms)]

    def _acks(
        self, of: Sequence[Epoch], now_ms: int, forms: Mapping[str, wire.Form], nonce: str | None = None
    ) -> list[Outgoing]:
        """forms: of each box, in which form it is answered."""
        # The serials first: that waits for whoever else answers now, so that a later one never tells less.
        ledger, serials = self._store.next_acks(len(of))
        standings = self._store.standings(of)
        settled, urgent = self._settled(standings, now_ms, nonce), self._tells_urgent(nonce)
        told: dict[str, list[wire.Ack]] = {}
        for epoch, serial in zip(of, serials, strict=True):
            ack = self._ack(epoch, standings[epoch], Head(ledger, serial, now_ms, nonce))
            told.setdefault(epoch[0], []).append(structs.replace(ack, settled=settled.get(epoch), urgent=urgent))
        return [letter for box, acks in told.items() for letter in self._say(box, acks, forms[box])]

    def _settled(self, standings: Mapping[Epoch, Standing], now_ms: int, nonce: str | None) -> dict[Epoch, int]:
        """What may leave the box, told to one that asks and takes it.

        Looked for after the standings: what another process keeps in between can only make it less.
        """
        if nonce is None or not nonce.startswith(wire.TAKES_SETTLED):
            return {}
        late = self._store.first_since(standings, now_ms - wire.KEPT_MS)
        return {epoch: late[epoch] - 1 if epoch in late else found.last for epoch, found in standings.items()}

    def _tells_urgent(self, nonce: str | None) -> bool:
        return nonce is not None and nonce.startswith(wire.TAKES_URGENT) and self.hears_urgent()

    def _ack(self, of: Epoch, standing: Standing, head: Head) -> wire.Ack:
        spans = standing.has
        through = spans[0].last if spans and spans[0].first == 1 else 0
        return wire.Ack(
            ledger=head.ledger,
            serial=head.serial,
            stream=of[1],  # type: ignore[arg-type]  # a Letter's or a Held's own stream
            epoch=of[2],
            through=through,
            server_ms=head.now_ms,
            ranges=tuple(s for s in spans if s.first > through),
            held=standing.held,
            nonce=head.nonce,
        )

    def _say(self, box: str, acks: Sequence[wire.Ack], form: wire.Form) -> list[Outgoing]:
        """In form 2 as many as fit go together."""
        there = wire.topic(self._clinic, box, "ack")
        if form == 1:
            return [Outgoing(there, self._sign(box, "ack", encode(ack))) for ack in acks]
        return [Outgoing(there, self._sign(box, "acks", encode(some), form)) for some in bundles(acks)]

    def _sign(self, box: str, kind: wire.LetterKind, body: bytes, form: wire.Form = 1) -> bytes:
        """A letter to a box, its body clear."""
        signer = self._keys.public.verify_id
        letter = wire.Letter(kind=kind, clinic=self._clinic, box=box, signer=signer, body=body, v=form)
        return seal.sign(letter, self._keys)


@dataclass(frozen=True, slots=True)
class _Hello:
    """reads: the newest form that the box says it reads."""

    box: str
    hello: wire.Hello
    reads: wire.Form


def _is_last_word(report: Report | None, keys: LastWordKeys) -> bool:
    """The proof that it is wiped, or, where it is left as it is, that it knows that it is no longer linked."""
    match report.content if report is not None else None:
        case BoxWiped():
            return not keys.told
        case OrderReceived(order=order):
            return order in keys.told
        case _:
            return False


def _box_of(topic: str) -> str:
    """Empty of a topic that is not the wire's."""
    try:
        return wire.parse_topic(topic)[1]
    except ContractError:
        return ""
