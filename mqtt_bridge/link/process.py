"""The link's composition root: one loop decides; the broker's client and the kiosk's bell only enqueue."""

import logging
import os
import select
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from mqtt_bridge import bell, departure, enrolment
from mqtt_bridge.clock import Clock, Trust, system_clock
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.codec import ContractError
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.database import is_full
from mqtt_bridge.honest_time import HonestClock
from mqtt_bridge.link.addresses import Whereabouts
from mqtt_bridge.link.end import Effect, LinkEnd, Publish, RingKiosk, Settle
from mqtt_bridge.link.equipment import EVERY_S, Examiner, Rhythm
from mqtt_bridge.link.equipment import Places as Looked
from mqtt_bridge.link.leaving import Leaver, carry_out, is_proved, resumed, write_proof
from mqtt_bridge.link.presence import Presence
from mqtt_bridge.link.renewal import Credentials, Renewal
from mqtt_bridge.link.spooling import Limits, Places, Spooler
from mqtt_bridge.link.store import Key, LinkStore
from mqtt_bridge.mqtt.port import Client, Connected, Delivered, Disconnected, Event, Mailbox, NotConnected, Sent, Will
from mqtt_bridge.stopping import Stopping
from mqtt_bridge.systemd import Systemd
from mqtt_bridge.update_told import TESTED

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Folders:
    """Where the box keeps its things.

    data: bedside.db, link.db and the spool; run: sockets; enrolment: who the box is; packages: where session packages
    are installed, None on a box that takes none from its clinic; updates: where the box's own system's wait, None on a
    machine that was not started from an image.
    """

    data: Path
    run: Path
    enrolment: Path
    packages: Path | None = None
    updates: Path | None = None

    @property
    def bedside_db(self) -> Path:
        return self.data / "bedside.db"

    @property
    def link_db(self) -> Path:
        return self.data / "link.db"

    @property
    def spool(self) -> Path:
        return self.data / "spool"

    @property
    def kiosk_bell(self) -> Path:
        return self.run / "kiosk.bell"

    @property
    def link_bell(self) -> Path:
        return self.run / "link.bell"


