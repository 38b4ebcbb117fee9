"""A bedside box: the kiosk's outbox in a real bedside.db, and the link with the real LinkEnd and LinkStore."""

from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.shell.orders import PlanInForce, plan_in_force
from kiosk.shell.time_kept import KnownTime, TimeKept
from mqtt_bridge import seal
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.care import PlanReference
from mqtt_bridge.contract.codec import ContractError, decode
from mqtt_bridge.contract.report import Content, HelpAsked
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.database import open_writer
from mqtt_bridge.enrolment import Enrolment, Place
from mqtt_bridge.link.end import Effect, LinkEnd, Publish, RingKiosk, Settle
from mqtt_bridge.link.store import Key, LinkStore
from mqtt_bridge.mqtt.port import Connected, Delivered, Disconnected, Event, NotConnected, Sent
from mqtt_bridge.outbox import Outbox, Told
from tests.clinic.box import evaluation
from tests.simulation.network import Client
from tests.simulation.process import Process
from tests.support.ages import (
    OldLinkEnd,
    OldLinkStore,
    UnsettledLinkEnd,
    UnsettledLinkStore,
    UnurgentLinkEnd,
    UnurgentLinkStore,
    no_word,
    of_before,
    unsettled,
)
from tests.support.wire import listening

if TYPE_CHECKING:
    from tests.simulation.world import World

POLL_MS = 300_000
PATIENT = "martin"
PLAN = PlanReference(plan="plan-1", version=1, patient=PATIENT)
CALLS_EVERY, ALERTS_EVERY = 7, 5
STRONG_PAIN = (3, 3, 8, 3, 3)
OLD = 0.15
"""How often a box, or its clinic, begins with software of before form 2."""
_RESULT = "CREATE TABLE IF NOT EXISTS result (session TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL)"


def calls_for_help(session: str) -> bool:
    """Every seventh report is a call for help, which goes before the others."""
    return int(session[1:]) % CALLS_EVERY == 0


def alerts(session: str) -> bool:
    """Every fifth tells strong pain, which goes before the others too, and after the calls."""
    return int(session[1:]) % ALERTS_EVERY == 0 and not calls_for_help(session)


def _content(session: str, stamp: Stamp) -> Content:
    if calls_for_help(session):
        return HelpAsked(help=session, asked=stamp)
    return (
        evaluation("before", STRONG_PAIN, session=session, asked=stamp)
        if alerts(session)
        else listening(session, stamp)
    )


SET_WRONGLY, AT_1970 = 0.25, 0.3
"""How often a network's time is wrong, and how often a clock that nobody has set begins at 1970."""
FAR_MS = (3_600_000, 40 * 86_400_000, 20 * 365 * 86_400_000)


@dataclass
class MachineClock:
    """A machine without a clock chip: its wall clock is anything, its monotonic clock begins anew with the power.

    It is what `mqtt_bridge.clock.system_clock` is on the box: both processes lay a `HonestClock` over it.
    """

    world: "World"
    wrong_by_ms: int = 0
    trusted: bool = True
    """Somebody has set it: a network time, which may be wrong."""
    booted_ms: int = 0
    boot: str = "boot-0"

    def __call__(self) -> Stamp:
        now_ms = self.world.now_ms
        return Stamp(
            wall_ms=now_ms + self.wrong_by_ms,
            trusted=self.trusted,
            boot=self.boot,
            monotonic_ms=now_ms - self.booted_ms + 1_000,
        )

    def boots(self) -> None:
        """The power was gone: nobody has set it."""
        self.booted_ms, self.boot = self.world.now_ms, f"boot-{self.world.clocks.token(3)}"
        self.trusted = False
        self.goes_astray()

    def goes_astray(self) -> None:
        """Set wrongly, or not at all."""
        clocks = self.world.clocks
        if self.trusted and clocks.happens(SET_WRONGLY):
            far_ms = clocks.pick(*FAR_MS)
            self.wrong_by_ms = clocks.randrange(-far_ms, far_ms)
        elif not self.trusted and clocks.happens(AT_1970):
            self.wrong_by_ms = -self.world.now_ms


@dataclass
class BoxProcess(Process):
    box: "Box" = field(kw_only=True)

    def companions(self) -> list[Process]:
        return [self.box.kiosk, self.box.link]

    def fall(self, *, power: bool) -> None:
        if power and self.alive:
            self.box.boots()
        super().fall(power=power)


