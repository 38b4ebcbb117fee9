"""link.db: the clinic's acknowledgements, its orders as they came, and the link's own outbox. One writer: the link."""

import logging
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import TypeVar

from msgspec import structs

from mqtt_bridge import outbox
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.codec import ContractError, decode, encode
from mqtt_bridge.contract.order import Order
from mqtt_bridge.contract.report import Content, OrderReceived
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.database import only_writer, open_reader, open_sound
from mqtt_bridge.enrolment import Enrolment
from mqtt_bridge.honest_time import Known, better
from mqtt_bridge.link import acknowledged
from mqtt_bridge.link.packages import Packages

log = logging.getLogger(__name__)
Key = tuple[str, int]
"""(epoch, seq) of a row."""
T = TypeVar("T")
CONTACT_MS = 60_000
KEPT_ORDERS_MAX = 200
"""Of each kind. The highest serial is in force; receipts tell of the last sessions."""
_FORGET_OLD_ORDERS = """DELETE FROM orders WHERE kind = ? AND serial <=
    (SELECT serial FROM orders WHERE kind = ? ORDER BY serial DESC LIMIT 1 OFFSET ?)"""
_FORGET_WHAT_WAS_TOLD = "DELETE FROM told WHERE id NOT IN (SELECT id FROM orders UNION SELECT id FROM refused)"
_TABLES = (
    "CREATE TABLE IF NOT EXISTS ledger (one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL)",
    *acknowledged.TABLES,
    # When the clinic last answered a question, by the box's clock.
    "CREATE TABLE IF NOT EXISTS contact (one INTEGER PRIMARY KEY CHECK (one = 1), answered BLOB NOT NULL)",
    # The clinic's signed time, of the last answer that is worth keeping: it outlives every report (X5).
    "CREATE TABLE IF NOT EXISTS clinic_time (one INTEGER PRIMARY KEY CHECK (one = 1), exchange BLOB NOT NULL)",
    # The newest form of letters that the clinic has shown it reads; a later version's is read as the newest of ours.
    "CREATE TABLE IF NOT EXISTS reads (one INTEGER PRIMARY KEY CHECK (one = 1), form INTEGER NOT NULL)",
    # Whether its last answer said that it reads the channel `urgent`.
    "CREATE TABLE IF NOT EXISTS urgent (one INTEGER PRIMARY KEY CHECK (one = 1), heard INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS refused (id TEXT PRIMARY KEY)",
    # Which report has told the clinic what became of an order.
    "CREATE TABLE IF NOT EXISTS told (id TEXT PRIMARY KEY, epoch TEXT NOT NULL, seq INTEGER NOT NULL)",
    """CREATE TABLE IF NOT EXISTS orders (
        serial INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, letter BLOB NOT NULL,
        received_wall_ms INTEGER NOT NULL)""",
)


