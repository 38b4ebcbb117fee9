"""What link.db keeps of the clinic's acknowledgements: the last of each epoch, and what that very word lets go.

`settled` has a table of its own. A box whose update was taken back reads the acknowledgements as before; one that is
updated again believes nothing of what was said of others meanwhile.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import suppress

from msgspec import structs

from mqtt_bridge.contract.codec import ContractError, decode, encode
from mqtt_bridge.database import has_table
from mqtt_bridge.outbox import Told
from mqtt_bridge.sqlite import Database

TABLES = (
    """CREATE TABLE IF NOT EXISTS acknowledged (
        stream TEXT NOT NULL, epoch TEXT NOT NULL, serial INTEGER NOT NULL, ack BLOB NOT NULL,
        PRIMARY KEY (stream, epoch))""",
    # Of the acknowledgement with this serial and time.
    """CREATE TABLE IF NOT EXISTS settled (
        epoch TEXT PRIMARY KEY, serial INTEGER NOT NULL, server_ms INTEGER NOT NULL, seq INTEGER NOT NULL)""",
    # Whether the clinic's last answer told what is settled. A clinic that has not answered yet is believed to.
    "CREATE TABLE IF NOT EXISTS tells (one INTEGER PRIMARY KEY CHECK (one = 1), settled INTEGER NOT NULL)",
)


def read(connection: sqlite3.Connection, epoch: str) -> Told | None:
    """The last word about an epoch. Raises ContractError: another version of the box wrote it."""
    row = connection.execute("SELECT ack FROM acknowledged WHERE epoch = ?", (epoch,)).fetchone()
    if row is None:
        return None
    told = decode(row[0], Told)
    return structs.replace(told, settled=_settled(connection, told))


def words(connection: sqlite3.Connection) -> Iterator[Told]:
    """The last word of each epoch, as far as this version of the box reads them."""
    for (epoch,) in connection.execute("SELECT epoch FROM acknowledged").fetchall():
        with suppress(ContractError):
            told = read(connection, epoch)
            if told is not None:
                yield told


def _settled(connection: sqlite3.Connection, told: Told) -> int | None:
    if not has_table(connection, "tells"):  # a link of before has made the file
        return 0
    if not tells(connection):
        return None
    query = "SELECT seq FROM settled WHERE epoch = ? AND serial = ? AND server_ms = ?"
    row = connection.execute(query, (told.epoch, told.serial, told.server_ms)).fetchone()
    return int(row[0]) if row else 0


def tells(connection: sqlite3.Connection) -> bool:
    """Whether the clinic tells what is settled."""
    row = connection.execute("SELECT settled FROM tells").fetchone()
    return row is None or bool(row[0])


def note_tells(database: Database, *, settled: bool) -> None:
    query = "INSERT INTO tells VALUES (1, ?) ON CONFLICT DO UPDATE SET settled = excluded.settled"
    database.execute(query, (settled,))


def keep(database: Database, told: Told) -> None:
    """In the place of what was told before. Call it inside `database.atomic()`.

    What it settles is not carried over from the one before: that was said of what that one names, and this names more.
    """
    row = (told.stream, told.epoch, told.serial, encode(structs.replace(told, settled=None)))
    database.execute("INSERT OR REPLACE INTO acknowledged VALUES (?, ?, ?, ?)", row)
    database.execute("DELETE FROM settled WHERE epoch = ?", (told.epoch,))
    if told.settled:  # of most words nothing is
        of_it = (told.epoch, told.serial, told.server_ms, told.settled)
        database.execute("INSERT INTO settled VALUES (?, ?, ?, ?)", of_it)


def forget(database: Database) -> None:
    """All of it: the clinic's database was restored."""
    database.execute("DELETE FROM acknowledged")
    database.execute("DELETE FROM settled")
