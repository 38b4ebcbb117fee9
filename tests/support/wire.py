"""Both ends of the wire in one process: the real protocol code, a broker in memory, time that moves when told."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from mqtt_bridge import enrolment, seal
from mqtt_bridge.clinic_end import ClinicEnd
from mqtt_bridge.clinic_letters import write_order
from mqtt_bridge.clinic_store import Has
from mqtt_bridge.clock import Clock
from mqtt_bridge.contract.codec import encode
from mqtt_bridge.contract.order import Order, PlanOrder, ReadReceipt
from mqtt_bridge.contract.report import Listening
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.database import open_writer
from mqtt_bridge.enrolment import Enrolment, Place
from mqtt_bridge.link.end import Effect, LinkEnd, Publish, Settle
from mqtt_bridge.link.reading import LinkReader
from mqtt_bridge.link.store import Key, LinkStore
from mqtt_bridge.mqtt.fake import FakeBroker, FakeClient
from mqtt_bridge.mqtt.port import Connected, Delivered, Disconnected, Mailbox, NotConnected, Sent
from mqtt_bridge.outbox import Outbox
from tests.support.clinic_store import MemoryStore
from tests.support.words_of_care import DAY_MS, ManualClock, plan

CLINIC, BOX = "maison", "box-1"


def enrolled(folder: Path, clinic_keys: seal.SecretKeys, box: str = BOX) -> Enrolment:
    enrolment.save(folder, Place(clinic=CLINIC, box=box, broker_host="127.0.0.1", broker_port=1), seal.make_keys(),
                   clinic_keys.public)  # fmt: skip
    return enrolment.load(folder)


class Wire:
    """One box and one clinic. `settle_down` lets everything in flight arrive."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock, self.broker = folder, ManualClock(), FakeBroker()
        self.box_clock: Clock = self.clock
        """Another one in its place: the box's may be wrong, the clinic's is not."""
        self.clinic_keys = seal.make_keys()
        self.enrolment = enrolled(folder / "enrolment", self.clinic_keys)
        self.store = MemoryStore()
        self.store.keys[BOX] = self.enrolment.keys.public
        self.clinic_end = ClinicEnd(CLINIC, self.clinic_keys, self.store)
        self._clinic_box = Mailbox()
        self.clinic_client = FakeClient(self.broker, self._clinic_box)
        self.clinic_client.start(tuple(f"chevet/v1/{CLINIC}/+/{c}" for c in ("up", "urgent", "state")), None)
        self.reader = LinkReader(folder / "link.db")
        self.make_link: tuple[type[LinkEnd], type[LinkStore]] = LinkEnd, LinkStore
        """Another age of the box in its place."""
        self._start_kiosk()
        self._start_link()

    def close(self) -> None:
        self.link_store.close()
        self.bedside.close()
        self._link_box.close()
        self._clinic_box.close()

    # The box

    def _start_kiosk(self) -> None:
        self.bedside = open_writer(self.folder / "bedside.db")
        self.outbox = Outbox(self.bedside, "kiosk", self.enrolment, clinic_reads=self.reader.clinic_reads)

    def _start_link(self) -> None:
        end, store = self.make_link
        self.link_store = store(self.folder / "link.db", self.folder / "bedside.db", self.enrolment)
        self.end = end(self.enrolment, self.link_store)
        self._link_box = Mailbox()
        self.link_client = FakeClient(self.broker, self._link_box)
        self._tickets: dict[int, Key] = {}
        down = tuple(f"chevet/v1/{CLINIC}/{BOX}/{channel}" for channel in ("down", "ack"))
        self.link_client.start(down, None)

    def restart_kiosk(self) -> None:
        self.bedside.close()
        self._start_kiosk()

    def restart_link(self) -> None:
        self.link_client.stop()
        self.link_store.close()
        self._link_box.close()
        self._start_link()

    def report(self, session: str = "s1") -> tuple[str, int]:
        """The kiosk writes a report; its (epoch, seq)."""
        with self.bedside.atomic():
            identity = self.outbox.add(listening(session, self.box_clock()), self.box_clock())
        self._do(self.end.rung(self.box_clock()))
        return identity.epoch, identity.seq

    def truth(self, key: tuple[str, int]) -> str:
        return self.reader.truth(*key)

    # The clinic

    def order(self, serial: int, content: PlanOrder | ReadReceipt | None = None, **changes: int | str) -> bytes:
        """Sign an order and put it into the clinic's database; its letter."""
        now_ms = self.clock().wall_ms
        fields: dict[str, object] = {"issued_ms": now_ms, "expires_ms": now_ms + DAY_MS, "box": BOX, **changes}
        order = Order(id=f"order-{serial}", serial=serial, content=content or PlanOrder(plan=plan()), **fields)  # type: ignore[arg-type]
        letter = write_order(CLINIC, encode(order), BOX, self.enrolment.keys.public, self.clinic_keys)
        self.store.orders[serial] = (order.id, letter)
        if isinstance(order.content, PlanOrder):
            self.store.plans.add(serial)
        return letter

    def send_orders(self) -> None:
        for outgoing in self.clinic_end.orders(BOX, Has(), self.clock().wall_ms):
            self.broker.carry(outgoing.topic, outgoing.payload, retain=False)

    # Time and travel

    def settle_down(self, rounds_max: int = 500) -> None:
        """Everything in flight arrives. Raises AssertionError when it never ends: a storm."""
        for _ in range(rounds_max):
            busy = self._clinic_reads() | self._link_reads()
            if not busy:
                return
        raise AssertionError("the two ends never stop talking")

    def pass_ms(self, milliseconds: int) -> None:
        self.clock.pass_ms(milliseconds)
        self._do(self.end.rung(self.box_clock()))
        self.settle_down()

    def _clinic_reads(self) -> bool:
        events = self._clinic_box.take()
        for event in events:
            if isinstance(event, Delivered):
                for outgoing in self.clinic_end.receive(event.topic, event.payload, self.clock().wall_ms):
                    self.broker.carry(outgoing.topic, outgoing.payload, retain=False)
        return bool(events)

    def _link_reads(self) -> bool:
        events = self._link_box.take()
        for event in events:
            now = self.box_clock()
            match event:
                case Connected():
                    self._tickets.clear()
                    self._do(self.end.connected(now))
                case Disconnected():
                    self._do(self.end.disconnected())
                case Delivered(topic, payload, _, token):
                    self._do(self.end.delivered(topic, payload, token, now))
                case Sent(ticket, accepted, _):
                    row = self._tickets.pop(ticket, None)
                    if row is not None:
                        self._do(self.end.published(row, accepted=accepted, now=now))
        return bool(events)

    def _do(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case Publish(topic, payload, row):
                    self._publish(topic, payload, row)
                case Settle(token):
                    self.link_client.settle(token)
                case _:
                    pass

    def _publish(self, topic: str, payload: bytes, row: Key | None) -> None:
        try:
            ticket = self.link_client.publish(topic, payload)
        except NotConnected:
            self._do(self.end.unsent(row))
            return
        if row is not None:
            self._tickets[ticket] = row


def listening(session: str, at: Stamp) -> Listening:
    return Listening(
        session=session,
        request="riviere",
        package="riviere",
        fingerprint="a" * 64,
        outcome="heard_whole",
        started=at,
        ended=at,
        rate_hz=48_000,
        frames_total=480_000,
        frames_played=480_000,
    )


@contextmanager
def new_wire() -> Iterator[Wire]:
    """For property tests, which need a fresh one for each example."""
    with TemporaryDirectory() as folder:
        wire = Wire(Path(folder))
        yield wire
        wire.close()
