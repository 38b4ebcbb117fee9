"""What the kiosk knows of the time beside the machine's clock (X5): the clinic's word in link.db, its own floor here.

The floor is in bedside.db because link.db may be lost, and because a box without reports must not forget what day it
surely is: an expired plan would be in force again.
"""

from pathlib import Path
from typing import Any

from mqtt_bridge.contract.codec import encode
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.honest_time import Floor, Known, floor_now
from mqtt_bridge.link.reading import LinkReader
from mqtt_bridge.time_floor import TABLE, floor_in, read_floor

KEEP_MS = 3600_000
"""The floor is written so often: after a power cut it is at most this much lower."""


class TimeKept:
    """On the kiosk's own database. Every method raises sqlite3.Error."""

    def __init__(self, database: Any) -> None:
        database.execute(TABLE)
        self._database = database
        self.floor = self._kept = floor_in(database.conn)

    def keep(self, known: Known, now: Stamp) -> None:
        """Note what is surely past now; written each hour, at a new boot, and when the clinic has put it right."""
        self.floor = floor_now(known, now)
        kept = self._kept
        if kept is None or kept.boot != now.boot or _far(kept, self.floor, now):
            self._write(self.floor)

    def _write(self, floor: Floor) -> None:
        query = "INSERT INTO time_floor VALUES (1, ?) ON CONFLICT DO UPDATE SET floor = excluded.floor"
        self._database.execute(query, (encode(floor),))
        self._kept = floor


class KnownTime:
    """What an honest clock asks: refreshed at each look at the link, since the link may have heard the clinic."""

    def __init__(self, link: LinkReader, floor: Floor | None) -> None:
        self._link, self._known = link, Known(link.clinic_time(), floor)

    def __call__(self) -> Known:
        return self._known

    def look(self, floor: Floor | None) -> Known:
        self._known = Known(self._link.clinic_time(), floor)
        return self._known


def _far(kept: Floor, floor: Floor, now: Stamp) -> bool:
    """An hour has run since it was written, or the clinic has put it right by as much."""
    mended_ms = abs(floor.at_ms - kept.after(now).at_ms)
    return max(mended_ms, now.monotonic_ms - kept.monotonic_ms) >= KEEP_MS


def known_beside(bedside: Path, link: Path) -> Known:
    """The same for a command beside a kiosk that runs, or does not: both files are only read."""
    return Known(LinkReader(link).clinic_time(), read_floor(bedside))
