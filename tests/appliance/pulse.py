"""What a box told of itself while nobody came, by the clinic's database: its heartbeats, and the self-tests in them."""

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.appliance import looked_over

_LAST = "SELECT coalesce(max(id), 0), coalesce(max(tested_wall_ms), 0) FROM fleet_heartbeat WHERE device_id = ?"
_SINCE = (
    "SELECT tested_wall_ms, tested_fine, tested_failed FROM fleet_heartbeat WHERE device_id = ? AND id > ? ORDER BY id"
)


@dataclass(frozen=True)
class Place:
    """The newest heartbeat's number, and when the newest self-test was made that any of them told."""

    heartbeat: int
    tested_ms: int


@dataclass(frozen=True)
class Pulse:
    """fine, failed: the names of the checks of the newest self-test that came."""

    heartbeats: int
    tests: int
    fine: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether all that a box does by itself was among it."""
        return self.heartbeats > 0 and self.tests > 0

    @property
    def amiss(self) -> str:
        """What of the machine's own checks the newest self-test did not find fine; empty: nothing, or none came."""
        return looked_over.amiss(self.fine) if self.tests else ""

    def __str__(self) -> str:
        found = f" ({len(self.fine)} fine, not fine: {', '.join(self.failed) or 'none'})" if self.tests else ""
        return f"{self.heartbeats} heartbeats and {self.tests} self-tests{found} came"


def last(clinic_db: Path, box: str) -> Place:
    """Raises sqlite3.Error."""
    ((heartbeat, tested_ms),) = _rows(clinic_db, _LAST, box)
    return Place(heartbeat, tested_ms)


def since(before: Place, clinic_db: Path, box: str) -> Pulse:
    """What came after that. Raises sqlite3.Error."""
    found = _rows(clinic_db, _SINCE, box, before.heartbeat)
    tested = [row for row in found if row[0] is not None and row[0] > before.tested_ms]
    fine, failed = (tuple(json.loads(told)) for told in (tested[-1][1:] if tested else ("[]", "[]")))
    return Pulse(len(found), len({row[0] for row in tested}), fine, failed)


def _rows(clinic_db: Path, query: str, *values: object) -> list[tuple[Any, ...]]:
    database = sqlite3.connect(f"file:{clinic_db}?mode=ro", uri=True)
    try:
        return database.execute(query, values).fetchall()
    finally:
        database.close()
