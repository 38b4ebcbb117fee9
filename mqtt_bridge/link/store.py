"""link.db: the clinic's acknowledgements, its orders as they came, and the link's own outbox. One writer: the link."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from mqtt_bridge import outbox
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.codec import decode, encode
from mqtt_bridge.contract.order import Order
from mqtt_bridge.contract.report import OrderReceived
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.database import open_reader, open_writer
from mqtt_bridge.enrolment import Enrolment

_TABLES = (
    "CREATE TABLE IF NOT EXISTS ledger (one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL)",
    """CREATE TABLE IF NOT EXISTS acknowledged (
        stream TEXT NOT NULL, epoch TEXT NOT NULL, serial INTEGER NOT NULL, ack BLOB NOT NULL,
        PRIMARY KEY (stream, epoch))""",
    """CREATE TABLE IF NOT EXISTS orders (
        serial INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, letter BLOB NOT NULL,
        received_wall_ms INTEGER NOT NULL)""",
)


class LinkStore:
    """What the link remembers, and the outboxes that it reads."""

    def __init__(self, path: Path, bedside: Path, enrolment: Enrolment) -> None:
        self._database = open_writer(path)
        for table in _TABLES:
            self._database.execute(table)
        self._bedside = bedside
        self.own = outbox.Outbox(self._database, "link", enrolment)

    def close(self) -> None:
        self._database.close()

    def ledger(self) -> str | None:
        row = self._database.execute("SELECT id FROM ledger").fetchone()
        return None if row is None else str(row[0])

    def adopt_ledger(self, ledger: str) -> None:
        """A new ledger: the clinic's database was restored. What it said before no longer counts."""
        with self._database.atomic():
            self._database.execute("DELETE FROM acknowledged")
            self._database.execute(
                "INSERT INTO ledger VALUES (1, ?) ON CONFLICT DO UPDATE SET id = excluded.id", (ledger,)
            )

    def remember(self, ack: wire.Ack) -> bool:
        """Keep an acknowledgement; False when a later one of this ledger is known already."""
        query = """INSERT INTO acknowledged VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE
            SET serial = excluded.serial, ack = excluded.ack WHERE excluded.serial > serial"""
        with self._database.atomic():
            cursor = self._database.execute(query, (ack.stream, ack.epoch, ack.serial, encode(ack)))
            changed = cursor.rowcount > 0
        if changed and ack.stream == "link":
            self.own.landed(ack)
        return changed

    def acknowledged(self, epoch: str) -> wire.Ack | None:
        row = self._database.execute("SELECT ack FROM acknowledged WHERE epoch = ?", (epoch,)).fetchone()
        return None if row is None else decode(row[0], wire.Ack)

    def kept(self) -> tuple[wire.Held, ...]:
        """Every stream and epoch that the box still has rows of."""
        found = list(outbox.kept(self._database.conn))
        with closing_reader(self._bedside) as bedside:
            if bedside is not None:
                found += outbox.kept(bedside)
        return tuple(found)

    def kept_most_wanted(self, limit: int) -> tuple[wire.Held, ...]:
        """At most `limit` of them, those with rows that the clinic has not first: they are what a hello is for."""

        def complete(held: wire.Held) -> bool:
            ack = self.acknowledged(held.epoch)
            return ack is not None and ack.has(held.last)

        return tuple(sorted(self.kept(), key=complete)[:limit])

    def waiting(self, limit: int, skip: frozenset[tuple[str, int]]) -> list[outbox.Row]:
        """At most `limit` rows that the clinic's database has not, oldest epoch first, those of `skip` left out."""
        with closing_reader(self._bedside) as bedside:
            readers = [c for c in (bedside, self._database.conn) if c is not None]
            found: list[outbox.Row] = []
            for reader in readers:
                for held in outbox.kept(reader):
                    found += self._missing(reader, held, limit - len(found), skip)
            return found

    def keep_order(self, order: Order, letter: bytes, received: Stamp) -> bool:
        """Keep an order with the report that says so, in one transaction; False when it is here already."""
        kind = str(order.content.__struct_config__.tag)
        with self._database.atomic():
            query = "INSERT INTO orders VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
            cursor = self._database.execute(query, (order.serial, order.id, kind, letter, received.wall_ms))
            if cursor.rowcount == 0:
                return False
            self.own.add(OrderReceived(order=order.id, accepted=True), received)
        return True

    def refuse_order(self, order_id: str, reason: str, at: Stamp) -> None:
        """Tell the clinic why an order that could be read is not taken."""
        with self._database.atomic():
            self.own.add(OrderReceived(order=order_id, accepted=False, reason=reason), at)

    def orders_through(self) -> int:
        (highest,) = self._database.execute("SELECT MAX(serial) FROM orders").fetchone()
        return highest or 0

    def _missing(
        self, reader: sqlite3.Connection, held: wire.Held, limit: int, skip: frozenset[tuple[str, int]]
    ) -> Iterator[outbox.Row]:
        ack = self.acknowledged(held.epoch)
        after, taken = (ack.through if ack else 0), 0
        while taken < limit:
            rows = list(outbox.rows(reader, held.epoch, after, limit + len(skip)))
            if not rows:
                return
            for row in rows:
                if taken < limit and row.key not in skip and not (ack and ack.has(row.seq)):
                    taken += 1
                    yield row
            after = rows[-1].seq


class closing_reader:  # noqa: N801  # a context manager, like contextlib.closing
    """A reader of another process's database, or None while there is none."""

    def __init__(self, path: Path) -> None:
        self._connection = open_reader(path)

    def __enter__(self) -> sqlite3.Connection | None:
        return self._connection

    def __exit__(self, *_: object) -> None:
        if self._connection is not None:
            self._connection.close()
