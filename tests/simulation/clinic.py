"""The clinic: ingest around the real ClinicEnd, the staff who order and read, and the backups."""

from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mqtt_bridge.clinic_end import ClinicEnd, Message, Outgoing
from mqtt_bridge.clinic_letters import write_order
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.codec import encode
from mqtt_bridge.contract.identity import Practitioner
from mqtt_bridge.contract.order import Order, OrderContent, PlanOrder, ReadReceipt, ReportReference
from mqtt_bridge.contract.report import Identity
from mqtt_bridge.mqtt.port import Connected, Delivered, Disconnected, Event, NotConnected, Sent
from mqtt_bridge.seal import form_of, read_letter
from tests.simulation.network import Client
from tests.simulation.process import Process
from tests.simulation.record import Record, Row
from tests.support.ages import OldClinicEnd, UnsettledClinicEnd, UnurgentClinicEnd, of_before
from tests.support.words_of_care import plan

if TYPE_CHECKING:
    from tests.simulation.box import Box

BATCH_MAX = 5
RETRY_MS = 2_000
READER = Practitioner(given="Claire", role="infirmière")


@dataclass
class Backup:
    """since_ms: since when the table has had each report, as it was then."""

    taken_ms: int
    files: dict[str, bytes]
    since_ms: dict[Identity, int]


