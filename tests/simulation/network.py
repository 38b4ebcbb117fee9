"""The broker and the ways to it: delay, disorder, loss, repetition, lies and amnesia, drawn from the seed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from mqtt_bridge.mqtt.fake import matches
from mqtt_bridge.mqtt.port import Connected, Delivered, Disconnected, Event, NotConnected, Sent
from tests.simulation.chance import Chance

QUEUE_MAX = 60
"""Beyond it the broker drops in silence, as brokers do."""
HALF_OPEN_MS_MAX = 60_000
FATES = {
    "arrive": 12.0,
    "twice": 2.0,
    "late": 2.0,
    "forgotten": 2.0,  # PUBACK, and lost all the same
    "refused": 1.0,  # PUBACK 0x80, or 0x10: nobody is there
    "unconfirmed": 1.0,  # it arrives, and its PUBACK never comes
    "swallowed": 0.5,  # neither: a broker that is not sound
    "cut": 1.0,  # the connection breaks before the PUBACK; it may have arrived
}
RIGHTS = ("today", "today", "today", "silent", "refused", "cut")
"""Of which age the broker's rights are. Those of before the channel `urgent` drop what is written there, and say that
it was taken (mosquitto, MQTT 3.1.1), or not (5), or end the connection (RabbitMQ)."""
RIGHTS_MS = 30_000
"""So long ingest may believe in rights that are no more, or not yet."""


class Times(Protocol):
    """What the network asks of the world."""

    chance: Chance
    now_ms: int
    troubled: bool

    def later(self, delay_ms: int, work: Callable[[], None]) -> None: ...
    def say(self, who: str, what: str) -> None: ...


@dataclass
class Client:
    """One process's connection, behind the port `mqtt.port.Client` as far as the ends use it."""

    name: str
    subscriptions: tuple[str, ...]
    take: Callable[[Event], None]
    broker: "Broker"
    chance: Chance
    """Of its accidents."""
    connected: bool = False
    line: int = 0
    """Which connection this is; what belonged to a former one is lost."""
    open: bool = False
    """False while half open: the client believes in a connection that is gone."""
    ended: bool = False
    tickets: int = 0

    def publish(self, topic: str, payload: bytes) -> int:
        """Raises NotConnected."""
        if not self.connected:
            raise NotConnected("no broker")
        self.tickets += 1
        self.broker.published(self, self.tickets, topic, payload)
        return self.tickets

    def settle(self, token: int) -> None:
        if self.open:
            self.broker.sessions[self.name].pop(token, None)


