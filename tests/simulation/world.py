"""One schedule: a seed becomes boxes, a clinic, a network, and a list of accidents; then peace, and the reckoning."""

import heapq
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from mqtt_bridge import seal
from mqtt_bridge.clinic_end import ClinicEnd
from mqtt_bridge.contract import compact, wire
from mqtt_bridge.contract.codec import ContractError, decode
from mqtt_bridge.contract.report import Identity
from mqtt_bridge.honest_time import HonestClock
from mqtt_bridge.link.end import LinkEnd
from mqtt_bridge.link.reading import LinkReader
from mqtt_bridge.link.store import LinkStore
from mqtt_bridge.outbox import Outbox
from tests.simulation.box import OLD, Box
from tests.simulation.chance import Chance, Trace
from tests.simulation.clinic import Clinic
from tests.simulation.must import Broken
from tests.simulation.network import HALF_OPEN_MS_MAX, RIGHTS, Broker
from tests.simulation.process import Process
from tests.simulation.record import Record, SqlRecord, digest_of
from tests.simulation.truths import Truths
from tests.support.words_of_care import NOW_MS

EVENTS_MAX = 200_000


@dataclass(frozen=True)
class Parts:
    """The real code under test, and what a planted bug puts in its place."""

    outbox: type[Outbox] = Outbox
    link_store: type[LinkStore] = LinkStore
    link_end: type[LinkEnd] = LinkEnd
    clinic_end: type[ClinicEnd] = ClinicEnd
    record: Callable[[Path, str], Record] = SqlRecord
    clinic: type[Clinic] = Clinic
    clock: type[HonestClock] = HonestClock
    reader: type[LinkReader] = LinkReader
    disk_lies: bool = False
    disk_errors: tuple[type[Exception], ...] = (sqlite3.Error,)
    """What a refusing disk raises."""


class World:
    clinic_id = "maison"

    def __init__(self, seed: int, folder: Path, parts: Parts) -> None:
        self.seed, self.chance, self.trace, self.parts, self.folder = seed, Chance(seed), Trace(), parts, folder
        self.now_ms, self.troubled = NOW_MS, True
        self.ages = Chance(-1 - seed)
        """Of ages between; apart, so that the seeds of before they were still mean what they meant."""
        self.lanes = Chance(f"urgent {seed}")
        """Of the channel `urgent`; apart for the same reason."""
        self.clocks = Chance(f"clocks {seed}")
        """Of machines' clocks that are set wrongly or not at all; apart too."""
        self._agenda: list[tuple[int, int, Callable[[], None]]] = []
        self._count = self.events = 0
        self.impostures: dict[str, Identity] = {}
        """By their digests: letters under a box's own keys that are not the box's, and the names that they take."""
        self._published: set[tuple[str, str]] = set()
        self._known = 0
        self.clinic_keys = seal.SecretKeys(sign=self.chance.randbytes(32), unseal=self.chance.randbytes(32))
        self.truths, self.broker = Truths(self), Broker(self)
        self.clinic = parts.clinic(self, "clinic", folder / "clinic")
        self.clinic.old, self.clinic.late = self.chance.happens(OLD), not self.ages.happens(OLD)
        self.clinic.presses = not self.lanes.happens(OLD)
        self.broker.rights = self.lanes.pick(*RIGHTS)
        self.boxes = [Box(self, f"box-{n + 1}") for n in range(self.chance.pick(1, 1, 1, 2))]
        self.sessions = 0
        """Written so far: each has a name of its own."""

    def begin(self) -> None:
        for process in self.processes():
            process.disk.lies = self.parts.disk_lies
            process.rise()

    def make_peace(self) -> None:
        """No more accidents: everyone is on, connected, in time, with room on the disk."""
        self.troubled = False
        self.say("world", "peace")
        self.clinic.wrong_by_ms = 0
        if self.clinic.old and self.clinic.was_new:  # boxes may have rows that only the newer one reads
            self.clinic.old = False
            self.clinic.fall(power=False)
        for process in self.processes():
            process.disk.full, process.disk.dies_in, process.effects_left = False, None, None
            process.rise()
        for box in self.boxes:
            box.away = False
            if self.clocks.happens(0.5):  # otherwise it knows the time by the clinic alone
                box.machine.trusted, box.machine.wrong_by_ms = True, 0
        for client in (self.clinic.client, self.clinic.urgent, *(box.link.client for box in self.boxes)):
            if client is not None:
                if client.chance.happens(0.5):  # a connection that holds must be enough
                    self.broker.cut(client, 1_000)
                self.later(HALF_OPEN_MS_MAX + 2_000, partial(self.broker.connect, client))

    def close(self) -> None:
        for process in self.processes():
            process.disk.dead = True
            process.end()

    def processes(self) -> list[Process]:
        return [self.clinic, *(process for box in self.boxes for process in box.processes())]

    # Time

    def later(self, delay_ms: int, work: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._agenda, (self.now_ms + delay_ms, self._count, work))

    def run_for(self, duration_ms: int) -> None:
        until_ms = self.now_ms + duration_ms
        while self._agenda and self._agenda[0][0] <= until_ms:
            at_ms, _, work = heapq.heappop(self._agenda)
            self.now_ms = max(self.now_ms, at_ms)
            self.events += 1
            if self.events > EVENTS_MAX:
                raise Broken(f"more than {EVENTS_MAX} events: the two ends never stop talking")
            work()
        self.now_ms = until_ms

    def sleep(self, duration_ms: int) -> None:
        """Time passes and nothing runs: what was due happens late."""
        self.now_ms += duration_ms

    def say(self, who: str, what: str) -> None:
        self.trace.say(self.now_ms - NOW_MS, who, what)

    # What was really sent

    def is_usurped(self, payload: bytes) -> bool:
        """Whether an impostor comes first: the name was in the table, which has been put back as it was before.

        Nobody could tell whose letter it is, and it is left out here; the box's own would go to quarantine, alarmed.
        """
        name = self.impostures.get(digest_of(payload))
        return name is not None and name not in self.truths.table

    def genuine(self, topic: str, payload: bytes) -> bool:
        """Whether the box of this topic has published this, on it; a report may come by either of two."""
        for seen_topic, seen in self.broker.seen[self._known :]:
            self._published.add((_either(seen_topic), digest_of(_said(seen))))
        self._known = len(self.broker.seen)
        return (_either(topic), digest_of(_said(payload))) in self._published


def _either(topic: str) -> str:
    return f"{topic.removesuffix('/urgent')}/up" if topic.endswith("/urgent") else topic


def _said(payload: bytes) -> bytes:
    """A letter and its signature. Base64 has bits that mean nothing: who alters one of these alters no letter."""
    try:
        signed = decode(payload, wire.Signed)
    except ContractError:
        return payload
    return compact.frame(signed.letter, signed.signature)
