"""A broker in memory: it behaves, remembers, and can be told to fail."""

import itertools
from collections.abc import Callable

from mqtt_bridge.mqtt.port import Connected, Delivered, Disconnected, Mailbox, NotConnected, Sent, Will

Fate = Callable[[str, bytes], str]
"""What becomes of a message: "deliver", "lose" (acknowledged all the same), "twice", "refuse"."""


def always_deliver(_topic: str, _payload: bytes) -> str:
    return "deliver"


def matches(pattern: str, topic: str) -> bool:
    """MQTT filters with `+` for one level."""
    wanted, given = pattern.split("/"), topic.split("/")
    return len(wanted) == len(given) and all(w in ("+", g) for w, g in zip(wanted, given, strict=True))


class FakeBroker:
    """Delivers at once to whoever is connected; forgets the rest, as a broker may."""

    def __init__(self) -> None:
        self.fate: Fate = always_deliver
        self.seen: list[tuple[str, bytes]] = []
        self.retained: dict[str, bytes] = {}
        self._clients: list[FakeClient] = []

    def join(self, client: "FakeClient") -> None:
        self._clients.append(client)

    def leave(self, client: "FakeClient") -> None:
        if client in self._clients:
            self._clients.remove(client)

    def carry(self, topic: str, payload: bytes, *, retain: bool) -> str:
        self.seen.append((topic, payload))
        fate = self.fate(topic, payload)
        if retain:
            self.retained[topic] = payload
        for _ in range({"deliver": 1, "twice": 2}.get(fate, 0)):
            for client in list(self._clients):
                client.arrive(topic, payload, retained=False)
        return fate

    def drop_all(self) -> None:
        """The broker dies: every client is cut off."""
        for client in list(self._clients):
            client.cut("broker gone")


class FakeClient:
    """The port `mqtt.port.Client`. `connect()` and `cut()` take the place of its network."""

    def __init__(self, broker: FakeBroker, mailbox: Mailbox) -> None:
        self._broker, self._mailbox = broker, mailbox
        self._numbers = itertools.count(1)
        self._subscriptions: tuple[str, ...] = ()
        self._will: Will | None = None
        self.connected = False
        self.settled: list[int] = []

    def start(self, subscriptions: tuple[str, ...], will: Will | None) -> None:
        self._subscriptions, self._will = subscriptions, will
        self.connect()

    def connect(self) -> None:
        self.connected = True
        self._broker.join(self)
        self._mailbox.put(Connected())
        for topic, payload in self._broker.retained.items():
            self.arrive(topic, payload, retained=True)

    def cut(self, reason: str) -> None:
        self.connected = False
        self._broker.leave(self)
        if self._will is not None:
            self._broker.carry(self._will.topic, self._will.payload, retain=True)
        self._mailbox.put(Disconnected(reason))

    def reconnect(self) -> None:
        self.cut("reconnecting")
        self.connect()

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> int:
        if not self.connected:
            raise NotConnected("no broker")
        ticket = next(self._numbers)
        fate = self._broker.carry(topic, payload, retain=retain)
        self._mailbox.put(Sent(ticket, accepted=fate != "refuse", reason="refused" if fate == "refuse" else ""))
        return ticket

    def arrive(self, topic: str, payload: bytes, *, retained: bool) -> None:
        if any(matches(pattern, topic) for pattern in self._subscriptions):
            self._mailbox.put(Delivered(topic, payload, retained, next(self._numbers)))

    def settle(self, token: int) -> None:
        self.settled.append(token)

    def stop(self) -> None:
        self.connected = False
        self._broker.leave(self)
