"""The link's loop: it decides; the broker's client and the kiosk's bell only enqueue."""

import logging
import select
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from mqtt_bridge import bell, enrolment
from mqtt_bridge.clock import Clock
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.codec import ContractError
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.database import is_full
from mqtt_bridge.link.end import Effect, LinkEnd, Publish, RingKiosk, Settle
from mqtt_bridge.link.equipment import EVERY_S, Rhythm
from mqtt_bridge.link.folders import Folders
from mqtt_bridge.link.presence import Presence
from mqtt_bridge.link.spooling import Spooler
from mqtt_bridge.link.store import Key
from mqtt_bridge.mqtt.port import Client, Connected, Delivered, Disconnected, Event, Mailbox, NotConnected, Sent, Will
from mqtt_bridge.systemd import Systemd

log = logging.getLogger(__name__)


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
            self._end.missed(self._clock())

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
