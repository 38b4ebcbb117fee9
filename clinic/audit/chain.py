"""A chain of entries: each holds the digest of the one before, so that none is altered, removed or moved unseen.

Each process writes a chain of its own (several write at once, and none waits for another); a chain begins with the
digest of the trail's last entry, which ties the chains together.
"""

import hashlib
import json
import secrets
import threading

from clinic.audit.models import AuditEvent

FIRST = ""
"""`previous` of the very first entry of a trail."""


def digest(event: AuditEvent) -> str:
    """SHA-256 of the entry's content in one written form."""
    content = [
        event.chain,
        event.position,
        event.previous,
        event.recorded_ms,
        event.agent,
        event.action,
        event.patient,
        event.detail,
    ]
    written = json.dumps(content, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(written.encode()).hexdigest()


class Chain:
    """The chain that one process writes. Threads take turns: an entry is in the database before the next one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._name = ""
        self._position = 0
        self._head = FIRST

    def append(self, event: AuditEvent) -> AuditEvent:
        """Add the entry. When that fails, the next one begins a new chain: nobody knows whether it was written."""
        with self._lock:
            if not self._name:
                self._begin()
            event.chain, event.position, event.previous = self._name, self._position + 1, self._head
            event.digest = digest(event)
            try:
                event.save(force_insert=True)
            except BaseException:
                self._name = ""
                raise
            self._position, self._head = event.position, event.digest
            return event

    def _begin(self) -> None:
        last = AuditEvent.objects.order_by("-pk").values_list("digest", flat=True).first()
        self._name, self._position, self._head = secrets.token_hex(8), 0, last or FIRST
