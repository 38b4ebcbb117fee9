"""Which channel a row takes: `urgent` for calls and alerts where the clinic says that it reads it, `up` for all else.

A row goes by `urgent` once in a connection. Whatever becomes of it there (the broker refuses it, or drops it in
silence; nobody reads it), it goes by `up` as well when the clinic's database has not said within a few seconds that it
has it: the ledger keeps it once. A broker whose rights are older may end the connection instead: after two in a row the
clinic's word is not believed any more, until it is said again.
"""

from collections.abc import Collection
from typing import Protocol

from mqtt_bridge.contract import wire
from mqtt_bridge.contract.report import URGENT
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.link.store import Key
from mqtt_bridge.outbox import Row

ANSWER_MS = 5_000
"""As long as an acknowledgement is waited for before a hello asks."""
CUT_SHORT_MAX = 2
"""One may be the network's."""


class Store(Protocol):
    """What is remembered beyond a connection: `LinkStore`."""

    def clinic_hears_urgent(self) -> bool: ...
    def note_urgent(self, *, heard: bool) -> None: ...


class Urgently:
    """What went by `urgent` over this connection, and what is still waited for."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._given: set[Key] = set()
        self._sent_ms: dict[Key, int] = {}
        """When each of them left that has no answer yet, and has not gone by `up` since."""
        self._cut_short = 0
        """Connections in a row that ended while one was waited for, and no answer to one between."""

    def connected(self) -> None:
        self._given.clear()
        self._sent_ms.clear()

    def disconnected(self) -> None:
        """Said again for each attempt to come back."""
        if self._sent_ms:
            self._cut_short += 1
        self._sent_ms.clear()
        if self._cut_short >= CUT_SHORT_MAX:
            self._cut_short = 0
            self._store.note_urgent(heard=False)

    def told(self, *, heard: bool) -> None:
        """The clinic's answer to a hello."""
        self._store.note_urgent(heard=heard)

    def channel(self, row: Row, now: Stamp) -> wire.Channel:
        """For a row that is given to the broker now."""
        if row.priority > URGENT or row.key in self._given or not self._store.clinic_hears_urgent():
            return "up"
        self._given.add(row.key)
        self._sent_ms[row.key] = now.monotonic_ms
        return "urgent"

    def unsent(self, row: Key) -> None:
        """There was no broker: nothing left."""
        self._given.discard(row)
        self._sent_ms.pop(row, None)

    def refused(self, row: Key) -> bool:
        """The broker did not take it; whether that was here."""
        return self._sent_ms.pop(row, None) is not None

    def landed(self, rows: Collection[Key]) -> None:
        """The clinic's database has these."""
        if self._sent_ms.keys() & rows:
            self._cut_short = 0
        self.sent_again(rows)

    def sent_again(self, rows: Collection[Key]) -> None:
        """These go by `up`."""
        for row in rows:
            self._sent_ms.pop(row, None)

    def overdue(self, now: Stamp) -> set[Key]:
        """What is not waited for any more."""
        late = {row for row, at_ms in self._sent_ms.items() if now.monotonic_ms - at_ms >= ANSWER_MS}
        self.sent_again(late)
        return late

    def due_ms(self, now: Stamp) -> int | None:
        """Until one is overdue; None: none is waited for."""
        return max(0, min(self._sent_ms.values()) + ANSWER_MS - now.monotonic_ms) if self._sent_ms else None
