"""Whether a session is under way, as the kiosk's draft says it."""

import json
from contextlib import closing
from pathlib import Path
from sqlite3 import DatabaseError

from mqtt_bridge.database import has_table, open_reader

QUIET_STEPS = ("resting",)
"""The sound has ended and the person sleeps, perhaps until the morning: the night is a good time to fetch."""


def in_care(bedside: Path) -> bool:
    """From the first question to the last, the night after a sleep care apart. What cannot be read counts as care."""
    try:
        reader = open_reader(bedside)
        if reader is None:
            return False  # no kiosk has ever served here
        with closing(reader):
            row = reader.execute("SELECT draft FROM draft").fetchone() if has_table(reader, "draft") else None
        return row is not None and json.loads(row[0]).get("step") not in QUIET_STEPS
    except (DatabaseError, ValueError, AttributeError):
        return True
