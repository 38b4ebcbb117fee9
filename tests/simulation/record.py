"""The clinic's database in plain SQL: the second form of the port `ClinicStore`, on the simulated disk."""

import hashlib
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from mqtt_bridge.clinic_store import Arrival, ClinicStore, Epoch, Has, Kept, Standing
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.codec import encode
from mqtt_bridge.contract.order import Order
from mqtt_bridge.contract.report import Evaluation, HelpAsked, Identity, Listening, OrderReceived, Report
from mqtt_bridge.seal import PublicKeys

DATABASE = "clinic.db"
_TABLES = """
CREATE TABLE IF NOT EXISTS head (
    one INTEGER PRIMARY KEY CHECK (one = 1), ledger TEXT NOT NULL, serial INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS box (
    id TEXT PRIMARY KEY, verify BLOB NOT NULL, seal BLOB NOT NULL, revoked INTEGER NOT NULL DEFAULT 0,
    orders_through INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS report (
    box TEXT NOT NULL, stream TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL, payload BLOB NOT NULL,
    digest TEXT NOT NULL, content TEXT NOT NULL, mark TEXT NOT NULL, held INTEGER NOT NULL,
    received_ms INTEGER NOT NULL, PRIMARY KEY (box, stream, epoch, seq));
CREATE TABLE IF NOT EXISTS quarantine (
    topic TEXT NOT NULL, digest TEXT NOT NULL, problem TEXT NOT NULL, PRIMARY KEY (topic, digest));
CREATE TABLE IF NOT EXISTS orders (
    box TEXT NOT NULL, serial INTEGER NOT NULL, kind TEXT NOT NULL, id TEXT NOT NULL UNIQUE, letter BLOB NOT NULL,
    expires_ms INTEGER NOT NULL, received INTEGER NOT NULL DEFAULT 0, accepted INTEGER, PRIMARY KEY (box, serial));
"""


@dataclass(frozen=True)
class Row:
    """A report in the clinic's table. mark: what it tells of, as far as it can be read."""

    identity: Identity
    mark: str
    held: bool


class Record(ClinicStore, Protocol):
    """What the simulation asks of a clinic's database beside what the wire asks."""

    def enrol(self, box: str, keys: PublicKeys) -> None: ...
    def revoke(self, box: str) -> None: ...
    def next_serial(self, box: str, now_ms: int) -> int: ...
    def issue(self, order: Order, letter: bytes) -> None: ...
    def rows(self) -> list[Row]: ...
    def quarantined(self) -> set[str]:
        """Digests of the payloads set aside."""

    def orders(self, box: str) -> dict[str, tuple[int, bool | None]]:
        """By order: its serial, and whether the box has taken it (None: not heard yet)."""

    def new_ledger(self, ledger: str) -> None: ...
    def close(self) -> None: ...


