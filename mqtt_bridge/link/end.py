"""The box's end of the wire, as a state machine: events in, effects out; the time is given, nothing is waited for.

A broker's PUBACK only opens the sending window. A row is done when an acknowledgement of the clinic's database covers
it. When that does not come, a hello asks: its answer was made after everything sent before it was read, so what it
does not name was lost, and is sent again. `asking` keeps the hellos that may still be answered, `next_hello` when the
next is said; `taking` decides on orders. What presses goes by a channel of its own (`urgent`): there it may be read
after the hello all the same, and a second sending costs nothing.
"""

import secrets
from dataclasses import dataclass

from mqtt_bridge import seal
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.codec import ContractError, decode, encode
from mqtt_bridge.contract.report import CALL, URGENT
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.enrolment import Enrolment
from mqtt_bridge.link.asking import Asked, Asking
from mqtt_bridge.link.next_hello import QUIET_HELLO_MS, NextHello
from mqtt_bridge.link.store import Key, LinkStore
from mqtt_bridge.link.taking import Taking
from mqtt_bridge.link.urgent import Urgently
from mqtt_bridge.outbox import Row, Token
from mqtt_bridge.version import VERSION

WINDOW_MAX = 20
"""Rows given to the broker and not yet confirmed by it."""
UNANSWERED_MAX = 200
"""Rows that the broker confirmed and the clinic's database has not."""
URGENT_MAX = 20
"""Calls for help and alerts under way beyond both windows: they wait behind no backlog."""
ALERTS_MAX = 10
"""Of these no alert, once so many are under way: a month of strong pain must not keep a call for help."""


@dataclass(frozen=True)
class Publish:
    """Give this to the broker. `row`: which report it is, None for a hello. Answer with `published` or `unsent`."""

    topic: str
    payload: bytes
    row: Key | None


@dataclass(frozen=True)
class Settle:
    token: int


@dataclass(frozen=True)
class RingKiosk:
    """Something that the kiosk reads in link.db has changed."""


Effect = Publish | Settle | RingKiosk


