"""What must hold of one box, kept beside the real code: from what was done and seen, never from its answers."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mqtt_bridge import seal
from mqtt_bridge.contract.report import Identity
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.contract.wire import KEPT_MS
from mqtt_bridge.link.end import ALERTS_MAX, URGENT_MAX
from mqtt_bridge.link.store import Key
from mqtt_bridge.mqtt.port import Delivered, Event, Sent
from tests.simulation.box import Box, Kiosk, Link, acks_in, alerts, calls_for_help, nonce_of
from tests.simulation.claims import Claims
from tests.simulation.must import must
from tests.simulation.orders_on_box import OrdersOnBox
from tests.simulation.record import Record
from tests.simulation.times import CLINIC_CLOCK_MS_MAX, BoxTimes

if TYPE_CHECKING:
    from tests.simulation.truths import Truths

LONG_MS = KEPT_MS - 2 * CLINIC_CLOCK_MS_MAX


@dataclass
class BoxTruths:
    """Of one box. A session of the simulation has one report."""

    box: Box
    clinic: "Truths"
    sessions: dict[str, Key] = field(default_factory=dict)
    """Confirmed: the kiosk has said that it is kept."""
    attempts: dict[str, Key] = field(default_factory=dict)
    excused: set[str] = field(default_factory=set)
    """Gone with the medium that alone had them, or with a backup of before what boxes keep."""
    sealed_away: set[str] = field(default_factory=set)
    """Sealed to a key that the clinic has not: it can only hold them."""
    off_box: set[Key] = field(default_factory=set)
    medium_changed: bool = False
    """bedside.db was lost, or put back from a copy: its next start tells what it still has."""
    link_losses: int = 0
    restorations: int = 0
    """Of the clinic's database: what the box then cannot know to be told, it tells again."""
    _on_box: set[Key] = field(default_factory=set)
    _given: set[Key] = field(default_factory=set)
    """Rows that the broker was given over this connection."""

    def __post_init__(self) -> None:
        self.times = BoxTimes()
        self.claims = Claims(self.box, self.clinic, self.times, self.attempts)
        self.orders = OrdersOnBox(self.box, self.clinic, self.times)

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

    @property
    def _goes_by_its_own_account(self) -> bool:
        """A box, or its clinic, of before `Ack.settled`: a machine put back as it was can make it forget too soon."""
        return self.clinic.put_back and (not self.box.takes_settled or self.claims.untold)

    def _medium_lost(self, keys: set[Key]) -> None:
        """What only this card had is gone, and nobody could help it."""
        self.off_box |= {key for key in self.sessions.values() if key not in keys}
        self.claims.medium_lost()
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
        self.claims.link_started()
        self.orders.check(link, now=False)

    def link_lost(self) -> None:
        """link.db is gone: orders come again, and are told of again."""
        self.orders.link_lost()
        self.claims.link_lost()
        self.times.answered = False
        self.link_losses += 1

    def link_connected(self) -> None:
        self._given.clear()
        self.claims.link_connected()

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
        self.claims.asked(nonce_of(payload))
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
                    self.claims.heard(payload)
                self.claims.check(link)
            case Delivered():
                self.orders.check(link)
            case Sent():
                self.claims.check(link)
            case _:
                pass

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
        return self.orders.missing(record)

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