class SqlRecord:
    """One clinic on one SQLite file, as an HDS host would run it: every commit is synced."""

    def __init__(self, folder: Path, ledger: str) -> None:
        self._database = sqlite3.connect(folder / DATABASE, isolation_level=None)
        self._database.execute("PRAGMA journal_mode=TRUNCATE")
        self._database.execute("PRAGMA synchronous=FULL")
        self._database.executescript(_TABLES)
        self._database.execute("INSERT OR IGNORE INTO head VALUES (1, ?, 0)", (ledger,))
        self._depth = 0

    def close(self) -> None:
        self._database.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """May be nested: what is inside is a savepoint."""
        name = f"depth_{self._depth}"
        self._database.execute(f"SAVEPOINT {name}" if self._depth else "BEGIN IMMEDIATE")
        self._depth += 1
        try:
            yield
            self._depth -= 1
            self._database.execute(f"RELEASE {name}" if self._depth else "COMMIT")
        except BaseException:
            self._undo(name)
            raise

    def _undo(self, name: str) -> None:
        inside = int(name.removeprefix("depth_"))
        self._depth = inside
        if self._database.in_transaction:
            for word in (f"ROLLBACK TO {name}", f"RELEASE {name}") if inside else ("ROLLBACK",):
                self._database.execute(word)

    # The port

    def box_keys(self, box: str) -> PublicKeys | None:
        query = "SELECT verify, seal FROM box WHERE id = ? AND NOT revoked"
        row = self._database.execute(query, (box,)).fetchone()
        return PublicKeys(verify=row[0], seal=row[1]) if row else None

    def keys_of(self, boxes: Collection[str]) -> dict[str, PublicKeys]:
        return {box: keys for box in boxes if (keys := self.box_keys(box)) is not None}

    def keep_all(self, arrivals: Sequence[Arrival]) -> list[Kept]:
        return [self.keep(arrival) for arrival in arrivals]

    def keep(self, arrival: Arrival) -> Kept:
        i = arrival.identity
        key = (i.box, i.stream, i.epoch, i.seq)
        query = "SELECT digest, content FROM report WHERE (box, stream, epoch, seq) = (?, ?, ?, ?)"
        first = self._database.execute(query, key).fetchone()
        digest, content = digest_of(arrival.payload), _content(arrival.report)
        if first is None:
            told = (digest, content, mark_of(arrival.report), arrival.report is None, arrival.received_ms)
            query = "INSERT INTO report VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            self._database.execute(query, (*key, arrival.payload, *told))
            self._hear_of_order(i.box, arrival.report)
            return Kept.NEW
        if first[0] == digest or (content and first[1] == content):
            return Kept.AGAIN
        self.quarantine("", arrival.payload, "the same identity with another content", arrival.received_ms)
        return Kept.CONFLICT

    def _hear_of_order(self, box: str, report: Report | None) -> None:
        if report and isinstance(report.content, OrderReceived):
            query = "UPDATE orders SET received = 1, accepted = ? WHERE box = ? AND id = ?"
            self._database.execute(query, (report.content.accepted, box, report.content.order))

    def quarantine(self, topic: str, payload: bytes, problem: str, received_ms: int) -> None:
        row = (topic, digest_of(payload), problem)
        self._database.execute("INSERT OR IGNORE INTO quarantine VALUES (?, ?, ?)", row)

    def standings(self, of: Collection[Epoch]) -> dict[Epoch, Standing]:
        return {epoch: self.standing(*epoch) for epoch in of}

    def standing(self, box: str, stream: str, epoch: str) -> Standing:
        query = "SELECT seq, held FROM report WHERE box = ? AND stream = ? AND epoch = ? ORDER BY seq"
        rows = self._database.execute(query, (box, stream, epoch)).fetchall()
        return Standing.of((seq for seq, held in rows if not held), (seq for seq, held in rows if held))

    def first_since(self, of: Collection[Epoch], since_ms: int) -> dict[Epoch, int]:
        found = {epoch: self.first_since_of(epoch, since_ms) for epoch in of}
        return {epoch: seq for epoch, seq in found.items() if seq is not None}

    def first_since_of(self, of: Epoch, since_ms: int) -> int | None:
        query = "SELECT MIN(seq) FROM report WHERE (box, stream, epoch) = (?, ?, ?) AND received_ms >= ?"
        (seq,) = self._database.execute(query, (*of, since_ms)).fetchone()
        return None if seq is None else int(seq)

    def next_acks(self, count: int) -> tuple[str, range]:
        query = "UPDATE head SET serial = serial + ? RETURNING ledger, serial"
        ledger, serial = self._database.execute(query, (count,)).fetchone()
        return str(ledger), range(serial - count + 1, serial + 1)

    def heard_hello(self, box: str, hello: wire.Hello, received_ms: int) -> None:
        query = "UPDATE box SET orders_through = ? WHERE id = ?"
        self._database.execute(query, (hello.orders_through, box))

    def heard_state(self, box: str, state: wire.BoxState, received_ms: int, *, retained: bool) -> None:
        """The simulation asks nothing about it."""

    def orders_after(self, box: str, has: Has, now_ms: int) -> Iterator[bytes]:
        query = """SELECT letter FROM orders WHERE box = ? AND expires_ms > ?
            AND (serial > ? OR NOT received OR (kind = 'plan' AND serial > ? AND accepted IS NOT 0))
            AND (kind != 'plan' OR serial = (SELECT MAX(serial) FROM orders WHERE box = ? AND kind = 'plan'))
            ORDER BY serial"""
        return iter([row[0] for row in self._database.execute(query, (box, now_ms, has.through, has.plan, box))])

    # Beside the port

    def enrol(self, box: str, keys: PublicKeys) -> None:
        self._database.execute("INSERT OR IGNORE INTO box VALUES (?, ?, ?, 0, 0)", (box, keys.verify, keys.seal))

    def revoke(self, box: str) -> None:
        self._database.execute("UPDATE box SET revoked = 1 WHERE id = ?", (box,))

    def next_serial(self, box: str, now_ms: int) -> int:
        """As `clinic.plans.orders` numbers them."""
        (last,) = self._database.execute("SELECT MAX(serial) FROM orders WHERE box = ?", (box,)).fetchone()
        return max((last or 0) + 1, now_ms)

    def issue(self, order: Order, letter: bytes) -> None:
        query = "INSERT INTO orders (box, serial, kind, id, letter, expires_ms) VALUES (?, ?, ?, ?, ?, ?)"
        row = (order.box, order.serial, kind_of(order), order.id, letter, order.expires_ms)
        self._database.execute(query, row)

    def rows(self) -> list[Row]:
        query = "SELECT box, stream, epoch, seq, mark, held FROM report ORDER BY rowid"
        return [
            Row(Identity(box=box, stream=stream, epoch=epoch, seq=seq), mark, bool(held))
            for box, stream, epoch, seq, mark, held in self._database.execute(query)
        ]

    def quarantined(self) -> set[str]:
        return {digest for (digest,) in self._database.execute("SELECT digest FROM quarantine")}

    def orders(self, box: str) -> dict[str, tuple[int, bool | None]]:
        query = "SELECT id, serial, accepted FROM orders WHERE box = ?"
        found = self._database.execute(query, (box,)).fetchall()
        return {order: (serial, None if accepted is None else bool(accepted)) for order, serial, accepted in found}

    def new_ledger(self, ledger: str) -> None:
        self._database.execute("UPDATE head SET ledger = ?", (ledger,))


def kind_of(order: Order) -> str:
    """A plan and its end are of one kind, as in link.db."""
    return str(order.content.__struct_config__.tag)


def digest_of(payload: bytes) -> str:
    return hashlib.sha256(payload).hexdigest()


def mark_of(report: Report | None) -> str:
    """What a report of the simulation tells of: its session, or its order."""
    if report is None:
        return ""
    content = report.content
    if isinstance(content, Listening | Evaluation):
        return content.session
    if isinstance(content, HelpAsked):
        return content.help
    return f"order {content.order} {content.accepted}" if isinstance(content, OrderReceived) else str(content)


def _content(report: Report | None) -> str:
    return "" if report is None else digest_of(encode(report))