class LinkEnd:
    """One box's end. Every method gives the effects to carry out, in order."""

    def __init__(
        self, enrolment: Enrolment, store: LinkStore, token: Token = secrets.token_hex, *, wiped: bool = False
    ) -> None:
        """`wiped`: the box has destroyed its records, and takes no order any more."""
        self._wiped = wiped
        self._enrolment, self._store, self._token = enrolment, store, token
        self._connected = False
        self._publishing: set[Key] = set()
        self._urgent: set[Key] = set()
        """Of those under way, and some of before."""
        self._unanswered: set[Key] = set()
        self._asking, self._urgently, self._taking = Asking(), Urgently(store), Taking(enrolment, store)
        self._former: wire.Exchange | None = None
        self._next = NextHello()

    @property
    def under_way(self) -> tuple[int, int]:
        """(rows given to the broker, rows that it has confirmed and the clinic's database has not)."""
        return len(self._publishing), len(self._unanswered)

    def connected(self, now: Stamp) -> list[Effect]:
        self._connected = True
        self._publishing.clear()
        self._unanswered.clear()
        self._urgently.connected()
        self._next.connected()
        return [self._hello(now), *self._send(now)]

    def disconnected(self) -> list[Effect]:
        self._connected = False
        self._asking.forget()
        self._urgently.disconnected()
        return []

    def rung(self, now: Stamp) -> list[Effect]:
        """The kiosk has written something, or half a minute has passed."""
        return [*self._send(now), *self.due(now)]

    def published(self, row: Key, *, accepted: bool, now: Stamp) -> list[Effect]:
        """The broker's PUBACK for a row. Not accepted (no ingest there, not authorised): asked again later."""
        self._publishing.discard(row)
        ack = self._store.acknowledged(row[0])
        if ack and ack.has(row[1]):  # the clinic was faster than the broker
            return self._send(now)
        if not accepted and self._urgently.refused(row):
            return self._send_again({row}, now)
        self._unanswered.add(row)
        self._next.unanswered(now, accepted=accepted)
        return self._send(now) if accepted else []

    def missed(self, now: Stamp) -> None:
        """A letter was not taken: the disk is full, or the time not sure. The broker has it no more: a hello asks."""
        self._next.missed(now)

    def unsent(self, row: Key | None) -> list[Effect]:
        """The broker was gone when we tried: nothing left."""
        if row is not None:
            self._publishing.discard(row)
            self._asking.sent_anew([row])
            self._urgently.unsent(row)
        return []

    def due_ms(self, now: Stamp) -> int:
        """Milliseconds until `due` has something to do; without a broker there is nothing to wait for."""
        if not self._connected:
            return QUIET_HELLO_MS
        hello_ms, urgent_ms = self._next.left_ms(now), self._urgently.due_ms(now)
        return hello_ms if urgent_ms is None else min(hello_ms, urgent_ms)

    def due(self, now: Stamp) -> list[Effect]:
        """A hello; and what has no answer by `urgent` goes by `up` as well."""
        if not self._connected:
            return []
        late = self._urgently.overdue(now) & (self._publishing | self._unanswered)
        again = self._send_again(late, now) if late else []
        return [*again, self._hello(now)] if self._next.comes(now) else again

    def delivered(self, topic: str, payload: bytes, token: int, now: Stamp) -> list[Effect]:
        """A letter from the clinic. What is not its own, or not for us, is settled and forgotten."""
        try:
            letter = self._letter(topic, payload)
        except ContractError:
            return [Settle(token)]
        if letter.kind in ("ack", "acks"):
            return [*self._acks(letter, now), Settle(token)]
        taken = [] if self._wiped else self._order(letter, payload, now)
        return [*taken, Settle(token), *self._send(now)]

    def _letter(self, topic: str, payload: bytes) -> wire.Letter:
        place = self._enrolment.place
        letter = seal.verify(payload, self._enrolment.clinic)
        if (letter.clinic, letter.box) != (place.clinic, place.box):
            raise ContractError(f"a letter to {letter.clinic}/{letter.box}")
        if letter.kind not in {"ack": ("ack", "acks"), "down": ("order",)}.get(wire.parse_topic(topic)[2], ()):
            raise ContractError(f"a letter of kind {letter.kind} on {topic}")
        return letter

    # What the clinic's database has

    def _acks(self, letter: wire.Letter, now: Stamp) -> list[Effect]:
        try:
            acks = _acks_in(letter)
        except ContractError:
            return []
        if letter.v == 2:
            self._store.note_reads(2)
        heard = [self._ack(ack, letter.v, now) for ack in acks]
        rings = [RingKiosk()] if any(told is not None for told in heard) else []
        return [*rings, *(effect for told in heard for effect in told or ()), *self._send(now)]

    def _ack(self, ack: wire.Ack, form: wire.Form, now: Stamp) -> list[Effect] | None:
        """What it calls for beside the sending of what waits; None: it is late, and changes nothing."""
        answers = self._asking.answered_by(ack)
        if answers is not None:
            self._store.note_tells(settled=ack.settled is not None)
            self._urgently.told(heard=ack.urgent)
            if form == 1:  # every hello says that we read form 2: this clinic does not know it
                self._store.note_reads(1)
        back = answers is not None and answers.went_back(ack)
        # Overtaken by a later word; or, if the clinic's clock was put back with its database, not: it is asked again.
        doubtful = answers is not None and back and self._store.heard_later(ack, answers.known_serial)
        if ack.ledger != self._store.ledger() or (back and not doubtful):
            # An old ledger's late word must not undo the new one's: only an answer to our own question changes it.
            if answers is None:
                return None if self._asking.waits else [self._hello(now)]
            self._store.adopt_ledger(ack.ledger)
            self._asking.only(answers)
            self._forget(set(self._unanswered))
        if not self._store.remember(ack, anyway=answers is not None):
            later = self._store.acknowledged(ack.epoch)
            if answers is None or later is None:
                return None  # late: a later word is known already
            ack = later  # it overtook the answer, and says more
        landed = {k for k in self._unanswered | self._publishing if k[0] == ack.epoch and ack.has(k[1])}
        self._unanswered -= landed
        self._publishing -= landed
        self._urgently.landed(landed)
        if answers is not None:
            self._answered(answers, ack, now)
        if not self._unanswered:
            self._next.rest(now)
        return [self._hello(now)] if doubtful and not self._asking.waits else []

    def _answered(self, asked: Asked, ack: wire.Ack, now: Stamp) -> None:
        """The answer was made after our hello was read: what we sent before it and it does not name was lost."""
        self._asking.heard(asked, ack.epoch)
        lost = asked.lost(ack)
        self._forget(lost)
        self._former = wire.Exchange(
            boot=now.boot,
            sent_monotonic_ms=asked.sent.monotonic_ms,
            received_monotonic_ms=now.monotonic_ms,
            server_ms=ack.server_ms,
        )
        if not lost:
            self._next.answered(self._former.round_trip_ms)
        if not self._taking.knows_the_time(now):  # what waited for it is asked for soon
            self._next.taken()
        self._store.note_answer(now, self._former)

    # Orders

    def _order(self, letter: wire.Letter, payload: bytes, now: Stamp) -> list[Effect]:
        match self._taking.take(letter, payload, now):
            case "kept":
                self._next.taken()
                return [RingKiosk()]
            case "waits":  # neither taken nor refused: the next answer tells the time, and brings it again
                self.missed(now)
        return []

    # Sending

    def _forget(self, lost: set[Key]) -> None:
        """They will be given to the broker again: as if they had not been yet."""
        self._unanswered -= lost
        self._publishing -= lost
        self._asking.sent_anew(lost)
        self._urgently.sent_again(lost)

    def _send_again(self, rows: set[Key], now: Stamp) -> list[Effect]:
        """What went by `urgent` in vain, by `up`."""
        self._forget(rows)
        return self._send(now)

    def _send(self, now: Stamp) -> list[Effect]:
        if not self._connected:
            return []
        under_way = frozenset(self._publishing | self._unanswered)
        self._urgent &= under_way
        room = max(0, min(WINDOW_MAX - len(self._publishing), UNANSWERED_MAX - len(self._unanswered)))
        rows = self._pressing(under_way)
        if len(rows) < room:
            rows += self._store.waiting(room - len(rows), under_way | {row.key for row in rows})
        self._urgent.update(row.key for row in rows if row.priority <= URGENT)
        self._publishing.update(row.key for row in rows)
        return [self._publish(row, now) for row in rows]

    def _pressing(self, under_way: frozenset[Key]) -> list[Row]:
        """What leaves whatever the windows say: calls first, then alerts while there is room for calls beside them."""
        found = self._store.waiting(max(0, URGENT_MAX - len(self._urgent)), under_way, through=URGENT)
        calls = [row for row in found if row.priority <= CALL]
        room = max(0, ALERTS_MAX - len(self._urgent) - len(calls))
        return [*calls, *found[len(calls) :][:room]]

    def _publish(self, row: Row, now: Stamp) -> Publish:
        return Publish(self._topic(self._urgently.channel(row, now)), row.letter, row.key)

    def _hello(self, now: Stamp) -> Publish:
        # After silence in form 1: the clinic may be an older one than it was (its update taken back).
        form: wire.Form = 1 if self._asking.waits else self._store.clinic_reads()
        nonce = self._nonce()
        self._asking.ask(nonce, now, self._unanswered | self._publishing, self._store.highest_serial())
        self._next.said(now)
        hello = wire.Hello(
            nonce=nonce,
            sent=now,
            keeps=self._store.kept_most_wanted(wire.KEEPS_MAX),
            orders_through=self._store.orders_through(),
            plan_serial=self._store.plan_serial(),
            former=self._former,
        )
        return Publish(self._topic("up"), self.sign("hello", encode(hello), form), None)

    def _nonce(self) -> str:
        return f"{wire.TAKES_URGENT}{self._token(8)}"

    def state(self, *, alive: bool, boot: str, equipment: wire.Equipment | None = None) -> tuple[str, bytes]:
        """(topic, payload) of a birth, a heartbeat or the last will; to be retained."""
        state = wire.BoxState(alive=alive, boot=boot, version=VERSION, equipment=equipment)
        return self._topic("state"), self.sign("state", encode(state), self._store.clinic_reads())

    def sign(self, kind: wire.LetterKind, body: bytes, form: wire.Form = 1) -> bytes:
        place, keys = self._enrolment.place, self._enrolment.keys
        signer = keys.public.verify_id
        return seal.sign(
            wire.Letter(kind=kind, clinic=place.clinic, box=place.box, signer=signer, body=body, v=form), keys
        )

    def _topic(self, channel: wire.Channel) -> str:
        return wire.topic(self._enrolment.place.clinic, self._enrolment.place.box, channel)


def _acks_in(letter: wire.Letter) -> tuple[wire.Ack, ...]:
    """Raises ContractError."""
    if letter.kind == "acks":
        return decode(letter.body, wire.Acks).acks
    return (decode(letter.body, wire.Ack),)