@dataclass
class Kiosk(BoxProcess):
    """Writes reports, reads link.db: the only writer of bedside.db."""

    @property
    def path(self) -> Path:
        return self.place / "bedside.db"

    def start(self) -> None:
        self._database = open_writer(self.path)
        self._database.execute(_RESULT)
        world, self._floor = self.world, TimeKept(self._database)
        self._time = KnownTime(self.box.reader, self._floor.floor)
        self.clock = world.parts.clock(self.box.machine, self._time)
        self._outbox: Outbox = world.parts.outbox(
            self._database, "kiosk", self.box.enrolment, world.chance.token, self.box.clinic_reads
        )
        self.box.truths.kiosk_started(self)

    def end(self) -> None:
        with suppress(AttributeError):
            self._database.close()

    def confirm(self, session: str) -> None:
        """The finger on the cone: a result and its report in one transaction."""

        def write() -> None:
            stamp = self.clock()
            self.box.truths.stamped(stamp, known=False)
            with self._database.atomic():
                identity = self._outbox.add(_content(session, stamp), stamp, PLAN)
                self.box.truths.attempted(identity, session)
                row = (session, identity.epoch, identity.seq)
                self._database.execute("INSERT INTO result VALUES (?, ?, ?)", row)
            self.box.truths.confirmed(identity)
            self.world.say(self.name, f"report {session} is {identity.epoch[:4]}/{identity.seq}")

        if self.perform(write):
            self.box.link.ring()

    def confirm_sealed_away(self, session: str, stranger: seal.PublicKeys) -> None:
        """A report sealed to a key that the clinic has not (yet): it can hold it, and not read it."""
        if self.alive:
            self.box.truths.sealed_away.add(session)
            known = self.box.enrolment
            clinic = seal.PublicKeys(verify=known.clinic.verify, seal=stranger.seal)
            self._outbox._enrolment = replace(known, clinic=clinic)
            self.confirm(session)
            self._outbox._enrolment = known

    def poll(self) -> None:
        """As the shell's `_read_link` does: note what has landed, forget what landed long ago."""

        def read() -> None:
            self._floor.keep(self._time.look(self._floor.floor), self.clock())
            for (epoch,) in self._database.execute("SELECT DISTINCT epoch FROM outbox").fetchall():
                ack = self.box.ack(epoch)
                if ack is not None:
                    self._outbox.landed(ack)
            self.box.truths.kiosk_read(self.keys())
            self.box.truths.orders.kiosk_applies(self._plan_in_force())

        self.perform(read)

    def _plan_in_force(self) -> PlanInForce:
        """As the shell asks for it before it offers a care."""
        now = self.clock()
        return plan_in_force(self.box.reader, self.box.enrolment, now, self._time().floor_ms(now))

    def keys(self) -> set[Key]:
        return {(e, s) for e, s in self._database.execute("SELECT epoch, seq FROM outbox").fetchall()}

    def sessions(self) -> set[str]:
        return {session for (session,) in self._database.execute("SELECT session FROM result").fetchall()}


@dataclass
class Link(BoxProcess):
    """The loop of `mqtt_bridge.link.loop` around the real state machine."""

    @property
    def path(self) -> Path:
        return self.place / "link.db"

    def start(self) -> None:
        world, box = self.world, self.box
        store, end = world.parts.link_store, world.parts.link_end
        if box.age is not None:
            store, end = of_before(box.age[1], store), of_before(box.age[0], end)
        self._store: LinkStore = store(self.path, box.kiosk.path, box.enrolment, world.chance.token)
        self.clock = world.parts.clock(box.machine, self._store.known_time)
        self._end: LinkEnd = end(box.enrolment, self._store, world.chance.token)
        self._tickets: dict[int, Key] = {}
        down = tuple(wire.topic(box.clinic, box.name, channel) for channel in ("down", "ack"))
        self.client = Client(box.name, down, self._take, world.broker, world.chance)
        box.truths.link_started(self)
        world.later(world.chance.randrange(5_000), lambda: self._connect(self.client))
        self._wake_later()

    def _connect(self, client: Client) -> None:
        if not self.box.away:
            self.world.broker.connect(client)

    def end(self) -> None:
        with suppress(AttributeError):
            self.world.broker.left(self.client)
            self._store.close()

    def ring(self) -> None:
        self.perform(self._rung)

    def _rung(self) -> None:
        self._carry(self._end.rung(self.clock()))

    def _wake_later(self) -> None:
        end, wait_ms = self._end, min(POLL_MS, self._end.due_ms(self.clock()))
        self.world.later(max(wait_ms, 1), lambda: self._wake(end))

    def _wake(self, end: LinkEnd) -> None:
        if self.alive and end is self._end and self.perform(self._rung):
            self._wake_later()

    def _take(self, event: Event) -> None:
        noted = False
        if isinstance(event, Delivered):
            self.box.truths.link_hears(event.payload)

        def work() -> None:
            nonlocal noted
            self._carry(self._handle(event))
            noted = True

        if self.perform(work):
            if isinstance(event, Delivered):
                self.client.settle(event.token)
                if not noted:
                    self._end.missed(self.clock())
            self.box.truths.link_heard(self, event, noted=noted)

    def _handle(self, event: Event) -> list[Effect]:
        now = self.clock()
        match event:
            case Connected():
                self._tickets.clear()
                self.box.truths.link_connected()
                self._say_alive(now)
                return self._end.connected(now)
            case Disconnected():
                return self._end.disconnected()
            case Sent(ticket, accepted, _):
                row = self._tickets.pop(ticket, None)
                return [] if row is None else self._end.published(row, accepted=accepted, now=now)
            case Delivered(topic, payload, _, token):
                return self._end.delivered(topic, payload, token, now)

    def _say_alive(self, now: Stamp) -> None:
        with suppress(NotConnected):
            topic, payload = self._end.state(alive=True, boot=now.boot)
            self.box.truths.sends(topic, payload)
            self.client.publish(topic, payload)

    def _carry(self, effects: list[Effect]) -> None:
        for effect in effects:
            self.effect()
            match effect:
                case Publish(topic, payload, row):
                    self._publish(topic, payload, row)
                case Settle(token):
                    self.client.settle(token)
                case RingKiosk():
                    self.world.later(1, self.box.kiosk.poll)
        self.effect()

    def _publish(self, topic: str, payload: bytes, row: Key | None) -> None:
        self.box.truths.sends(topic, payload)
        if row is None:
            self.box.truths.asked(payload)
        try:
            ticket = self.client.publish(topic, payload)
        except NotConnected:
            self._carry(self._end.unsent(row))
            return
        if row is not None:
            self.box.truths.link_sends(self, row)
        told = "hello" if row is None else f"report {row[0][:4]}/{row[1]}"
        self.world.say(self.name, f"publishes {told} on {topic.rpartition('/')[2]} as {ticket}")
        if row is not None:
            self._tickets[ticket] = row

    @property
    def store(self) -> LinkStore:
        return self._store


