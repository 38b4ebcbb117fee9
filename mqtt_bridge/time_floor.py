"""The kiosk's floor of time in bedside.db, for whoever reads it: surely past, whatever any clock says (X5)."""

import sqlite3
from contextlib import closing
from pathlib import Path

from mqtt_bridge.contract.codec import ContractError, decode
from mqtt_bridge.database import has_table, open_reader
from mqtt_bridge.honest_time import Floor

TABLE = "CREATE TABLE IF NOT EXISTS time_floor (one INTEGER PRIMARY KEY CHECK (one = 1), floor BLOB NOT NULL)"
_SELECT = "SELECT floor FROM time_floor"


def floor_in(connection: sqlite3.Connection) -> Floor | None:
    """None: no kiosk has kept one, or another version did; the clinic tells the time again. Raises sqlite3.Error."""
    row = connection.execute(_SELECT).fetchone() if has_table(connection, "time_floor") else None
    try:
        return None if row is None else decode(row[0], Floor)
    except ContractError:
        return None


def read_floor(bedside: Path) -> Floor | None:
    """The same beside a kiosk that runs, or does not: the file is only read."""
    try:
        reader = open_reader(bedside)
        if reader is None:
            return None
        with closing(reader):
            return floor_in(reader)
    except sqlite3.DatabaseError:
        return None  # the self-test looks at the files themselves
