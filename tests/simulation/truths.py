"""What must hold at the clinic, kept beside the real code: from what was done and seen, never from its answers."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mqtt_bridge import seal
from mqtt_bridge.contract.order import Order, PlanOrder
from mqtt_bridge.contract.report import Identity
from mqtt_bridge.link.store import Key
from tests.simulation.box import Box, acks_of
from tests.simulation.box_truths import LONG_MS, BoxTruths
from tests.simulation.must import Broken, must
from tests.simulation.record import Record, Row, digest_of

if TYPE_CHECKING:
    from tests.simulation.world import World


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
        self._boxes[order.box].orders.issued[order.id] = order
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
            truths.claims.restored()
            truths.restorations += 1
            truths.excuse_restored(taken_ms)
            truths.nothing_lost()

    def _unheard(self, identity: Identity) -> bool:
        """Whether its box heard nothing of the database that was there before this one was put back."""
        return identity.epoch not in self._boxes[identity.box].claims.answered

    def is_too_old(self, taken_ms: int) -> bool:
        return self.world.now_ms - taken_ms > LONG_MS

    def has_told(self, box: str, epoch: str) -> None:
        """The box has been answered since: no word of before the last restoration counts any more."""
        for identity in [i for i in self.former_ms if (i.box, i.epoch) == (box, epoch)]:
            del self.former_ms[identity]
