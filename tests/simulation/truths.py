"""What must hold, whatever happens. Kept beside the real code, from what was done and seen, never from its answers."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from kiosk.shell.orders import PlanInForce, Receipts
from mqtt_bridge import seal
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.codec import decode
from mqtt_bridge.contract.order import Order, PlanOrder
from mqtt_bridge.contract.report import Identity
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.contract.wire import KEPT_MS
from mqtt_bridge.link.end import ALERTS_MAX, URGENT_MAX
from mqtt_bridge.link.store import Key
from mqtt_bridge.mqtt.port import Delivered, Event, Sent
from mqtt_bridge.outbox import Told
from tests.simulation.box import Box, Kiosk, Link, acks_in, acks_of, alerts, calls_for_help, nonce_of
from tests.simulation.record import Record, Row, digest_of
from tests.simulation.times import CLINIC_CLOCK_MS_MAX, BoxTimes

if TYPE_CHECKING:
    from tests.simulation.world import World

LONG_MS = KEPT_MS - 2 * CLINIC_CLOCK_MS_MAX


class Broken(AssertionError):
    """Something that must always hold does not."""


def must(holds: bool, what: str) -> None:  # noqa: FBT001  # reads as a sentence
    if not holds:
        raise Broken(what)


@dataclass
class Truths:
    """Of the clinic's table."""

    world: "World"
    table: dict[Identity, Row] = field(default_factory=dict)
    since_ms: dict[Identity, int] = field(default_factory=dict)
    """Since when the table has had it without a break."""
    former_ms: dict[Identity, int] = field(default_factory=dict)
    """How long it had had it when a backup was put back that lacks it: until its box has heard so, that counts."""
    first_ms: dict[Identity, int] = field(default_factory=dict)
    """When the table first had it: from then on do those count who go by the box's own account alone."""
    too_old: set[Identity] = field(default_factory=set)
    """Gone by a backup older than what boxes keep: a box may forget them on the last word of before."""
    restored_ms: int = -1
    put_back: bool = False
    """A backup was put back under the same ledger."""
    _boxes: dict[str, "BoxTruths"] = field(default_factory=dict)
    _unsure: set[Identity] = field(default_factory=set)
    """Found at a start, of a commit that a kill cut off from its last sync: the power may take them until the next."""
    _ordered: set[str] = field(default_factory=set)
    """Orders that the clinic's database has committed, and should have still."""
    _read: set[Identity] = field(default_factory=set)
    _letters: dict[str, Order] = field(default_factory=dict)
    said: dict[tuple[str, int], int] = field(default_factory=dict)
    """By nonce and time of an answer: how far the clinic's clock was ahead as it was given."""

    def of(self, box: Box) -> "BoxTruths":
        return self._boxes.setdefault(box.name, BoxTruths(box, self))

    # Orders and reading

    def signed(self, order: Order, letter: bytes) -> None:
        self._letters[digest_of(letter)] = order

    def issued(self, order: Order) -> None:
        """Committed: the staff have been told so."""
        self._boxes[order.box].issued[order.id] = order
        self._ordered.add(order.id)

    def newest_plan(self, box: str, record: Record) -> Order | None:
        """The clinician's last word on the plan, as far as the clinic's database knows."""
        names = record.orders(box)  # one that was committed by a process that died of it counts too
        known = [o for o in self._letters.values() if o.id in names and isinstance(o.content, PlanOrder)]
        return max(known, key=lambda o: o.serial, default=None)

    def serial_of(self, version: int) -> int:
        """Each plan of the simulation has a version of its own."""
        plans = [(o, o.content.plan) for o in self._letters.values() if isinstance(o.content, PlanOrder)]
        return next(order.serial for order, plan in plans if plan is not None and plan.version == version)

    def order_of(self, name: str) -> Order:
        return next(order for order in self._letters.values() if order.id == name)

    def superseded(self, name: str, record: Record) -> bool:
        order = self.order_of(name)
        newest = self.newest_plan(order.box, record)
        return isinstance(order.content, PlanOrder) and newest is not None and order.serial < newest.serial

    def clinic_sends(self, topic: str, payload: bytes, record: Record) -> None:
        """A box that has lost its plan must not begin a care that was stopped."""
        if topic.endswith("/ack"):
            for ack in acks_of(payload):
                self.said[ack.nonce or "", ack.server_ms] = self.world.clinic.wrong_by_ms
        if topic.endswith("/down"):
            order = self.order_in(payload)
            must(not self.superseded(order.id, record), f"the clinic sends {order.id}, which a later plan supersedes")

    def order_in(self, letter: bytes) -> Order:
        order = self._letters.get(digest_of(letter))
        if order is None:
            raise Broken("the box keeps an order that the clinic never signed")
        return order

    def was_read(self, row: Row) -> bool:
        return row.identity in self._read

    def read(self, rows: list[Row]) -> None:
        self._read.update(row.identity for row in rows)

    def readings(self, box: str) -> set[Key]:
        return {(i.epoch, i.seq) for i in self._read if i.box == box}

    # The table

    def clinic_started(self, record: Record, *, restored: bool) -> None:
        """What was committed is there: after a kill, and after a power cut, which leaves what was synced alone.

        A commit that was under way may be there or not: of that nobody has been told. restored: a backup was put back
        since the last start.
        """
        before, orders = self.table, {order for box in self._boxes for order in record.orders(box)}
        self.clinic_changed(record)
        sure = {identity: row for identity, row in before.items() if identity not in self._unsure}
        self._unsure = (self._unsure & self.table.keys()) | (self.table.keys() - before.keys())
        if restored:
            self._ordered &= orders
        else:
            self._all_stay(sure)
            lost = sorted(self._ordered - orders)
            must(not lost, f"{lost} were committed, and are no more in the clinic's database")

    def _all_stay(self, before: dict[Identity, Row]) -> None:
        for identity, row in before.items():
            now = self.table.get(identity)
            must(now is not None, f"{identity} has left the clinic's table")
            must(now == row or row.held, f"{identity} was overwritten: {row} became {now}")

    def clinic_committed(self, record: Record, payloads: list[bytes], topics: list[str]) -> None:
        before = self.table
        self.clinic_changed(record)
        self._all_stay(before)
        self._unsure.clear()
        for identity in self.table.keys() - before.keys():
            must(not self._boxes[identity.box].box.revoked, f"{identity} was taken from a revoked box")
        aside = record.quarantined()
        for payload, topic in zip(payloads, topics, strict=True):
            self._nothing_dropped(topic, payload, aside)

    def _nothing_dropped(self, topic: str, payload: bytes, aside: set[str]) -> None:
        if digest_of(payload) in aside:
            return
        genuine = self.world.genuine(topic, payload)
        must(genuine, f"a forged or altered message on {topic} left no trace")
        letter = seal.read_letter(payload)
        if letter.kind == "report":
            identity = Identity(box=letter.box, stream=letter.stream, epoch=letter.epoch, seq=letter.seq)  # type: ignore[arg-type]
            must(identity in self.table, f"{identity} was received, committed, and is nowhere")

    def clinic_changed(self, record: Record) -> None:
        rows = record.rows()
        self.table = {row.identity: row for row in rows}
        must(len(self.table) == len(rows), "the clinic's table has one identity twice")
        now_ms = self.world.now_ms
        for identity in self.since_ms.keys() - self.table.keys():
            self.former_ms[identity] = max(now_ms - self.since_ms[identity], self.former_ms.get(identity, 0))
        self.since_ms = {identity: self.since_ms.get(identity, now_ms) for identity in self.table}
        self.first_ms |= dict.fromkeys(self.table.keys() - self.first_ms.keys(), now_ms)
        self.too_old -= self.table.keys()

    def kept_ms(self, identity: Identity) -> int:
        """How long the table has had it without a break; or had, until it was put back: words travel for a while."""
        now_ms = self.world.now_ms
        return max(now_ms - self.since_ms.get(identity, now_ms), self.former_ms.get(identity, 0))

    def known_ms(self, identity: Identity) -> int:
        """How long ago the table first had it."""
        return self.world.now_ms - self.first_ms.get(identity, self.world.now_ms)

    def restored(self, taken_ms: int, since_ms: dict[Identity, int] | None) -> None:
        """A backup has been put back: what the boxes say may be old news until their next question is answered.

        since_ms: of a machine put back as it was, whose ledger goes on. What came between is as if it had never been to
        a box that heard nothing of it: neither that box nor this database can know (seed 9200128).
        """
        self.restored_ms, self.put_back = self.world.now_ms, self.put_back or since_ms is not None
        known = since_ms or {}
        self.since_ms |= {i: min(known.get(i, at_ms), at_ms) for i, at_ms in self.since_ms.items() if self._unheard(i)}
        if self.is_too_old(taken_ms):
            self.too_old |= self.former_ms.keys() - self.table.keys()
        for truths in self._boxes.values():
            truths.answered.clear()
            truths.told.clear()
            truths.restorations += 1
            truths.excuse_restored(taken_ms)
            truths.nothing_lost()

    def _unheard(self, identity: Identity) -> bool:
        """Whether its box heard nothing of the database that was there before this one was put back."""
        return identity.epoch not in self._boxes[identity.box].answered

    def is_too_old(self, taken_ms: int) -> bool:
        return self.world.now_ms - taken_ms > LONG_MS

    def has_told(self, box: str, epoch: str) -> None:
        """The box has been answered since: no word of before the last restoration counts any more."""
        for identity in [i for i in self.former_ms if (i.box, i.epoch) == (box, epoch)]:
            del self.former_ms[identity]


