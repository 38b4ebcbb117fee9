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
        draft = _draft(bedside)
        return draft is not None and json.loads(draft).get("step") not in QUIET_STEPS
    except (DatabaseError, ValueError, AttributeError):
        return True


def has_draft(bedside: Path) -> bool:
    """Whether something was begun and is not a report yet. What cannot be read may have one."""
    try:
        return _draft(bedside) is not None
    except DatabaseError:
        return True


def _draft(bedside: Path) -> bytes | None:
    reader = open_reader(bedside)
    if reader is None:
        return None  # no kiosk has ever served here
    with closing(reader):
        row = reader.execute("SELECT draft FROM draft").fetchone() if has_table(reader, "draft") else None
    return None if row is None else row[0]