class Link:
    """The loop. `step` waits for one thing at most and carries out what follows from it."""

    def __init__(
        self,
        end: LinkEnd,
        client: Client,
        mailbox: Mailbox,
        folders: Folders,
        clock: Clock,
        spooler: Spooler | None = None,
        examine: Callable[[Stamp], wire.Equipment] | None = None,
    ) -> None:
        """examine: how the box is; without it a birth is all that is said."""
        self.accepted: Callable[[Path | None], None] = lambda _certificate: None
        """Is told by which certificate the broker has taken us."""
        self._end, self._client, self._mailbox, self._clock = end, client, mailbox, clock
        self._spooler, self._systemd, self._kiosk_bell = spooler, Systemd(), folders.kiosk_bell
        self._bell = bell.Bell(folders.link_bell)
        self._tickets: dict[int, Key] = {}
        self._examine, self._rhythm, self._connected = examine, Rhythm(), False
        self._presence = Presence(folders.run, clock())

    def start(self, place: enrolment.Place) -> None:
        down = tuple(wire.topic(place.clinic, place.box, c) for c in ("down", "ack"))
        topic, payload = self._end.state(alive=False, boot=self._clock().boot)
        self._client.start(down, Will(topic, payload))
        self._systemd.ready()

    def step(self, *wakes: int) -> None:
        """Wait for the broker, the kiosk, a fetch, the time of a hello, or one of the descriptors `wakes`; then act."""
        fetches = self._spooler.watched if self._spooler else []
        watched = [self._mailbox.fileno(), self._bell.fileno(), *wakes, *(child.fileno() for child in fetches)]
        ready, _, _ = select.select(watched, [], [], self._wait_s())
        if self._bell.fileno() in ready:
            self._bell.silence()
        for event in self._mailbox.take():
            self._take(event)
            self._systemd.alive()  # twenty orders on a slow card are work, not a standstill
        if self._spooler is not None:
            self._turn_spool(self._spooler)
        with self._tolerant():
            self._carry(self._end.rung(self._clock()))
        self._beat(self._clock())
        self._presence.tell(self._clock(), *self._end.under_way)
        self._systemd.alive()

    def _wait_s(self) -> float:
        now = self._clock()
        spool_ms = self._spooler.due_ms(now) if self._spooler else None
        ours_s = bell.POLL_S if spool_ms is None else spool_ms / 1000
        return min(bell.POLL_S, self._end.due_ms(now) / 1000, ours_s, self._systemd.turn_s_max)

    def _take(self, event: Event) -> None:
        done = False
        with self._tolerant():
            self._carry(self._handle(event))
            done = True
        if isinstance(event, Delivered) and not done:
            # Settled all the same: a broker stops after twenty unsettled messages, and each hello brings it all again.
            self._client.settle(event.token)

    @contextmanager
    def _tolerant(self) -> Iterator[None]:
        """A full or failing disk does not end the link."""
        try:
            yield
        except sqlite3.Error as error:
            if is_full(error):  # told at each acknowledgement: where in our code it happened is no news
                log.warning("no room on the disk for link.db; it will come again")
            else:
                log.exception("link.db does not take it; it will come again")

    def _turn_spool(self, spooler: Spooler) -> None:
        """Whatever is wrong with packages, reports go on: an alarm may be among them."""
        try:
            with self._tolerant():
                spooler.turn(self._clock())
        except (OSError, ContractError):
            log.exception("packages have to wait")

    def stop(self) -> None:
        """Say goodbye, then close in the reverse order of the start."""
        if self._spooler is not None:
            self._spooler.stop()
        topic, payload = self._end.state(alive=False, boot=self._clock().boot)
        try:
            self._client.publish(topic, payload, retain=True)
        except NotConnected:
            log.info("stopped without a broker: its last will speaks for us")
        self._client.stop()
        self._presence.forget()
        self._bell.close()

    def _handle(self, event: Event) -> list[Effect]:
        now = self._clock()
        match event:
            case Connected(certificate):
                self.accepted(certificate)
                log.info("connected to the clinic's broker")
                self._tickets.clear()
                self._connected = True
                self._presence.connection(now, connected=True)
                self._rhythm.forget()
                self._beat(now)
                if self._spooler is not None:
                    self._spooler.network_came_back()
                return self._end.connected(now)
            case Disconnected(reason):
                log.warning("no broker: %s", reason)
                self._connected = False
                self._presence.connection(now, connected=False, reason=reason)
                return self._end.disconnected()
            case Sent(ticket, accepted, reason):
                return self._sent(ticket, accepted=accepted, reason=reason)
            case Delivered(topic, payload, _, token):
                return self._end.delivered(topic, payload, token, now)

    def _sent(self, ticket: int, *, accepted: bool, reason: str) -> list[Effect]:
        row = self._tickets.pop(ticket, None)
        if not accepted:
            log.warning("the broker did not take a message: %s", reason)
        return [] if row is None else self._end.published(row, accepted=accepted, now=self._clock())

    def _beat(self, now: Stamp) -> None:
        """Say that the box lives, and how it is: when it has connected, at its rhythm, and at a change."""
        if not self._connected or not self._rhythm.looks(now):
            return
        equipment = self._equipment(now)
        if not self._rhythm.take(equipment or wire.Equipment(at=now, every_s=EVERY_S)):
            return
        topic, payload = self._end.state(alive=True, boot=now.boot, equipment=equipment)
        try:
            self._client.publish(topic, payload, retain=True)
        except NotConnected:
            log.warning("the broker went away before it was told how the box is")

    def _equipment(self, now: Stamp) -> wire.Equipment | None:
        """How the box is; None where nobody looks, or the look failed: a birth is said all the same."""
        try:
            return self._examine(now) if self._examine is not None else None
        except sqlite3.Error:
            log.exception("how the box is cannot be read")
            return None

    def _carry(self, effects: list[Effect]) -> None:
        for effect in effects:
            match effect:
                case Publish(topic, payload, row):
                    self._publish(topic, payload, row)
                case Settle(token):
                    self._client.settle(token)
                case RingKiosk():
                    bell.ring(self._kiosk_bell)

    def _publish(self, topic: str, payload: bytes, row: Key | None) -> None:
        try:
            ticket = self._client.publish(topic, payload)
        except NotConnected:
            self._carry(self._end.unsent(row))
            return
        if row is not None:
            self._tickets[ticket] = row


MakeClient = Callable[[enrolment.Enrolment, Mailbox, Credentials], Client]


