"""A box of the bench: the link's own decisions (`LinkEnd`) on a store in memory and a small MQTT 3.1.1 of asyncio's.

A thousand paho clients would be two thousand threads, and measure Python's scheduler.
"""

import asyncio
import contextlib
import ssl
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from mqtt_bridge import outbox
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.order import Order
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.enrolment import Enrolment
from mqtt_bridge.honest_time import Known
from mqtt_bridge.link.end import Effect, LinkEnd, Publish, Settle
from mqtt_bridge.link.store import Key
from mqtt_bridge.tls import client_context

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK = 0x10, 0x20, 0x30, 0x40, 0x82, 0x90
QOS_1 = 0x02
KEEPALIVE_S = 600
Gone = (OSError, asyncio.IncompleteReadError, ssl.SSLError)
AGAIN_S = 1.0


def now() -> Stamp:
    at_ms = time.monotonic_ns() // 1_000_000
    return Stamp(wall_ms=time.time_ns() // 1_000_000, trusted=True, boot="bench", monotonic_ms=at_ms)


@dataclass
class Memory:
    """What `LinkEnd` asks of link.db and of the kiosk's outbox, of one epoch."""

    rows: list[outbox.Row]
    acks: dict[str, outbox.Told] = field(default_factory=dict)
    known: str | None = None
    urgent: bool = False
    """Whether the clinic reads the channel of that name; of before it went away, too, as link.db would know it."""
    of_before: bool = False
    """Whether this is a box of before that channel: whatever the clinic says, it calls among its reports."""

    def ledger(self) -> str | None:
        return self.known

    def adopt_ledger(self, ledger: str) -> None:
        self.acks.clear()
        self.known = ledger

    def remember(self, ack: wire.Ack, *, anyway: bool) -> bool:
        before = self.acks.get(ack.epoch)
        if before is not None and before.serial >= ack.serial:
            return False
        told = {name: getattr(ack, name) for name in ack.__struct_fields__}
        self.acks[ack.epoch] = outbox.Told(**told)
        return True

    def acknowledged(self, epoch: str) -> outbox.Told | None:
        return self.acks.get(epoch)

    def highest_serial(self) -> int:
        return max((ack.serial for ack in self.acks.values()), default=0)

    def known_time(self) -> Known:
        """No order comes whose date would have to be held to it."""
        return Known()

    def note_answer(self, at: Stamp, exchange: wire.Exchange | None) -> None:
        """Nobody reads it here."""

    def clinic_reads(self) -> wire.Form:
        return 2

    def clinic_hears_urgent(self) -> bool:
        return self.urgent and not self.of_before

    def note_urgent(self, *, heard: bool) -> None:
        self.urgent = heard

    def note_tells(self, *, settled: bool) -> None:
        """The same."""

    def note_reads(self, form: wire.Form) -> None:
        """Its clinic is of today."""

    def kept_most_wanted(self, limit: int) -> tuple[wire.Held, ...]:
        last = self.rows[-1]
        return (wire.Held(stream="kiosk", epoch=last.epoch, last=last.seq),)[:limit]

    def orders_through(self) -> int:
        return 0

    def plan_serial(self) -> int:
        return 0

    def waiting(self, limit: int, skip: frozenset[Key], through: int | None = None) -> list[outbox.Row]:
        ack = self.acks.get(self.rows[-1].epoch)
        asked = (row for row in self.rows if through is None or row.priority <= through)
        missing = [row for row in asked if row.key not in skip and not (ack and ack.has(row.seq))]
        return sorted(missing, key=lambda row: row.priority)[:limit]

    def keep_order(self, order: Order, letter: bytes, received: Stamp) -> bool:
        return True

    def refuse_order(self, order_id: str, reason: str, at: Stamp) -> None:
        """No order comes."""

    def serial_is_taken(self, order: Order) -> bool:
        return False

    @property
    def landed(self) -> bool:
        ack = self.acks.get(self.rows[-1].epoch)
        return ack is not None and ack.through >= self.rows[-1].seq

    def has_landed(self, row: outbox.Row) -> bool:
        ack = self.acks.get(row.epoch)
        return ack is not None and ack.has(row.seq)


class SmallBox:
    """Connects, says what a link says, and stays until all that it has is in the clinic's database.

    call: a row that it has not yet. It stays for it, whatever is over before, and notes when it is acknowledged.
    """

    def __init__(self, enrolled: Enrolment, rows: list[outbox.Row], call: outbox.Row | None = None) -> None:
        self._call, self.called_s, self.heard_s = call, 0.0, 0.0
        self.memory, self._address = Memory(rows), enrolled.address()
        self._end = LinkEnd(enrolled, self.memory)  # type: ignore[arg-type]  # in the store's place
        self._tickets: dict[int, Key | None] = {}
        self._number, self._place = 0, enrolled.place
        self.sent = 0

    def ask_for_help(self) -> None:
        """The person asks: the row is written, and the link is rung."""
        assert self._call is not None
        self.called_s = time.monotonic()
        self.memory.rows.append(self._call)
        self._carry(self._end.rung(now()))

    @property
    def done(self) -> bool:
        return self.memory.landed and (self._call is None or self.heard_s > 0)

    async def come_back(self) -> None:
        """Until everything has landed, however often the connection is lost."""
        while not self.done:
            try:
                await self.run()
            except Gone:
                await asyncio.sleep(AGAIN_S)

    async def run(self) -> None:
        """Until everything has landed. Raises OSError, asyncio.IncompleteReadError: the connection is gone."""
        a = self._address
        context = client_context(a.ca, a.certificate, a.key)
        self._reader, self._writer = await asyncio.open_connection(a.host, a.port, ssl=context)
        try:
            await self._greet()
            self._carry(self._end.connected(now()))
            while not self.done:
                wait_s = min(30.0, self._end.due_ms(now()) / 1000)
                try:
                    kind, body = await asyncio.wait_for(self._packet(), wait_s + 0.01)
                except TimeoutError:
                    self._carry(self._end.due(now()))
                else:
                    self._take(kind, body)
                await self._writer.drain()
        finally:
            self._end.disconnected()
            self._writer.transport.abort()
            with contextlib.suppress(*Gone):
                await self._writer.wait_closed()

    async def _greet(self) -> None:
        name = self._address.client_id.encode()
        self._write(CONNECT, _text(b"MQTT") + struct.pack("!BBH", 4, QOS_1, KEEPALIVE_S) + _text(name))
        await self._packet()
        topics = (wire.topic(self._place.clinic, self._place.box, channel) for channel in ("down", "ack"))
        filters = b"".join(_text(topic.encode()) + b"\x01" for topic in topics)
        self._write(SUBSCRIBE, struct.pack("!H", 1) + filters)
        while (await self._packet())[0] & 0xF0 != SUBACK:
            pass

    def _take(self, kind: int, body: bytes) -> None:
        if kind & 0xF0 == PUBACK:
            row = self._tickets.pop(struct.unpack("!H", body[:2])[0], None)
            if row is not None:
                self._carry(self._end.published(row, accepted=True, now=now()))
        elif kind & 0xF0 == PUBLISH:
            size = struct.unpack("!H", body[:2])[0]
            topic, (mid,) = body[2 : 2 + size].decode(), struct.unpack("!H", body[2 + size : 4 + size])
            self._carry(self._end.delivered(topic, body[4 + size :], mid, now()))
            if self.called_s and not self.heard_s and self._call and self.memory.has_landed(self._call):
                self.heard_s = time.monotonic()

    def _carry(self, effects: Sequence[Effect]) -> None:
        for effect in effects:
            match effect:
                case Publish(topic, payload, row):
                    self._number = self._number % 65_535 + 1
                    self._tickets[self._number] = row
                    self.sent += row is not None
                    self._write(PUBLISH | QOS_1, _text(topic.encode()) + struct.pack("!H", self._number) + payload)
                case Settle(token):
                    self._write(PUBACK, struct.pack("!H", token))
                case _:
                    pass

    def _write(self, kind: int, body: bytes) -> None:
        self._writer.write(bytes([kind]) + _length(len(body)) + body)

    async def _packet(self) -> tuple[int, bytes]:
        kind = (await self._reader.readexactly(1))[0]
        size, shift = 0, 0
        while True:
            byte = (await self._reader.readexactly(1))[0]
            size |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return kind, await self._reader.readexactly(size)


def _text(raw: bytes) -> bytes:
    return struct.pack("!H", len(raw)) + raw


def _length(size: int) -> bytes:
    out = bytearray()
    while True:
        size, byte = divmod(size, 128)
        out.append(byte | (128 if size else 0))
        if not size:
            return bytes(out)
