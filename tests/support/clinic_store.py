"""The clinic's database in memory: behaves as the port `ClinicStore` asks, and can lose what a backup loses."""

import copy
import hashlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from mqtt_bridge.clinic_store import Arrival, Epoch, Has, Kept, Standing
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.report import Identity, OrderReceived
from mqtt_bridge.seal import PublicKeys


@dataclass
class Contents:
    """What a backup of the database holds."""

    reports: dict[Identity, Arrival] = field(default_factory=dict)
    received: set[str] = field(default_factory=set)


class MemoryStore:
    """One clinic's database. Everything written inside a transaction that fails is undone."""

    def __init__(self) -> None:
        self.keys: dict[str, PublicKeys] = {}
        self.contents = Contents()
        self.quarantined: list[tuple[str, bytes, str]] = []
        self.hellos: list[wire.Hello] = []
        self.states: list[wire.BoxState] = []
        self.orders: dict[int, tuple[str, bytes]] = {}
        self.plans: set[int] = set()
        """Serials of the orders about the plan: the last one alone is sent."""
        self.ledger = "ledger-1"
        self.serial = 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        before = copy.deepcopy(self.contents)
        try:
            yield
        except BaseException:
            self.contents = before
            raise

    def restore(self, backup: Contents) -> None:
        """An old backup comes back: a new ledger, and less in it."""
        self.contents, self.ledger = copy.deepcopy(backup), f"{self.ledger}+"

    def keys_of(self, boxes: Collection[str]) -> dict[str, PublicKeys]:
        return {box: self.keys[box] for box in boxes if box in self.keys}

    def keep_all(self, arrivals: Sequence[Arrival]) -> list[Kept]:
        return [self.keep(arrival) for arrival in arrivals]

    def keep(self, arrival: Arrival) -> Kept:
        first = self.contents.reports.get(arrival.identity)
        if first is None:
            self.contents.reports[arrival.identity] = arrival
            if arrival.report and isinstance(arrival.report.content, OrderReceived):
                self.contents.received.add(arrival.report.content.order)
            return Kept.NEW
        if _digest(first.payload) == _digest(arrival.payload):
            return Kept.AGAIN
        self.quarantine("", arrival.payload, "the same identity with another content", arrival.received_ms)
        return Kept.CONFLICT

    def quarantine(self, topic: str, payload: bytes, problem: str, received_ms: int) -> None:
        self.quarantined.append((topic, payload, problem))

    def standings(self, of: Collection[Epoch]) -> dict[Epoch, Standing]:
        return {epoch: self.standing(*epoch) for epoch in of}

    def standing(self, box: str, stream: str, epoch: str) -> Standing:
        ours = [(i, a) for i, a in self.contents.reports.items() if (i.box, i.stream, i.epoch) == (box, stream, epoch)]
        held = [i.seq for i, a in ours if a.report is None]
        return Standing.of((i.seq for i, a in ours if a.report is not None), held)

    def first_since(self, of: Collection[Epoch], since_ms: int) -> dict[Epoch, int]:
        late: dict[Epoch, int] = {}
        for told, arrival in self.contents.reports.items():
            epoch = (told.box, told.stream, told.epoch)
            if epoch in of and arrival.received_ms >= since_ms:
                late[epoch] = min(told.seq, late.get(epoch, told.seq))
        return late

    def next_acks(self, count: int) -> tuple[str, range]:
        self.serial += count
        return self.ledger, range(self.serial - count + 1, self.serial + 1)

    def heard_hello(self, box: str, hello: wire.Hello, received_ms: int) -> None:
        self.hellos.append(hello)

    def heard_state(self, box: str, state: wire.BoxState, received_ms: int, *, retained: bool) -> None:
        self.states.append(state)

    def orders_after(self, box: str, has: Has, now_ms: int) -> Iterator[bytes]:
        return iter(
            letter
            for number, (order, letter) in sorted(self.orders.items())
            if number > has.through or order not in self.contents.received or self._lacks(number, has)
            if number not in self.plans or number == max(self.plans)
        )

    def _lacks(self, number: int, has: Has) -> bool:
        return number in self.plans and number > has.plan


def _digest(payload: bytes) -> bytes:
    return hashlib.sha256(payload).digest()