@dataclass(frozen=True)
class Means:
    """What a link is run with. `ready` is called once the loop is about to begin."""

    folders: Folders
    trust: Trust
    make_client: MakeClient
    ready: Callable[[], None]
    limits: Limits


def run(
    folders: Folders, trust: Trust, make_client: MakeClient, ready: Callable[[], None], limits: Limits | None = None
) -> None:
    """Run until SIGTERM or SIGINT, or until the box has left its clinic and was enrolled anew."""
    os.umask(0o007)
    folders.data.mkdir(parents=True, exist_ok=True)
    folders.run.mkdir(parents=True, exist_ok=True)
    means, stopping = Means(folders, trust, make_client, ready, limits or Limits()), Stopping()
    under_way = resumed(folders.data, folders.enrolment)
    if under_way is None or under_way.phase == "draining":
        _serve(means, stopping)
        under_way = departure.read(folders.data)
    if under_way is not None and under_way.phase != "draining" and not stopping.asked():
        _leave(means, stopping)


def _serve(means: Means, stopping: Stopping) -> None:
    """In service, until told to stop or to leave."""
    folders, enrolled = means.folders, enrolment.load(means.folders.enrolment)
    store = LinkStore(folders.link_db, folders.bedside_db, enrolled)
    places = Places(folders.bedside_db, folders.spool, folders.packages, updates=folders.updates)
    whereabouts = Whereabouts(enrolled, store)
    spooler = Spooler(replace(enrolled, place=whereabouts()), store, places, means.limits)
    clock = HonestClock(system_clock(means.trust), store.known_time)
    tested = folders.updates / TESTED if folders.updates else None
    looked = Looked(folders.bedside_db, folders.run, enrolled.folder / "box.crt", tested=tested)
    examine = Examiner(looked, store.pending)
    leaver = Leaver(folders.data, folders.kiosk_bell, enrolled, store)
    renewal = Renewal(enrolled, clock, whereabouts)
    client, mailbox = _client(means, enrolled)
    link = Link(LinkEnd(enrolled, store), client, mailbox, folders, clock, spooler, examine)
    link.accepted = renewal.accepted
    link.start(enrolled.place)
    means.ready()
    while not stopping.asked() and not leaver.is_over(clock()):
        link.step(stopping.fileno(), *renewal.filenos())
        if renewal.turn():
            client.reconnect()
    renewal.stop()
    link.stop()
    store.close()


def _client(means: Means, enrolled: enrolment.Enrolment) -> tuple[Client, Mailbox]:
    mailbox = Mailbox()
    return means.make_client(enrolled, mailbox, Credentials(enrolled)), mailbox


def _leave(means: Means, stopping: Stopping) -> None:
    """Carry out the order to leave, from wherever it was cut off."""
    folders, unit = means.folders, Systemd()
    unit.ready()

    def prove(found: departure.Departure) -> bool:
        return _prove(means, stopping, found)

    carry_out(folders.data, folders.enrolment, folders.kiosk_bell, _Watched(stopping, unit), prove)


def _prove(means: Means, stopping: Stopping, found: departure.Departure) -> bool:
    """Tell the clinic that the box is wiped, until it has answered; False: told to stop before."""
    folders, enrolled = means.folders, enrolment.load(means.folders.enrolment)
    store = LinkStore(folders.link_db, folders.bedside_db, enrolled)
    clock = HonestClock(system_clock(means.trust), store.known_time)
    write_proof(store, found, clock)
    client, mailbox = _client(means, enrolled)
    link = Link(LinkEnd(enrolled, store, wiped=True), client, mailbox, folders, clock)
    link.start(enrolled.place)
    means.ready()
    while not stopping.asked() and not is_proved(store):
        link.step(stopping.fileno())
    proved = is_proved(store)
    link.stop()
    store.close()
    return proved


class _Watched:
    """Waiting, while the unit's watchdog is told that we do."""

    def __init__(self, stopping: Stopping, unit: Systemd) -> None:
        self._stopping, self._unit = stopping, unit

    def wait(self, seconds: float) -> bool:
        until_s = time.monotonic() + seconds
        while (left_s := until_s - time.monotonic()) > 0:
            self._unit.alive()
            if self._stopping.wait(min(left_s, self._unit.turn_s_max)):
                return True
        return self._stopping.asked()