@dataclass
class Clinic(Process):
    wrong_by_ms: int = 0
    """Of its clock: a server's is set by the network, and still not exact."""
    backups: list[Backup] = field(default_factory=list)
    _arrived: deque[Delivered] = field(default_factory=deque)
    _pressing: deque[Delivered] = field(default_factory=deque)
    """The same of the channel `urgent`."""
    _unsent: dict[str, Outgoing] = field(default_factory=dict)
    _orders: int = 0
    _again: bool = False
    _put_back: bool = False
    """A backup was put back since it last started."""
    client: Client | None = None
    urgent: Client | None = None
    """Its connection for the channel `urgent`."""
    old: bool = False
    """Whether it is of before form 2."""
    late: bool = True
    """Otherwise, while it is not old, it is of before `Ack.settled`."""
    presses: bool = True
    """Otherwise, while it is late, it is of before the channel `urgent`."""
    told_urgent: set[str] = field(default_factory=set)
    """The boxes to which it has ever said that it reads that channel."""
    was_new: bool = False
    """Whether it has ever said that it reads form 2."""

    @property
    def now_ms(self) -> int:
        return self.world.now_ms + self.wrong_by_ms

    def start(self) -> None:
        world = self.world
        self.record: Record = world.parts.record(self.place, world.chance.token(4))
        for box in world.boxes:
            self.record.enrol(box.name, box.enrolment.keys.public)
        kind, age = world.parts.clinic_end, self._age
        if age is not None:
            kind = of_before(age, kind)
        self._end: ClinicEnd = kind(world.clinic_id, world.clinic_keys, self.record, self._hears_urgent)
        self._arrived.clear()
        self._pressing.clear()
        self._unsent.clear()  # hellos bring them
        up = tuple(wire.topic(world.clinic_id, "+", channel) for channel in ("up", "state"))
        self.client = client = Client("ingest", up, self._take, world.broker, world.chance)
        world.truths.clinic_started(self.record, restored=self._put_back)
        self._put_back = False
        world.later(world.chance.randrange(3_000), lambda: world.broker.connect(client))
        self.urgent = None
        if age is None:
            pressing = (wire.topic(world.clinic_id, "+", "urgent"),)
            self.urgent = urgent = Client("ingest urgent", pressing, self._take_urgent, world.broker, world.lanes)
            world.later(world.lanes.randrange(3_000), lambda: world.broker.connect(urgent))

    @property
    def _age(self) -> type[ClinicEnd] | None:
        """None: of today."""
        if self.old:
            return OldClinicEnd
        if not self.late:
            return UnsettledClinicEnd
        return None if self.presses else UnurgentClinicEnd

    def _hears_urgent(self) -> bool:
        return self.urgent is not None and self.urgent.connected and self.world.broker.shows_rights()

    def end(self) -> None:
        for client in (self.client, self.urgent):
            if client is not None:
                self.world.broker.left(client)
        with suppress(AttributeError):
            self.record.close()

    # From the wire

    def _take(self, event: Event) -> None:
        match event:
            case Delivered() if self.world.is_usurped(event.payload):
                self._settle(self.client, event)
            case Delivered():
                self._arrived.append(event)
                self.world.later(self.world.chance.pick(0, 0, 20), self._turn)
            case Connected():
                self.world.later(1, self._send_unsent)
            case Sent() | Disconnected():
                pass  # an order that was not taken comes with the box's next hello

    def _take_urgent(self, event: Event) -> None:
        match event:
            case Delivered() if self.world.is_usurped(event.payload):
                self._settle(self.urgent, event)
            case Delivered():
                self._pressing.append(event)
                self.world.later(self.world.chance.pick(0, 0, 20), self._turn)
            case Connected() | Sent() | Disconnected():
                pass

    def _turn(self) -> None:
        done = self.perform(self._keep_urgent) and self.perform(self._keep_some)
        if done and (self._arrived or self._pressing) and not self._again:
            self._again = True  # more than a batch, or a disk that refuses for now
            self.world.later(RETRY_MS, self._turn_again)

    def _turn_again(self) -> None:
        self._again = False
        self._turn()

    def _keep_some(self) -> None:
        self._keep(self._arrived, self.client)

    def _keep_urgent(self) -> None:
        self._keep(self._pressing, self.urgent)

    def _keep(self, queue: deque[Delivered], client: Client | None) -> None:
        """Some arrivals in one transaction; the answers once it is committed, then the broker's copy is settled."""
        if not queue:
            return
        some = list(queue)[:BATCH_MAX]
        read = self._end.read([Message(m.topic, m.payload, m.retained) for m in some], self.now_ms)
        answers = self._end.keep(read, self.now_ms)
        self.world.say(self.name, f"commits {len(some)} messages")
        self.world.truths.clinic_committed(self.record, [m.payload for m in some], [m.topic for m in some])
        self._publish_all(answers)
        for message in some:
            queue.popleft()
            self.effect()
            self._settle(client, message)

    def _publish_all(self, answers: list[Outgoing]) -> None:
        for answer in answers:
            self.effect()
            self._publish(answer)

    def _settle(self, client: Client | None, message: Delivered) -> None:
        if client is not None:
            client.settle(message.token)

    def _publish(self, outgoing: Outgoing) -> bool:
        self.was_new |= form_of(outgoing.payload) == 2
        letter = read_letter(outgoing.payload)
        if letter.kind in ("ack", "acks") and b'"urgent"' in letter.body:
            self.told_urgent.add(letter.box)
        self.world.truths.clinic_sends(outgoing.topic, outgoing.payload, self.record)
        try:
            if self.client is not None:
                self.client.publish(outgoing.topic, outgoing.payload)
        except NotConnected:
            return False
        return self.client is not None

    # The staff

    def order_plan(self, box: "Box", *, stop: bool, valid_ms: int) -> None:
        self._orders += 1
        self._issue(box, PlanOrder(plan=None if stop else plan(version=self._orders)), valid_ms)

    def read(self, box: "Box") -> None:
        """Someone opens the page of a box's patient: what is readable now has been read."""

        def look() -> None:
            rows = [r for r in self.record.rows() if r.identity.box == box.name and not r.held and r.mark[:1] == "s"]
            unread = [r for r in rows if not self.world.truths.was_read(r)][:20]
            if unread:
                self.world.truths.read(unread)  # the eye has seen them, whatever becomes of the receipt
                self._issue_now(box, self._receipt(unread), 90 * 86_400_000)

        self.perform(look)

    def _receipt(self, rows: list[Row]) -> ReadReceipt:
        references = tuple(ReportReference(epoch=r.identity.epoch, seq=r.identity.seq) for r in rows)
        return ReadReceipt(reports=references, reader=READER, reader_id="claire", read_ms=self.now_ms)

    def _issue(self, box: "Box", content: OrderContent, valid_ms: int) -> None:
        self.perform(lambda: self._issue_now(box, content, valid_ms))

    def _issue_now(self, box: "Box", content: OrderContent, valid_ms: int) -> None:
        now_ms, record = self.now_ms, self.record
        serial = record.next_serial(box.name, now_ms)
        fields = {"box": box.name, "serial": serial, "issued_ms": now_ms, "expires_ms": now_ms + valid_ms}
        order = Order(id=f"order-{self.world.chance.token(6)}", content=content, **fields)  # type: ignore[arg-type]
        keys = self.world.clinic_keys
        letter = write_order(self.world.clinic_id, encode(order), box.name, box.enrolment.keys.public, keys)
        self.world.truths.signed(order, letter)
        with record.transaction():
            record.issue(order, letter)
        self.world.truths.issued(order)
        self.world.say(self.name, f"issues {type(content).__name__} {order.id} serial {serial} to {box.name}")
        self._unsent[order.id] = Outgoing(wire.topic(self.world.clinic_id, box.name, "down"), letter)
        self._send_unsent()

    def _send_unsent(self) -> None:
        if self.alive:
            self._unsent = {
                o: out for o, out in self._unsent.items() if not self.world.truths.superseded(o, self.record)
            }
            self._unsent = {order: out for order, out in self._unsent.items() if not self._publish(out)}

    def revoke(self, box: "Box") -> None:
        def close() -> None:
            with self.record.transaction():
                self.record.revoke(box.name)
            box.revoked = True
            self.world.say(self.name, f"revokes {box.name}")

        self.perform(close)

    # Backups

    def back_up(self) -> None:
        """As an administrator would: the file, while nothing writes it."""
        if self.alive:
            files = {f.name: f.read_bytes() for f in self.disk.folder.iterdir() if f.name.endswith(".db")}
            self.backups.append(Backup(self.world.now_ms, files, dict(self.world.truths.since_ms)))
            self.world.say(self.name, f"backup {len(self.backups) - 1}")

    def restore(self, number: int, *, new_ledger: bool) -> None:
        """Stop, put the file back, say so (a new ledger) or not, start."""
        backup = self.backups[number]
        self.fall(power=False)
        self.wipe()
        self._put_back = True
        for name, raw in backup.files.items():
            (self.disk.folder / name).write_bytes(raw)
        self.world.say(self.name, f"backup {number} is put back, {'a new' if new_ledger else 'the same'} ledger")
        self.rise()
        if new_ledger:
            self.perform(lambda: self.record.new_ledger(self.world.chance.token(4)))
        if self.alive:
            for box in self.world.boxes:
                if box.revoked:
                    self.revoke(box)
        self.world.truths.restored(backup.taken_ms, None if new_ledger else backup.since_ms)
