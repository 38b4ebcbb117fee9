"""Whether the trail is whole: no entry altered, removed or moved."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from clinic.audit.chain import FIRST, digest
from clinic.audit.models import AuditEvent

FAULTS_TOLD_MAX = 100
SEAL = "entries from before chains: "


@dataclass(frozen=True)
class Found:
    """`faults`: one sentence each, the first hundred. `head`: the digest of the last entry, to be noted elsewhere."""

    entries: int
    chains: int
    unchained: int
    head: str
    faults: list[str]


def verify(head: str | None = None) -> Found:
    """Read the whole trail, oldest first. `head`: one noted before, which must still be there."""
    begun_after = AuditEvent.objects.filter(position=1).values_list("previous", flat=True)
    reader = _Reader({FIRST, head or FIRST, *(digest or FIRST for digest in begun_after)})
    for event in AuditEvent.objects.order_by("pk").iterator(chunk_size=2000):
        reader.take(event)
    faults = reader.faults
    if head and head not in reader.there:
        faults.append(f"no entry has the head {head}: the trail was cut, or written anew, since it was noted")
    return Found(reader.entries, len(reader.last), reader.unchained, reader.head, faults[:FAULTS_TOLD_MAX])


class _Reader:
    """`wanted`: the digests that something refers to, so that a trail of millions needs no more memory."""

    def __init__(self, wanted: set[str]) -> None:
        self.entries = self.unchained = 0
        self.head = FIRST
        self.last: dict[str, tuple[int, str]] = {}
        """By chain: the position and the digest of its last entry so far."""
        self.there = {FIRST}
        self.faults: list[str] = []
        self._wanted = wanted
        self._former = hashlib.sha256()

    def take(self, event: AuditEvent) -> None:
        self.entries += 1
        if event.chain is None or event.position is None or event.digest is None:
            self._take_unchained(event)
            return
        self.faults += [f"entry {event.pk} {fault}" for fault in self._faults_of(event, event.chain, event.position)]
        self.last[event.chain] = (event.position, event.digest)
        self.there |= {event.digest} & self._wanted
        self.head = event.digest

    def _take_unchained(self, event: AuditEvent) -> None:
        self.unchained += 1
        if self.last:
            self.faults.append(f"entry {event.pk} stands in no chain")
        self._former.update(former_line(event))

    def _faults_of(self, event: AuditEvent, chain: str, position: int) -> Iterator[str]:
        if digest(event) != event.digest:
            yield "was altered: its content is not what was hashed"
        at, before = self.last.get(chain, (0, None))
        if position != at + 1:
            yield f"of chain {chain} is number {position} after number {at}: entries were removed or moved"
        elif before is not None and event.previous != before:
            yield f"of chain {chain} does not hold the hash of the entry before it"
        elif before is None and event.previous not in self.there:
            yield f"begins chain {chain} after an entry that is no more in the trail"
        if event.detail.startswith(SEAL) and event.detail != seal_of(self.unchained, self._former.hexdigest()):
            yield "seals other entries from before chains than those that are there"


def former_line(event: AuditEvent) -> bytes:
    """One entry from before chains, as the migration sealed it."""
    words = [event.recorded_ms, event.agent, event.action, event.patient, event.detail]
    return ("\x1f".join(map(str, words)) + "\x1e").encode()


def seal_of(count: int, hashed: str) -> str:
    return f"{SEAL}{count}, sha256 {hashed}"
