"""What the kiosk tells the link of the box: a table of bedside.db in clear, with nothing of the person in it."""

import sqlite3
from typing import Any

from mqtt_bridge.contract.codec import ContractError, Word, decode, encode
from mqtt_bridge.contract.wire import Tested
from mqtt_bridge.database import has_table

TABLE = "CREATE TABLE IF NOT EXISTS box_told (one INTEGER PRIMARY KEY CHECK (one = 1), told BLOB NOT NULL)"


class BoxTold(Word, frozen=True):
    """player: whether it answered at the kiosk's last look; tested: the last self-test at the bedside."""

    player: bool | None = None
    tested: Tested | None = None


class BoxToldKept:
    """On the kiosk's own database. Every method raises sqlite3.Error."""

    def __init__(self, database: Any) -> None:
        database.execute(TABLE)
        self._database = database
        self.told = read(database.conn)

    def tell(self, told: BoxTold) -> None:
        """Written when it has changed."""
        if told != self.told:
            query = "INSERT INTO box_told VALUES (1, ?) ON CONFLICT DO UPDATE SET told = excluded.told"
            self._database.execute(query, (encode(told),))
            self.told = told


def read(connection: sqlite3.Connection) -> BoxTold:
    """What was last told; nothing, where no kiosk has told anything that this version can read."""
    row = connection.execute("SELECT told FROM box_told").fetchone() if has_table(connection, "box_told") else None
    try:
        return BoxTold() if row is None else decode(row[0], BoxTold)
    except ContractError:
        return BoxTold()