class Box:
    """One box: who it is, its clock, its two processes."""

    def __init__(self, world: "World", name: str) -> None:
        chance, self.name, self.clinic = world.chance, name, world.clinic_id
        self.world, self.away, self.revoked = world, False, False
        self.old = chance.happens(OLD)
        """Whether its software is of before form 2."""
        self.late = not world.ages.happens(OLD)
        """Otherwise, while it is not old, it is of before `Ack.settled`."""
        self.presses = not world.lanes.happens(OLD)
        """Otherwise, while it is late, it is of before the channel `urgent`."""
        self.copy: list[dict[str, bytes]] | None = None
        keys = seal.SecretKeys(sign=chance.randbytes(32), unseal=chance.randbytes(32))
        place = Place(clinic=self.clinic, box=name, broker_host="broker", broker_port=1)
        self.enrolment = Enrolment(place, keys, world.clinic_keys.public, world.folder)
        self.machine = MachineClock(world)
        self.kiosk = Kiosk(world, f"{name} k", world.folder / f"{name}-kiosk", box=self)
        self.link = Link(world, f"{name} l", world.folder / f"{name}-link", box=self)
        self.reader = world.parts.reader(self.link.path)
        self.truths = world.truths.of(self)

    def start(self) -> None:
        self.kiosk.rise()
        self.link.rise()

    def boots(self) -> None:
        """It has lost its power."""
        self.machine.boots()
        self.truths.times.boots()

    @property
    def takes_settled(self) -> bool:
        return self.late and not self.old

    @property
    def takes_urgent(self) -> bool:
        return self.presses and self.takes_settled

    @property
    def age(self) -> tuple[type[LinkEnd], type[LinkStore]] | None:
        """None: of today."""
        if self.takes_urgent:
            return None
        if self.takes_settled:
            return UnurgentLinkEnd, UnurgentLinkStore
        return (OldLinkEnd, OldLinkStore) if self.old else (UnsettledLinkEnd, UnsettledLinkStore)

    def clinic_reads(self) -> wire.Form:
        """As the kiosk knows it."""
        return 1 if self.old else self.reader.clinic_reads()

    def ack(self, epoch: str) -> Told | None:
        """What link.db says, as the kiosk understands it."""
        ack = self.reader.ack(epoch)
        return ack if self.takes_settled else unsettled(ack)

    def processes(self) -> list[Process]:
        return [self.kiosk, self.link]


def nonce_of(hello: bytes) -> str:
    return decode(seal.read_letter(hello).body, wire.Hello).nonce


def acks_in(payload: bytes, box: Box) -> tuple[wire.Ack, ...]:
    """What the clinic has said to a box; nothing of what the box cannot read or verify."""
    if box.old and seal.form_of(payload) == 2:
        return ()
    try:
        letter = seal.verify(payload, box.enrolment.clinic)
        if not box.takes_settled:
            no_word(letter, "settled")
        if not box.takes_urgent:
            no_word(letter, "urgent")
        return _acks(letter)
    except ContractError:
        return ()


def acks_of(payload: bytes) -> tuple[wire.Ack, ...]:
    """What the clinic says, whoever it is to."""
    return _acks(seal.read_letter(payload))


def _acks(letter: wire.Letter) -> tuple[wire.Ack, ...]:
    return decode(letter.body, wire.Acks).acks if letter.kind == "acks" else (decode(letter.body, wire.Ack),)
