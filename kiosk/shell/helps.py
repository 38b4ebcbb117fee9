"""The requests for a carer of the last day (A14): a table of bedside.db, for their true state at home."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mqtt_bridge.contract.report import HelpAsked, Identity
from mqtt_bridge.contract.stamp import Stamp

KEPT_MS = 24 * 3600_000
TABLE = """CREATE TABLE IF NOT EXISTS help (
    help TEXT PRIMARY KEY, patient TEXT, epoch TEXT NOT NULL, seq INTEGER NOT NULL, asked_ms INTEGER NOT NULL)"""


@dataclass(frozen=True)
class KeptHelp:
    """One request and the report that carries it. asked_ms: CLOCK_BOOTTIME, below zero in an earlier boot."""

    help: str
    patient: str | None
    asked_ms: int
    report: tuple[str, int]


class HelpsKept:
    """On the kiosk's own database. `lived`: the time that the box is sure of. Every method raises sqlite3.Error."""

    def __init__(self, database: Any, lived: Callable[[Stamp], int]) -> None:
        self._database, self._lived = database, lived
        database.execute(TABLE)

    def add(self, asked: HelpAsked, identity: Identity, patient: str | None, now: Stamp) -> None:
        """Within the caller's transaction."""
        row = (asked.help, patient, identity.epoch, identity.seq, self._lived(now))
        self._database.execute("INSERT OR REPLACE INTO help VALUES (?, ?, ?, ?, ?)", row)

    def last(self, patient: str | None, now: Stamp) -> KeptHelp | None:
        """The newest of this person (None: of nobody who was signed in) that is not a day old."""
        lived_ms = self._lived(now)
        query = """SELECT help, patient, asked_ms, epoch, seq FROM help WHERE patient IS ? AND asked_ms > ?
            ORDER BY asked_ms DESC, rowid DESC LIMIT 1"""
        row = self._database.execute(query, (patient, lived_ms - KEPT_MS)).fetchone()
        if row is None:
            return None
        return KeptHelp(row[0], row[1], now.monotonic_ms + row[2] - lived_ms, (str(row[3]), int(row[4])))

    def forget(self, now: Stamp) -> None:
        self._database.execute("DELETE FROM help WHERE asked_ms <= ?", (self._lived(now) - KEPT_MS,))
