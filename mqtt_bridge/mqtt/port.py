"""What the house asks of an MQTT client. Callbacks only enqueue: everything arrives as an event in `events`."""

import contextlib
import os
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True)
class Connected:
    """The broker has accepted us, by this certificate, and confirmed every subscription."""

    certificate: Path | None = None


@dataclass(frozen=True)
class Disconnected:
    reason: str


SETTLED = 0
"""The token of a message that was settled already: no client gives it."""


@dataclass(frozen=True)
class Delivered:
    """A message; `token` is given back to `settle` once it is in our database (manual acknowledgement)."""

    topic: str
    payload: bytes
    retained: bool
    token: int


@dataclass(frozen=True)
class Sent:
    """The broker's PUBACK. `accepted` is False for a v5 reason that means not sent (0x10, 0x80 and above)."""

    ticket: int
    accepted: bool
    reason: str = ""


Event = Connected | Disconnected | Delivered | Sent


@dataclass(frozen=True)
class Will:
    topic: str
    payload: bytes


@dataclass(frozen=True)
class Address:
    """Where the broker is and who we are. Certificates are PEM files; no CA but the clinic's own is trusted."""

    host: str
    port: int
    client_id: str
    ca: Path
    certificate: Path
    key: Path
    protocol: int = 5
    """5, or 4 for MQTT 3.1.1."""
    keepalive_s: int = 30
    receive_max: int = 20


class Mailbox:
    """Where a client puts its events, from its own thread. Selectable: `fileno` is readable while events wait."""

    def __init__(self) -> None:
        self.events: deque[Event] = deque()
        self._waiting = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._rung = False

    def put(self, event: Event) -> None:
        self.events.append(event)
        if not self._rung:  # once until it is taken: a call to the kernel for each would let go of the interpreter
            self._rung = True
            os.eventfd_write(self._waiting, 1)

    def fileno(self) -> int:
        return self._waiting

    def close(self) -> None:
        """After its client has stopped."""
        os.close(self._waiting)

    def take(self) -> list[Event]:
        """Every event that waits, oldest first."""
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(self._waiting)
        self._rung = False  # before they are taken: what is put from here on rings again, or is among them
        taken: list[Event] = []
        with contextlib.suppress(IndexError):
            while True:
                taken.append(self.events.popleft())
        return taken


class Client(Protocol):
    """A connection that comes back by itself, with rising delays."""

    def start(self, subscriptions: tuple[str, ...], will: Will | None) -> None: ...
    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> int:
        """Give a message to the broker at QoS 1; the ticket that its `Sent` will carry. Raises NotConnected."""

    def settle(self, token: int) -> None:
        """Tell the broker that a delivered message is in our database."""

    def reconnect(self) -> None:
        """End the connection and begin another."""

    def stop(self) -> None: ...


class NotConnected(ConnectionError):
    """There is no broker now: nothing was queued."""
