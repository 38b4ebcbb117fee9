"""What each person of the box has heard in the last seven days: tables of bedside.db, in clear (docs/threats.md).

An exposure enters in the transaction of the report that tells it. It leaves when the box is sure that seven days have
passed (`lived`).
"""

from typing import Any

from kiosk.journey.events import Heard
from kiosk.shell.lived import Lived, advance
from mqtt_bridge.contract.report import Listening
from mqtt_bridge.contract.stamp import Stamp

WEEK_MS = 7 * 24 * 3600_000
KEEP_MS = 3600_000
"""The time lived is written so often: after a power cut the week is at most this much longer."""
TABLES = (
    """CREATE TABLE IF NOT EXISTS dose (
        id INTEGER PRIMARY KEY, patient TEXT NOT NULL, session TEXT NOT NULL, pa2h REAL NOT NULL,
        lived_ms INTEGER NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS lived (
        one INTEGER PRIMARY KEY CHECK (one = 1), lived_ms INTEGER NOT NULL, boot TEXT NOT NULL,
        monotonic_ms INTEGER NOT NULL, anchor_boot TEXT NOT NULL, anchor_wall_ms INTEGER NOT NULL,
        anchor_lived_ms INTEGER NOT NULL)""",
)


class Doses:
    """On the kiosk's own database. Every method raises sqlite3.Error."""

    def __init__(self, database: Any) -> None:
        self._database = database
        for table in TABLES:
            database.execute(table)
        self._lived, self._kept = self._read(), self._read()

    def heard(self, patient: str, now: Stamp) -> tuple[Heard, ...]:
        """The exposures of this person that still count, oldest first."""
        lived_ms = self._advance(now).lived_ms
        query = "SELECT pa2h, lived_ms FROM dose WHERE patient = ? AND lived_ms > ? ORDER BY lived_ms, id"
        rows = self._database.execute(query, (patient, lived_ms - WEEK_MS)).fetchall()
        return tuple(Heard(float(pa2h), now.monotonic_ms + at_ms + WEEK_MS - lived_ms) for pa2h, at_ms in rows)

    def add(self, patient: str, report: Listening, now: Stamp) -> None:
        """What a session has added. Within the caller's transaction."""
        lived = self._advance(now)
        self._keep(lived)
        row = (patient, report.session, report.dose_pa2h, lived.lived_ms)
        self._database.execute("INSERT INTO dose (patient, session, pa2h, lived_ms) VALUES (?, ?, ?, ?)", row)

    def keep_time(self, now: Stamp) -> None:
        """Write the time lived, when it is worth a write: each hour, at a new boot, when the clock is first trusted."""
        lived, kept = self._advance(now), self._kept
        due = kept is None or lived.lived_ms - kept.lived_ms >= KEEP_MS
        if due or kept is None or (lived.boot, lived.anchor_boot) != (kept.boot, kept.anchor_boot):
            self._keep(lived)

    def lived(self, now: Stamp) -> Lived:
        """The same with the last clock that was trusted."""
        return self._advance(now)

    def lived_ms(self, now: Stamp) -> int:
        """How much time the box is sure has passed, since it first ran."""
        return self._advance(now).lived_ms

    def mark(self, now: Stamp) -> None:
        """Write the time lived, for what is noted at this instant. Within the caller's transaction."""
        self._keep(self._advance(now))

    def _advance(self, now: Stamp) -> Lived:
        self._lived = advance(self._lived, now)
        return self._lived

    def _keep(self, lived: Lived) -> None:
        row = (lived.lived_ms, lived.boot, lived.monotonic_ms, lived.anchor_boot, lived.anchor_wall_ms)
        query = "INSERT OR REPLACE INTO lived VALUES (1, ?, ?, ?, ?, ?, ?)"
        self._database.execute(query, (*row, lived.anchor_lived_ms))
        self._database.execute("DELETE FROM dose WHERE lived_ms <= ?", (lived.lived_ms - WEEK_MS,))
        self._kept = lived

    def _read(self) -> Lived | None:
        rows = self._database.execute(
            "SELECT lived_ms, boot, monotonic_ms, anchor_boot, anchor_wall_ms, anchor_lived_ms FROM lived"
        ).fetchall()
        return Lived(*rows[0]) if rows else None