@dataclass
class Broker:
    times: Times
    sessions: dict[str, dict[int, tuple[str, bytes]]] = field(default_factory=dict)
    """For each client's name: what it has not settled, by token."""
    seen: list[tuple[str, bytes]] = field(default_factory=list)
    """Everything ever published: what an eavesdropper can replay."""
    honest: bool = False
    """Only slow."""
    way_ms: int = 5
    """How long a message is under way when nothing troubles it: a queue, a modem that dials now and then."""
    rights: str = "today"
    """One of RIGHTS."""
    _changed: tuple[str, int] = "today", 0
    """The rights of before, and until when."""
    _clients: list[Client] = field(default_factory=list)
    _tokens: int = 0

    # Connections

    def connect(self, client: Client) -> None:
        if client.ended or client.connected:
            return
        client.connected = client.open = True
        client.line += 1
        self.sessions.setdefault(client.name, {})
        self._clients = [*(c for c in self._clients if c.name != client.name), client]
        self.times.say(client.name, "connected")
        client.take(Connected())
        for token in list(self.sessions[client.name]):
            self._hand_over(client, token)

    def cut(self, client: Client, back_ms: int | None) -> None:
        """The connection is gone; the client notices now or up to a minute later, and comes back after `back_ms`."""
        if not client.open:
            return
        client.open = False
        chance, line = client.chance, client.line
        half_open_ms = chance.pick(0, 0, chance.randrange(HALF_OPEN_MS_MAX)) if self.times.troubled else 0
        self.times.later(half_open_ms, lambda: self._noticed(client, line, back_ms))

    def _noticed(self, client: Client, line: int, back_ms: int | None) -> None:
        if client.ended or client.line != line or not client.connected:
            return
        client.connected = False
        self.times.say(client.name, "disconnected")
        client.take(Disconnected("cut"))
        if back_ms is not None:
            self.times.later(back_ms, lambda: self.connect(client))

    def left(self, client: Client) -> None:
        """The process has ended."""
        client.ended, client.connected, client.open = True, False, False
        self._clients = [c for c in self._clients if c is not client]

    def forgets(self) -> None:
        """Killed and begun anew: no session, no queue."""
        for client in list(self._clients):
            self.cut(client, client.chance.randrange(5_000))
        self.sessions = {name: {} for name in self.sessions}

    # Rights

    def go_by(self, rights: str) -> None:
        self._changed, self.rights = (self.rights, self.times.now_ms), rights
        self.times.say("broker", f"rights of the channel urgent: {rights}")

    def shows_rights(self) -> bool:
        """Whether ingest, which asks now and then, has seen rights of today."""
        before, until_ms = self._changed
        return (before if self.times.now_ms - until_ms < RIGHTS_MS else self.rights) == "today"

    # Messages

    def published(self, client: Client, ticket: int, topic: str, payload: bytes) -> None:
        self.seen.append((topic, payload))
        chance = self.times.chance
        fate = chance.weighed(FATES) if self.times.troubled and not self.honest else "arrive"
        if topic.endswith("/urgent") and self.rights != "today":
            fate = {"silent": "forgotten", "refused": "refused", "cut": "thrown out"}[self.rights]
        if fate != "arrive":
            self.times.say(client.name, f"message {ticket} on {topic.rsplit('/', 1)[1]}: {fate}")
        if not client.open:
            return
        travel_ms, line = self._travel_ms(fate), client.line
        for _ in range({"forgotten": 0, "refused": 0, "swallowed": 0, "thrown out": 0, "twice": 2}.get(fate, 1)):
            self.times.later(travel_ms, lambda: self.carry(topic, payload))
        if fate in ("cut", "thrown out"):
            self.cut(client, chance.randrange(10_000))
        elif fate not in ("unconfirmed", "swallowed"):
            accepted = fate != "refused"
            self.times.later(travel_ms + 1, lambda: self._confirm(client, line, ticket, accepted=accepted))

    def carry(self, topic: str, payload: bytes) -> None:
        """To every session that wants it, whoever sent it."""
        for client in list(self._clients):
            if any(matches(pattern, topic) for pattern in client.subscriptions):
                session = self.sessions[client.name]
                if len(session) < QUEUE_MAX:
                    self._tokens += 1
                    session[self._tokens] = topic, payload
                    self._hand_over(client, self._tokens)

    def _hand_over(self, client: Client, token: int) -> None:
        line = client.line
        self.times.later(self._travel_ms("arrive"), lambda: self._deliver(client, line, token))

    def _deliver(self, client: Client, line: int, token: int) -> None:
        waiting = self.sessions[client.name].get(token)
        if client.open and client.line == line and waiting is not None:
            client.take(Delivered(waiting[0], waiting[1], retained=False, token=token))

    def _confirm(self, client: Client, line: int, ticket: int, *, accepted: bool) -> None:
        if client.open and client.line == line:
            client.take(Sent(ticket, accepted=accepted, reason="" if accepted else "refused"))

    def _travel_ms(self, fate: str) -> int:
        chance = self.times.chance
        if not self.times.troubled:
            return self.way_ms
        more_ms = chance.randrange(600_000) if fate == "late" else chance.pick(1, 5, 40, chance.randrange(3_000))
        return self.way_ms + more_ms