class LinkStore:
    """What the link remembers, and the outboxes that it reads."""

    def __init__(
        self, path: Path, bedside: Path, enrolment: Enrolment, token: outbox.Token = secrets.token_hex
    ) -> None:
        """Raises OnlyWriterError (a second link), sqlite3.Error."""
        self._bedside = bedside
        with ExitStack() as undo:  # what could not be opened whole is let go of
            self._lock = undo.enter_context(only_writer(path))
            self._database = open_sound(path)
            undo.callback(self._database.close)
            for table in _TABLES:
                self._database.execute(table)
            self._known_time = Known(self._clinic_time())
            self._reads, self._hears_urgent = self._form(), self._urgent()
            self._newest: wire.Ack | None = max(
                acknowledged.words(self._database.conn), key=lambda ack: ack.server_ms, default=None
            )
            self.own = outbox.Outbox(self._database, "link", enrolment, token, self.clinic_reads)
            self.packages = Packages(self._database, self.own)
            undo.pop_all()

    def close(self) -> None:
        self._database.close()
        self._lock.close()

    def ledger(self) -> str | None:
        row = self._database.execute("SELECT id FROM ledger").fetchone()
        return None if row is None else str(row[0])

    def adopt_ledger(self, ledger: str) -> None:
        """A new ledger: the clinic's database was restored. What it said before no longer counts."""
        with self._database.atomic():
            acknowledged.forget(self._database)
            self._database.execute(
                "INSERT INTO ledger VALUES (1, ?) ON CONFLICT DO UPDATE SET id = excluded.id", (ledger,)
            )
        self._newest = None

    def remember(self, ack: wire.Ack, *, anyway: bool) -> bool:
        """Keep an acknowledgement; False when a later word of this ledger is known already.

        Words may overtake each other: what the clinic has said that it has is unsaid only by an answer to our own
        question (`anyway`), and not by one that was made before what we have heard since.
        """
        if not anyway and self._is_of_before(ack):
            return False
        known = self.acknowledged(ack.epoch)
        if known is not None and (_later(known, ack) if anyway else not _later(ack, known) or not ack.covers(known)):
            return False
        since_ms = known.since_ms if known is not None and ack.covers(known) else ack.server_ms
        with self._database.atomic():  # `urgent` is no word about an epoch, and one that a box of before would refuse
            acknowledged.keep(self._database, outbox.Told(**structs.asdict(ack) | {"urgent": False}, since_ms=since_ms))
        if anyway or self._newest is None or _later(ack, self._newest):
            self._newest = ack
        told = self.acknowledged(ack.epoch)
        if ack.stream == "link" and told is not None:
            self.own.landed(told)
        return True

    def _is_of_before(self, ack: wire.Ack) -> bool:
        """Whether a database said it that was put back since under the same ledger, which counts its serials again.

        In one database serials and times grow together. Such a serial would make of the next answer an earlier one.
        """
        newest = self._newest
        return newest is not None and ack.serial > newest.serial and ack.server_ms < newest.server_ms

    def heard_later(self, ack: wire.Ack, known_serial: int) -> bool:
        """Whether a word that was heard since that serial was the highest is later than this, by serial and by time."""
        newest = self._newest
        return newest is not None and newest.serial > known_serial and _later(newest, ack)

    def note_tells(self, *, settled: bool) -> None:
        """Whether the clinic tells what is settled, as its last answer shows."""
        if settled != acknowledged.tells(self._database.conn):
            with self._database.atomic():
                acknowledged.note_tells(self._database, settled=settled)

    def note_answer(self, at: Stamp, told: wire.Exchange) -> None:
        """The clinic has answered, and said what time it is. Written once a minute at most: a card wears."""
        kept = self._known_time.exchange
        time = better(kept, told)
        self._known_time = Known(time)
        row = self._database.execute("SELECT answered FROM contact").fetchone()
        if row is not None and kept is not None and kept.boot == told.boot:
            known = decode(row[0], Stamp)
            if known.boot == at.boot and 0 <= at.monotonic_ms - known.monotonic_ms < CONTACT_MS:
                return
        with self._database.atomic():
            query = "INSERT INTO contact VALUES (1, ?) ON CONFLICT DO UPDATE SET answered = excluded.answered"
            self._database.execute(query, (encode(at),))
            query = "INSERT INTO clinic_time VALUES (1, ?) ON CONFLICT DO UPDATE SET exchange = excluded.exchange"
            self._database.execute(query, (encode(time),))

    def clinic_reads(self) -> wire.Form:
        """The newest form of letters that the clinic has shown it reads."""
        return self._reads

    def note_reads(self, form: wire.Form) -> None:
        if form != self._reads:
            with self._database.atomic():
                query = "INSERT INTO reads VALUES (1, ?) ON CONFLICT DO UPDATE SET form = excluded.form"
                self._database.execute(query, (form,))
            self._reads = form

    def _form(self) -> wire.Form:
        row = self._database.execute("SELECT form FROM reads").fetchone()
        return 2 if row is not None and row[0] >= 2 else 1

    def clinic_hears_urgent(self) -> bool:
        """Whether its last answer to a hello said that it reads the channel `urgent`."""
        return self._hears_urgent

    def note_urgent(self, *, heard: bool) -> None:
        if heard != self._hears_urgent:
            with self._database.atomic():
                query = "INSERT INTO urgent VALUES (1, ?) ON CONFLICT DO UPDATE SET heard = excluded.heard"
                self._database.execute(query, (heard,))
            self._hears_urgent = heard

    def _urgent(self) -> bool:
        row = self._database.execute("SELECT heard FROM urgent").fetchone()
        return row is not None and bool(row[0])

    def known_time(self) -> Known:
        """What the clinic has said of the time, in this boot or before."""
        return self._known_time

    def _clinic_time(self) -> wire.Exchange | None:
        row = self._database.execute("SELECT exchange FROM clinic_time").fetchone()
        with suppress(ContractError):  # another version's words: the next answer tells it again
            return None if row is None else decode(row[0], wire.Exchange)
        return None

    def highest_serial(self) -> int:
        """Of all acknowledgements of the ledger; 0 when there is none."""
        (highest,) = self._database.execute("SELECT MAX(serial) FROM acknowledged").fetchone()
        return highest or 0

    def acknowledged(self, epoch: str) -> outbox.Told | None:
        """None also where another version of the box wrote words that this one cannot read: it is asked again."""
        with suppress(ContractError):
            return acknowledged.read(self._database.conn, epoch)
        return None

    def kept(self) -> tuple[wire.Held, ...]:
        """Every stream and epoch that the box still has rows of."""
        own = outbox.kept(self._database.conn)
        return (*self._ask_kiosk(lambda reader: list(outbox.kept(reader))), *own)

    def kept_most_wanted(self, limit: int) -> tuple[wire.Held, ...]:
        """At most `limit` of them, those with rows that the clinic has not first: they are what a hello is for."""

        def complete(held: wire.Held) -> bool:
            ack = self.acknowledged(held.epoch)
            return ack is not None and ack.has(held.last)

        return tuple(sorted(self.kept(), key=complete)[:limit])

    def pending(self) -> int:
        """How many reports the clinic's database has not, of the kiosk's and of our own."""
        told = self._ask_kiosk(lambda reader: list(outbox.names(reader)))
        return self._missing_among([*told, *outbox.names(self._database.conn)])

    def _missing_among(self, told: list[outbox.Name]) -> int:
        acks = {name.epoch: self.acknowledged(name.epoch) for name in told}
        return sum(not ((ack := acks[name.epoch]) and ack.has(name.seq)) for name in told)

    def left(self) -> int:
        """The same count, for who is about to destroy them.

        Raises sqlite3.DatabaseError: the kiosk's file cannot be read, and nobody may take that for an empty one.
        """
        told, reader = list(outbox.names(self._database.conn)), open_reader(self._bedside)
        if reader is not None:
            with closing(reader):
                told += outbox.names(reader)
        return self._missing_among(told)

    def waiting(self, limit: int, skip: frozenset[Key], through: int | None = None) -> list[outbox.Row]:
        """At most `limit` rows that the clinic's database has not, those of `skip` left out.

        Lower priorities first, whatever epoch they are in, and of one priority the kiosk's before our own. through:
        none beyond this priority.
        """
        found = self._ask_kiosk(lambda reader: self._missing_in(reader, limit, skip, through))
        found += self._missing_in(self._database.conn, limit, skip, through)
        return sorted(found, key=lambda row: row.priority)[:limit]

    def _ask_kiosk(self, question: Callable[[sqlite3.Connection], list[T]]) -> list[T]:
        """Asked of the kiosk's database. While it is not there or cannot be read, our own reports still go."""
        try:
            reader = open_reader(self._bedside)
            if reader is None:
                return []
            with closing(reader):
                return question(reader)
        except sqlite3.DatabaseError as error:
            log.error("the kiosk's database cannot be read: %s", error)  # noqa: TRY400  # its words are enough
            return []

    def _missing_in(
        self, reader: sqlite3.Connection, limit: int, skip: frozenset[Key], through: int | None
    ) -> list[outbox.Row]:
        found: list[outbox.Row] = []
        levels = outbox.priorities(reader, through)
        epochs = list(outbox.kept(reader)) if levels else []
        for priority in levels:
            for held in epochs:
                found += self._missing(reader, held, limit - len(found), skip, priority)
        return found

    def keep_order(self, order: Order, letter: bytes, received: Stamp) -> bool:
        """Keep an order with the report that says so, in one transaction; False when it is here already.

        One that is here already is told of again when the clinic has lost that report, and the box too.
        """
        kind = str(order.content.__struct_config__.tag)
        if self._is_forgotten(kind, order.serial):
            return False
        with self._database.atomic():
            query = "INSERT INTO orders VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
            cursor = self._database.execute(query, (order.serial, order.id, kind, letter, received.wall_ms))
            if cursor.rowcount or not self._is_told(order.id):
                self._tell(OrderReceived(order=order.id, accepted=True), received)
            if cursor.rowcount == 0:
                return False
            self.packages.take(order)
            self._database.execute(_FORGET_OLD_ORDERS, (kind, kind, KEPT_ORDERS_MAX))
            self._database.execute(_FORGET_WHAT_WAS_TOLD)
        return True

    def _is_forgotten(self, kind: str, serial: int) -> bool:
        """Whether it is older than all that is kept of a full kind: a repetition of what was forgotten."""
        query = "SELECT COUNT(*), MIN(serial) FROM orders WHERE kind = ?"
        count, oldest = self._database.execute(query, (kind,)).fetchone()
        return bool(count >= KEPT_ORDERS_MAX and serial < oldest)

    def refuse_order(self, order_id: str, reason: str, at: Stamp) -> None:
        """Tell the clinic why an order that could be read is not taken: once, unless it has lost what was told.

        One that was taken in its time is not refused when it comes again too late.
        """
        if self._database.execute("SELECT 1 FROM orders WHERE id = ?", (order_id,)).fetchone():
            return
        with self._database.atomic():
            cursor = self._database.execute("INSERT OR IGNORE INTO refused VALUES (?)", (order_id,))
            if cursor.rowcount or not self._is_told(order_id):
                self._tell(OrderReceived(order=order_id, accepted=False, reason=reason), at)

    def add_own(self, content: Content, at: Stamp) -> None:
        """A report of the link's own, beside no order."""
        with self._database.atomic():
            self.own.add(content, at)

    def has_own(self) -> bool:
        """Whether the link has any report of its own here, landed or not."""
        return self._database.execute("SELECT 1 FROM outbox LIMIT 1").fetchone() is not None

    def _tell(self, word: OrderReceived, at: Stamp) -> None:
        identity = self.own.add(word, at)
        row = (word.order, identity.epoch, identity.seq)
        self._database.execute("INSERT OR REPLACE INTO told VALUES (?, ?, ?)", row)

    def _is_told(self, order_id: str) -> bool:
        """Whether the clinic has the report of it, or the box still has it to send."""
        row = self._database.execute("SELECT epoch, seq FROM told WHERE id = ?", (order_id,)).fetchone()
        if row is None:
            return False
        ack = self.acknowledged(row[0])
        query = "SELECT 1 FROM outbox WHERE epoch = ? AND seq = ?"
        return bool(ack and ack.has(row[1])) or self._database.execute(query, row).fetchone() is not None

    def serial_is_taken(self, order: Order) -> bool:
        """Whether another order has this serial: a clinic's database that was put back counts again."""
        row = self._database.execute("SELECT id FROM orders WHERE serial = ?", (order.serial,)).fetchone()
        return row is not None and row[0] != order.id

    def newest_letter(self, kind: str) -> tuple[int, bytes] | None:
        """(serial, letter) of the order of a kind that is in force."""
        query = "SELECT serial, letter FROM orders WHERE kind = ? ORDER BY serial DESC LIMIT 1"
        row = self._database.execute(query, (kind,)).fetchone()
        return None if row is None else (int(row[0]), bytes(row[1]))

    def plan_serial(self) -> int:
        newest = self.newest_letter("plan")
        return newest[0] if newest else 0

    def orders_through(self) -> int:
        (highest,) = self._database.execute("SELECT MAX(serial) FROM orders").fetchone()
        return highest or 0

    def _missing(
        self, reader: sqlite3.Connection, held: wire.Held, limit: int, skip: frozenset[Key], priority: int
    ) -> Iterator[outbox.Row]:
        ack = self.acknowledged(held.epoch)
        after, taken = (ack.through if ack else 0), 0
        while taken < limit:
            rows = list(outbox.rows(reader, held.epoch, after, limit + len(skip), priority))
            if not rows:
                return
            for row in rows:
                if taken < limit and row.key not in skip and not (ack and ack.has(row.seq)):
                    taken += 1
                    yield row
            after = rows[-1].seq


def _later(one: wire.Ack, other: wire.Ack) -> bool:
    """Whether `one` was made after `other`. A database put back counts its serials again: the time must agree."""
    return one.serial > other.serial and one.server_ms >= other.server_ms
