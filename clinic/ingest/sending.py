"""Orders on their way to the broker: which it has taken, and which not yet."""

import time

from clinic.clock import now_ms
from clinic.plans.orders import letter_digest, mark_sent, unsent
from mqtt_bridge.clinic_end import Outgoing
from mqtt_bridge.contract.wire import ROOT
from mqtt_bridge.mqtt.port import Client, NotConnected, Sent

ORDERS_MAX = 20
REFUSED_ORDER_S = 60.0
"""An order that the broker could not hand on waits so long; a hello of its box asks for it sooner."""


class Sending:
    """Every ingest process sends every order: a box takes each once, and waits for nobody's lease."""

    def __init__(self, clinic: str, client: Client) -> None:
        self._clinic, self._client = clinic, client
        self._tickets: dict[int, str] = {}
        self._in_flight: set[str] = set()
        self._not_before: dict[str, float] = {}

    def publish(self, outgoing: Outgoing) -> None:
        digest = letter_digest(outgoing.payload) if outgoing.topic.endswith("/down") else None
        try:
            ticket = self._client.publish(outgoing.topic, outgoing.payload)
        except NotConnected:
            return  # the box asks again at its next hello
        if digest is not None:
            self._tickets[ticket] = digest
            self._in_flight.add(digest)

    def look(self) -> None:
        """Send what was written since."""
        now_s = time.monotonic()
        self._not_before = {d: at for d, at in self._not_before.items() if at > now_s}
        for box, letter in unsent(now_ms(), ORDERS_MAX + len(self._in_flight) + len(self._not_before)):
            digest = letter_digest(letter)
            if digest not in self._in_flight and digest not in self._not_before:
                self.publish(Outgoing(f"{ROOT}/{self._clinic}/{box}/down", letter))

    def taken(self, event: Sent) -> str | None:
        """The broker's word; the digest of an order that is to be marked as sent."""
        digest = self._tickets.pop(event.ticket, None)
        if digest is None:
            return None
        self._in_flight.discard(digest)
        if not event.accepted:
            self._not_before[digest] = time.monotonic() + REFUSED_ORDER_S
            return None
        return digest

    def cut_off(self) -> None:
        self._tickets.clear()
        self._in_flight.clear()


def mark(digest: str) -> None:
    mark_sent(digest, now_ms())
