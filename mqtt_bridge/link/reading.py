"""link.db as the kiosk reads it: what the clinic's database has, and the orders that came."""

import logging
from collections.abc import Callable, Hashable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection, DatabaseError
from typing import Any, Literal, TypeVar

from mqtt_bridge.contract.codec import ContractError, decode
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.contract.wire import Exchange, Form
from mqtt_bridge.database import BUSY_MS, has_table, is_busy, open_reader
from mqtt_bridge.link import acknowledged
from mqtt_bridge.link.packages import SELECT, TABLE_NAME, Row, read_rows
from mqtt_bridge.outbox import Told

log = logging.getLogger(__name__)

Truth = Literal["pending", "in_record", "held"]
T = TypeVar("T")
KNOWN_MAX = 1000


def truth_of(ack: Told | None, seq: int) -> Truth:
    """What an acknowledgement says of one report of its epoch."""
    if ack is None or not ack.has(seq):
        return "pending"
    return "held" if ack.holds(seq) else "in_record"


@dataclass(frozen=True)
class KeptOrder:
    """An order as it came: a signed, sealed letter."""

    serial: int
    kind: str
    letter: bytes


class LinkReader:
    """Opens the file for each question: the link may make, replace or lose it at any time.

    While the file is busy, what it last said still stands: a plan does not leave the screen because a lock was held.
    """

    def __init__(self, path: Path, busy_ms: int = BUSY_MS) -> None:
        self._path, self._busy_ms = path, busy_ms
        self._known: dict[Hashable, Any] = {}

    def truth(self, epoch: str, seq: int) -> Truth:
        """Where a report is: still ours alone, in the clinic's record, or there and not yet readable."""
        return truth_of(self.ack(epoch), seq)

    def ack(self, epoch: str) -> Told | None:
        def ask(connection: Connection) -> Told | None:
            return acknowledged.read(connection, epoch)

        return self._ask("acknowledged", ask, None, epoch)

    def orders(self, kind: str = "", after: int = 0) -> list[KeptOrder]:
        """Every order kept, newest first; of one kind, and with a serial above `after`, where they are given.

        Orders may come in another sequence than their serials': who must see each one asks without `after`, or from
        a serial of before the last weeks.
        """

        def ask(connection: Connection) -> list[KeptOrder]:
            query = "SELECT serial, kind, letter FROM orders WHERE serial > ? AND ? IN (kind, '') ORDER BY serial DESC"
            return [KeptOrder(*row) for row in connection.execute(query, (after, kind))]

        return self._ask("orders", ask, [], (kind, after))

    def serials(self, kind: str) -> list[int]:
        """Of every order of a kind, newest first: what is new is seen without opening a year of letters."""

        def ask(connection: Connection) -> list[int]:
            query = "SELECT serial FROM orders WHERE kind = ? ORDER BY serial DESC"
            return [int(serial) for (serial,) in connection.execute(query, (kind,))]

        return self._ask("orders", ask, [], ("serials", kind))

    def order(self, serial: int) -> KeptOrder | None:
        def ask(connection: Connection) -> KeptOrder | None:
            row = connection.execute("SELECT serial, kind, letter FROM orders WHERE serial = ?", (serial,)).fetchone()
            return None if row is None else KeptOrder(*row)

        return self._ask("orders", ask, None, ("order", serial))

    def answered(self) -> Stamp | None:
        """When the clinic last answered, by the box's clock; None: never since link.db was made."""

        def ask(connection: Connection) -> Stamp | None:
            row = connection.execute("SELECT answered FROM contact").fetchone()
            return None if row is None else decode(row[0], Stamp)

        return self._ask("contact", ask, None)

    def clinic_time(self) -> Exchange | None:
        """What the clinic has last said of the time, of whatever boot; None: never since link.db was made."""

        def ask(connection: Connection) -> Exchange | None:
            row = connection.execute("SELECT exchange FROM clinic_time").fetchone()
            return None if row is None else decode(row[0], Exchange)

        return self._ask("clinic_time", ask, None)

    def newest(self, kind: str) -> KeptOrder | None:
        """The order of a kind with the highest serial."""

        def ask(connection: Connection) -> KeptOrder | None:
            query = "SELECT serial, kind, letter FROM orders WHERE kind = ? ORDER BY serial DESC LIMIT 1"
            row = connection.execute(query, (kind,)).fetchone()
            return None if row is None else KeptOrder(*row)

        return self._ask("orders", ask, None, kind)

    def packages(self) -> list[Row]:
        """What the clinic has last said of each package, and what became of it."""
        return self._ask(TABLE_NAME, lambda c: list(read_rows(c.execute(SELECT))), [])

    def clinic_reads(self) -> Form:
        """The newest form of letters that the clinic has said it reads; 1 while it has said nothing."""

        def ask(connection: Connection) -> Form:
            row = connection.execute("SELECT form FROM reads").fetchone()
            return 2 if row is not None and row[0] >= 2 else 1

        nothing: Form = 1
        return self._ask("reads", ask, nothing)

    def clinic_hears_urgent(self) -> bool:
        """Whether its last answer said that it reads calls for help and alerts before all else."""

        def ask(connection: Connection) -> bool:
            row = connection.execute("SELECT heard FROM urgent").fetchone()
            return row is not None and bool(row[0])

        return self._ask("urgent", ask, nothing=False)

    def ledger(self) -> str | None:
        def ask(connection: Connection) -> str | None:
            row = connection.execute("SELECT id FROM ledger").fetchone()
            return None if row is None else str(row[0])

        return self._ask("ledger", ask, None)

    def _ask(self, table: str, question: Callable[[Connection], T], nothing: T, of: Hashable = "") -> T:
        try:
            connection = open_reader(self._path, self._busy_ms)
            if connection is None:
                return nothing
            with closing(connection):
                found = question(connection) if has_table(connection, table) else nothing
        except (DatabaseError, ContractError) as error:
            # The link puts a damaged file aside at its next start and has it filled again by the clinic.
            log.error("link.db cannot be read: %s", error)  # noqa: TRY400  # its words are enough
            busy = isinstance(error, DatabaseError) and is_busy(error)
            return self._known.get((table, of), nothing) if busy else nothing
        if len(self._known) >= KNOWN_MAX:
            self._known.clear()
        self._known[table, of] = found
        return found