@dataclass(frozen=True)
class Question:
    """A hello: when it was asked, and the highest serial of an acknowledgement that was known then."""

    at_ms: int
    known_serial: int


@dataclass
class BoxTruths:
    """Of one box. A session of the simulation has one report."""

    box: Box
    clinic: Truths
    sessions: dict[str, Key] = field(default_factory=dict)
    """Confirmed: the kiosk has said that it is kept."""
    attempts: dict[str, Key] = field(default_factory=dict)
    excused: set[str] = field(default_factory=set)
    """Gone with the medium that alone had them, or with a backup of before what boxes keep."""
    sealed_away: set[str] = field(default_factory=set)
    """Sealed to a key that the clinic has not: it can only hold them."""
    off_box: set[Key] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)
    """Epochs about which a question asked after the last restoration was answered."""
    medium_changed: bool = False
    """bedside.db was lost, or put back from a copy: its next start tells what it still has."""
    stale: bool = False
    """The box itself was put back from a copy: what it says is old until its next question is answered."""
    issued: dict[str, Order] = field(default_factory=dict)
    kept_ever: dict[str, int] = field(default_factory=dict)
    refused_ever: set[str] = field(default_factory=set)
    plan_serial: int = 0
    link_losses: int = 0
    restorations: int = 0
    """Of the clinic's database: what the box then cannot know to be told, it tells again."""
    hellos: int = 0
    untold: bool = False
    """The last answer did not say what is settled: the clinic was of before."""
    _on_box: set[Key] = field(default_factory=set)
    _asked: dict[str, Question] = field(default_factory=dict)
    """The hellos of this connection, by their nonces; none of before one that was answered since."""
    times: BoxTimes = field(default_factory=BoxTimes)
    _known: wire.Ack | None = None
    """The last acknowledgement that was taken: of which ledger, and with which serial."""
    _receipts: Receipts | None = None
    _given: set[Key] = field(default_factory=set)
    """Rows that the broker was given over this connection."""
    told: set[Key] = field(default_factory=set)
    """What the box has said to be in the record, since its link began and no backup was put back."""

    def identity(self, key: Key) -> Identity:
        return Identity(box=self.box.name, stream="kiosk", epoch=key[0], seq=key[1])

    # The kiosk

    def attempted(self, identity: Identity, session: str) -> None:
        self.attempts[session] = identity.epoch, identity.seq

    def confirmed(self, identity: Identity) -> None:
        key = identity.epoch, identity.seq
        session = next(s for s, k in reversed(self.attempts.items()) if k == key)
        must(key not in self.sessions.values(), f"{key} names two reports")
        self.sessions[session] = key
        self._on_box.add(key)

    def kiosk_started(self, kiosk: Kiosk) -> None:
        if self.medium_changed:
            self.medium_changed = False
            self._medium_lost(kiosk.keys())
        self._on_box = kiosk.keys()
        self.nothing_lost()
        kept = kiosk.sessions()
        whole = {key for session, key in self.attempts.items() if session in kept}
        must(self._on_box <= whole, f"{sorted(self._on_box - whole)} are kept without their results")

    def kiosk_read(self, keys: set[Key]) -> None:
        """After `landed`: what was forgotten had been in the table for thirty days without a break."""
        for key in self._on_box - keys:
            kept_ms = self.clinic.kept_ms(self.identity(key))
            if self._goes_by_its_own_account and kept_ms < LONG_MS:
                kept_ms = self.clinic.known_ms(self.identity(key))
                self.excused |= {session for session, one in self.sessions.items() if one == key}
            must(kept_ms >= LONG_MS, f"{key} was forgotten after {kept_ms / 86_400_000} days")
        forgotten = {self.identity(key) for key in self._on_box - keys} & self.clinic.too_old
        self.excused |= {s for s, key in self.sessions.items() if self.identity(key) in forgotten}
        self._on_box = keys

    def kiosk_applies(self, found: PlanInForce) -> None:
        """The plan by which a care is offered: the newest that the box has been seen to keep, or a newer one."""
        must(found.problem != "unsigned", f"the kiosk cannot read its plan: {found.why}")
        if found.plan is not None and not found.problem:
            serial = self.clinic.serial_of(found.plan.version)
            must(serial >= self.plan_serial, f"the kiosk goes by the plan {serial}, and the box has {self.plan_serial}")

    @property
    def _goes_by_its_own_account(self) -> bool:
        """A box, or its clinic, of before `Ack.settled`: a machine put back as it was can make it forget too soon."""
        return self.clinic.put_back and (not self.box.takes_settled or self.untold)

    def _medium_lost(self, keys: set[Key]) -> None:
        """What only this card had is gone, and nobody could help it."""
        self.off_box |= {key for key in self.sessions.values() if key not in keys}
        self.stale, self._known = True, None
        self.answered.clear()
        self.told.clear()
        self._on_box = keys
        table = self.clinic.table
        gone = {s for s, key in self.sessions.items() if key in self.off_box and self.identity(key) not in table}
        self.excused |= gone

    def excuse_restored(self, taken_ms: int) -> None:
        old = self.clinic.is_too_old(taken_ms)
        for session, key in self.sessions.items():
            gone = self.identity(key) not in self.clinic.table and key not in self._on_box
            if gone and (old or key in self.off_box):
                self.excused.add(session)

    def nothing_lost(self) -> None:
        for session, key in self.sessions.items():
            if session not in self.excused:
                there = self.identity(key) in self.clinic.table or key in self._on_box
                must(there, f"{session} ({key[0]}/{key[1]}) is neither on the box nor in the clinic's table")

    # The link

    def link_started(self, link: Link) -> None:
        self._asked.clear()
        self.told.clear()
        self.check_orders(link, now=False)

    def link_lost(self) -> None:
        """link.db is gone: orders come again, and are told of again.

        A plan that was superseded may still be on its way, or be replayed, and is in force until the next question is
        answered; the clinic sends none (`clinic_sends`), and the last one is there in the end (`_plan_is_missing`).
        """
        self.plan_serial, self._receipts, self._known, self.times.answered = 0, None, None, False
        self.link_losses += 1

    def link_connected(self) -> None:
        self._given.clear()
        self._asked.clear()

    def sends(self, topic: str, payload: bytes) -> None:
        told = self.box.takes_urgent and self.box.name in self.clinic.world.clinic.told_urgent
        must(told or not topic.endswith("/urgent"), "the box writes to a channel of which it was never told")
        understood = self.clinic.world.clinic.was_new or seal.form_of(payload) == 1
        must(understood, "the box writes form 2 to a clinic that has never said that it reads it")

    def link_sends(self, link: Link, row: Key) -> None:
        """A call for help waits behind nothing of the kiosk's, an alert behind calls and alerts alone.

        Unless as many of both are under way already.
        """
        calls, pressing = self._on_box_that(calls_for_help), self._on_box_that(alerts)
        given = len((calls | pressing) & self._given)
        if row in self.sessions.values():
            self._goes_first(link, row, calls, "which calls for help", room=given < URGENT_MAX)
            if row not in calls:
                self._goes_first(link, row, pressing, "which tells strong pain", room=given < ALERTS_MAX)
        self._given.add(row)

    def _on_box_that(self, is_so: Callable[[str], bool]) -> set[Key]:
        return {key for session, key in self.sessions.items() if is_so(session) and key in self._on_box}

    def _goes_first(self, link: Link, row: Key, urgent: set[Key], what: str, *, room: bool) -> None:
        waiting = {key for key in urgent - self._given if not self._is_told(link, key)}
        late = waiting and room and row not in urgent
        must(not late, f"{row} leaves the box before {sorted(waiting)}, {what}")

    def _is_told(self, link: Link, key: Key) -> bool:
        ack = link.store.acknowledged(key[0])
        return ack is not None and ack.has(key[1])

    def asked(self, payload: bytes) -> None:
        self.hellos += 1
        known_serial = self._known.serial if self._known else 0
        self._asked[nonce_of(payload)] = Question(self.clinic.world.now_ms, known_serial)
        self.times.asks(nonce_of(payload), self.clinic.world.now_ms)

    # The time

    def stamped(self, stamp: Stamp, *, known: bool = True) -> None:
        """known: by who has heard every answer itself; the kiosk reads of them in link.db."""
        problem = self.times.problem(stamp, self.clinic.world.now_ms, known=known)
        must(not problem, f"{self.box.name}: {problem}")

    def link_hears(self, payload: bytes) -> None:
        self.times.hears(acks_in(payload, self.box), self.clinic.said, self.clinic.world.now_ms)

    def link_heard(self, link: Link, event: Event, *, noted: bool) -> None:
        """Noted: the disk took what it heard. What it refused the box does not know, and asks again (seed 40595)."""
        if not link.alive:
            return
        self.stamped(link.clock())
        match event:
            case Delivered(topic, payload) if topic.endswith("/ack"):
                if noted:
                    self._heard_acks(payload)
                self.check_claims(link)
            case Delivered():
                self.check_orders(link)
            case Sent():
                self.check_claims(link)
            case _:
                pass

    def _heard_acks(self, payload: bytes) -> None:
        """An answer counts unless one to a later question was heard before it.

        Nor does any answer to another question, once one has shown that the database was put back: what was asked of
        which nobody can tell (seed 9100026).
        """
        for ack in acks_in(payload, self.box):
            question = self._asked.get(ack.nonce or "")
            if question is None:
                if self._known and self._known.ledger == ack.ledger and _follows(ack, self._known):
                    self._known = ack
                continue
            if self._known is None or self._known.ledger != ack.ledger or ack.serial <= question.known_serial:
                self._asked = {ack.nonce or "": question}
            self._known = ack
            self.times.notes(ack.nonce or "")
            self.untold = ack.settled is None
            self._asked = {nonce: one for nonce, one in self._asked.items() if one.at_ms >= question.at_ms}
            if question.at_ms > self.clinic.restored_ms:
                self._was_answered(ack.epoch)

    def _was_answered(self, epoch: str) -> None:
        self.answered.add(epoch)
        if not self.stale:  # a card put back from a copy repeats older words
            self.clinic.has_told(self.box.name, epoch)

    def check_claims(self, link: Link) -> None:
        """« Dans votre dossier » is shown by these words alone."""
        told: set[Key] = set()
        for (raw,) in link.store._database.execute("SELECT ack FROM acknowledged").fetchall():
            ack = decode(raw, Told)
            keys = {key for key in self.attempts.values() if key[0] == ack.epoch and ack.has(key[1])}
            if not self._may_be_old(ack.epoch):
                told |= keys
                for key in keys:
                    self._is_true(key, ack)
        unsaid = sorted(self.told - told)
        must(not unsaid, f"the box said that {unsaid} is in the record, and unsays it without a reason")
        self.told = told

    def _is_true(self, key: Key, ack: wire.Ack) -> None:
        row = self.clinic.table.get(self.identity(key))
        must(row is not None, f"the box says that {key} is in the record, and it is not")
        readable = row is not None and not row.held
        must(readable or ack.holds(key[1]), f"the box says that {key} is readable, and it is held")

    def _may_be_old(self, epoch: str) -> bool:
        return (self.clinic.restored_ms >= 0 or self.stale) and epoch not in self.answered

    def check_orders(self, link: Link, *, now: bool = True) -> None:
        """now: what is new has come this instant, and can be held to the clock."""
        new = self._kept_orders(link, now=now)
        self._refusals_are_true(link, now=now)
        self._plan_never_goes_back(link)
        if any(kind == "read" for kind in new):
            self._nobody_is_said_to_have_read()

    def _kept_orders(self, link: Link, *, now: bool) -> list[str]:
        new: list[str] = []
        query = "SELECT serial, id, kind, letter FROM orders"
        for serial, name, kind, letter in link.store._database.execute(query).fetchall():
            order = self.clinic.order_in(letter)
            told = (serial, name, self.box.name)
            must(told == (order.serial, order.id, order.box), f"{order.id} is kept as {told}")
            if name not in self.kept_ever:
                new.append(kind)
                if now:
                    self._in_time(order)
            self.kept_ever[name] = serial
        return new

    def _in_time(self, order: Order) -> None:
        now = self.box.link.clock()
        late = now.trusted and order.expires_ms <= now.wall_ms
        must(not late, f"{order.id} had expired, and was taken")

    def _refusals_are_true(self, link: Link, *, now: bool) -> None:
        """A refusal is for good: a valid order that a wrong clock refused would never be in force."""
        refused = {name for (name,) in link.store._database.execute("SELECT id FROM refused").fetchall()}
        for name in sorted(refused - self.refused_ever) if now else ():
            order = self.clinic.order_of(name)
            true = self.times.refuses(order, self.clinic.world.now_ms) or self._has_its_serial(order)
            must(true, f"the box refuses {name}, which is valid by all that the clinic has told it of the time")
        self.refused_ever |= refused

    def _has_its_serial(self, order: Order) -> bool:
        return any(order.serial == serial for name, serial in self.kept_ever.items() if name != order.id)

    def _plan_never_goes_back(self, link: Link) -> None:
        newest = link.store.newest_letter("plan")
        serial = newest[0] if newest else 0
        must(serial >= self.plan_serial, f"the plan in force went back from {self.plan_serial} to {serial}")
        self.plan_serial = serial

    def _nobody_is_said_to_have_read(self) -> None:
        if self._receipts is None:
            self._receipts = Receipts(self.box.reader, self.box.enrolment)
        self._receipts.look()
        said = set().union(*self._receipts._read.values())
        must(said <= self.clinic.readings(self.box.name), "the box says that someone has read what nobody has")

    # At rest

    def unsettled(self, record: Record) -> str:
        """What is still missing when everything should have arrived; empty when nothing is."""
        if self.box.revoked:
            return ""
        for session, key in self.sessions.items():
            if session in self.excused:
                continue
            row = self.clinic.table.get(self.identity(key))
            if row is None:
                return f"{session} is not in the table"
            told = "held" if session in self.sealed_away else "in_record"
            must(row.held == (told == "held"), f"{row.identity} is {row}, and should be {told}")
            must(row.held or row.mark == session, f"{row.identity} tells of {row.mark}, the box confirmed {session}")
            if key in self._on_box and self.box.reader.truth(*key) != told:
                return f"{session} is {told}, the box says {self.box.reader.truth(*key)}"
        return self._orders_missing(record)

    def _orders_missing(self, record: Record) -> str:
        soon_ms = self.clinic.world.now_ms + 3_600_000
        if self._plan_is_missing(record, soon_ms):
            return "the last plan is not on the box"
        for order, (serial, accepted) in record.orders(self.box.name).items():
            known = self.issued.get(order)
            if (
                known is not None
                and accepted is None
                and known.expires_ms > soon_ms
                and not self.clinic.superseded(order, record)
            ):
                return f"{order} (serial {serial}) is not confirmed"
            if accepted and order not in self.kept_ever:
                raise Broken(f"the clinic believes that the box has {order}, and it never had")
        return ""

    def _plan_is_missing(self, record: Record, soon_ms: int) -> bool:
        """Confirmed once is not enough: link.db may have been lost since, and the letter on its way again."""
        newest = self.clinic.newest_plan(self.box.name, record)
        if newest is None or newest.expires_ms <= soon_ms or record.orders(self.box.name)[newest.id][1] is False:
            return False
        kept = self.box.link.store.newest_letter("plan")
        return kept is None or kept[0] < newest.serial

    def once(self) -> None:
        """Nothing twice, nothing invented, nothing held without a reason."""
        rows = [row for row in self.clinic.table.values() if row.identity.box == self.box.name]
        held = [row.identity.stream for row in rows if row.held]
        must(held.count("kiosk") <= len(self.sealed_away), f"{held.count('kiosk')} reports are held without a reason")
        restored = self.clinic.restored_ms >= 0  # it may have forgotten orders that the box then tells of
        must(restored or "link" not in held, "a word of the link's own is held without a reason")
        for mark, count in Counter(row.mark for row in rows if not row.held).items():
            if not mark.startswith("order "):
                must(count == 1, f"{mark} is {count} times in the table")
                must(mark in self.attempts, f"{mark} is in the table, and nobody wrote it")
            elif mark.endswith("True"):
                must(count <= 1 + self.link_losses + self.restorations, f"{mark!r} was told {count} times")


def _follows(ack: wire.Ack, known: wire.Ack) -> bool:
    """A database that was put back under the same ledger counts again: a higher serial of an earlier time is older."""
    return ack.serial > known.serial and ack.server_ms >= known.server_ms
