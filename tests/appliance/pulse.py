"""What a box told of itself while nobody came, by the clinic's database: its heartbeats, and the self-tests in them."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

_LAST = "SELECT coalesce(max(id), 0), coalesce(max(tested_wall_ms), 0) FROM fleet_heartbeat WHERE device_id = ?"
_SINCE = "SELECT tested_wall_ms FROM fleet_heartbeat WHERE device_id = ? AND id > ?"


@dataclass(frozen=True)
class Place:
    """The newest heartbeat's number, and when the newest self-test was made that any of them told."""

    heartbeat: int
    tested_ms: int


@dataclass(frozen=True)
class Pulse:
    heartbeats: int
    tests: int

    @property
    def whole(self) -> bool:
        """Whether all that a box does by itself was among it."""
        return self.heartbeats > 0 and self.tests > 0

    def __str__(self) -> str:
        return f"{self.heartbeats} heartbeats and {self.tests} self-tests came"


def last(clinic_db: Path, box: str) -> Place:
    """Raises sqlite3.Error."""
    ((heartbeat, tested_ms),) = _rows(clinic_db, _LAST, box)
    return Place(heartbeat, tested_ms)


def since(before: Place, clinic_db: Path, box: str) -> Pulse:
    """What came after that. Raises sqlite3.Error."""
    found = [row[0] for row in _rows(clinic_db, _SINCE, box, before.heartbeat)]
    return Pulse(len(found), len({made for made in found if made is not None and made > before.tested_ms}))


def _rows(clinic_db: Path, query: str, *values: object) -> list[tuple[int, ...]]:
    database = sqlite3.connect(f"file:{clinic_db}?mode=ro", uri=True)
    try:
        return database.execute(query, values).fetchall()
    finally:
        database.close()
