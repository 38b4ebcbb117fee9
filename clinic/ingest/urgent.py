"""The channel `urgent`: what presses has an MQTT session of its own, so that it stands in no queue behind all else.

Boxes write to it only when they are told that it is read, and that is true only while this connection stands and the
broker's rights are of an age in which boxes may write it. A broker that goes by older ones says nothing (MQTT 3.1.1),
or ends the box's connection (RabbitMQ). So ingest sends a word to itself, by a topic to which those same rights let it:
while the word comes back, they are in force.
"""

import logging
import math
import secrets
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from itertools import islice

from clinic.ingest.aside import Aside
from mqtt_bridge.contract.wire import probe_topic, topic
from mqtt_bridge.mqtt.port import (
    SETTLED,
    Client,
    Connected,
    Delivered,
    Disconnected,
    Event,
    Mailbox,
    NotConnected,
    Sent,
)

KEEP_MAX = 16
"""In one transaction: it is soon over, and the rest has its turn."""
PROBE_S = 10.0
STANDS_S_MAX = 30.0
"""So long a word that came back is believed: boxes wait five seconds before they say it by `up` too."""

_REMEDY = (
    "the broker's rights are of before the channel urgent, calls for help wait their turn: "
    "chevet-clinic broker --reload, or start the broker again"
)

log = logging.getLogger(__name__)


class Urgent:
    """What comes there: in `waiting`, until it was `taken`. `client` is its own, and `mailbox` too."""

    def __init__(
        self, clinic: str, name: str, client: Client, mailbox: Mailbox, is_mine: Callable[[str], bool] = lambda _: True
    ) -> None:
        """name: the client id. is_mine: whether what comes on a topic is for this process to keep."""
        self._clinic, self._probe_topic, self._is_mine = clinic, probe_topic(clinic, name), is_mine
        self._client, self._mailbox = client, mailbox
        self._arrived: deque[Delivered] = deque()
        self._aside = Aside()
        self._connected = self._told = self._warned = False
        self._probe, self._probe_at, self._came_back_at = b"", math.inf, -math.inf

    def start(self) -> None:
        self._client.start((topic(self._clinic, "+", "urgent"), self._probe_topic), None)

    def stop(self) -> None:
        self._client.stop()

    def fileno(self) -> int:
        """Readable while something waits to be looked at by `turn`."""
        return self._mailbox.fileno()

    def stands(self) -> bool:
        """Whether boxes may be told that they may write here."""
        return self._connected and time.monotonic() - self._came_back_at <= STANDS_S_MAX

    @property
    def waits(self) -> bool:
        return bool(self._arrived)

    @property
    def due_at(self) -> float:
        """When `turn` has something to do though nothing came; on time.monotonic."""
        return self._probe_at

    def turn(self, now_s: float) -> None:
        """Look at what came, and send the next word to ourselves when it is time."""
        for event in self._mailbox.take():
            self._take(event, now_s)
        if now_s >= self._probe_at:
            self._send_probe(now_s)
        if self._connected and self._told != self.stands():
            self._tell()

    def waiting(self) -> list[Delivered]:
        """The oldest, as many as one transaction takes; they stay until they were `taken`."""
        return list(islice(self._arrived, KEEP_MAX))

    def taken(self, count: int) -> None:
        for _ in range(count):
            self._arrived.popleft()

    def settle(self, token: int) -> None:
        self._client.settle(token)

    def beat(self, now_s: float, *, changed: bool) -> None:
        """changed: whose the boxes are; what was aside and is ours now goes before what came after it."""
        self._aside.forget(now_s)
        if changed:
            self._arrived.extendleft(reversed(self._aside.take(self._is_mine)))

    def _take(self, event: Event, now_s: float) -> None:
        match event:
            case Delivered() if event.topic == self._probe_topic:
                self._client.settle(event.token)
                if event.payload == self._probe:
                    self._came_back_at = now_s
            case Delivered() if self._is_mine(event.topic):
                self._arrived.append(event)
            case Delivered():
                self._client.settle(event.token)
                self._aside.put(replace(event, token=SETTLED), now_s)
            case Connected():
                self._connected, self._warned, self._probe, self._probe_at = True, False, b"", now_s
            case Disconnected(reason):
                hint = "" if self._connected else f"; unless no other connection stands: {_REMEDY}"
                log.warning("broker, channel urgent: %s%s", reason, hint)
                self._connected = self._told = False
                self._probe_at, self._came_back_at = math.inf, -math.inf
            case Sent():
                pass  # that it comes back is what counts

    def _send_probe(self, now_s: float) -> None:
        if self._probe and self._came_back_at == -math.inf and not self._warned:
            self._warned = True  # once for a connection
            log.warning(_REMEDY)
        self._probe, self._probe_at = secrets.token_hex(8).encode(), now_s + PROBE_S
        try:
            self._client.publish(self._probe_topic, self._probe)
        except NotConnected:
            return  # it says so itself

    def _tell(self) -> None:
        self._told = self.stands()
        log.info("boxes are%s told that calls for help are read first", "" if self._told else " not")
