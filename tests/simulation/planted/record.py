"""The clinic's database: what it keeps, sends and remembers."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path

from mqtt_bridge import seal
from mqtt_bridge.clinic_store import Arrival, Epoch, Has, Kept, Standing
from tests.simulation.record import SqlRecord, digest_of, mark_of


class Overwrites(SqlRecord):
    """The same identity with another content takes the place of the first."""

    def keep(self, arrival: Arrival) -> Kept:
        kept = super().keep(arrival)
        if kept is Kept.CONFLICT:
            i = arrival.identity
            row = (digest_of(arrival.payload), mark_of(arrival.report), i.box, i.stream, i.epoch, i.seq)
            query = "UPDATE report SET digest = ?, mark = ? WHERE (box, stream, epoch, seq) = (?, ?, ?, ?)"
            self._database.execute(query, row)
        return kept


class RevokedIsHeard(SqlRecord):
    """Revocation closes the broker's door alone."""

    def box_keys(self, box: str) -> seal.PublicKeys | None:
        row = self._database.execute("SELECT verify, seal FROM box WHERE id = ?", (box,)).fetchone()
        return seal.PublicKeys(verify=row[0], seal=row[1]) if row else None


class BeyondTheHighest(SqlRecord):
    """A hello brings only the orders beyond the box's highest."""

    def orders_after(self, box: str, has: Has, now_ms: int) -> Iterator[bytes]:
        query = """SELECT letter FROM orders WHERE box = ? AND serial > ? AND expires_ms > ?
            AND (kind != 'plan' OR serial = (SELECT MAX(serial) FROM orders WHERE box = ? AND kind = 'plan'))"""
        return iter([row[0] for row in self._database.execute(query, (box, has.through, now_ms, box))])


class SupersededIsSent(SqlRecord):
    """A box that has lost its plan is sent every plan again, those that were stopped too."""

    def orders_after(self, box: str, has: Has, now_ms: int) -> Iterator[bytes]:
        query = "SELECT letter FROM orders WHERE box = ? AND (serial > ? OR NOT received) AND expires_ms > ?"
        return iter([row[0] for row in self._database.execute(query, (box, has.through, now_ms))])


class ConfirmedIsThere(SqlRecord):
    """What a box has once confirmed it has for ever."""

    def orders_after(self, box: str, has: Has, now_ms: int) -> Iterator[bytes]:
        return super().orders_after(box, Has(has.through, 2**53), now_ms)


class ExpiredIsSent(SqlRecord):
    """The clinic leaves it to the box to notice that an order has expired."""

    def orders_after(self, box: str, has: Has, now_ms: int) -> Iterator[bytes]:
        return super().orders_after(box, has, 0)


class ReceivedWhenWritten(SqlRecord):
    """Rows bear the time at which the box wrote them: what is filled again seems to have been there all along."""

    def keep(self, arrival: Arrival) -> Kept:
        report = arrival.report
        return super().keep(replace(arrival, received_ms=report.recorded.wall_ms) if report else arrival)


class SettledByRows(SqlRecord):
    """What the database has is settled, whenever it came."""

    def first_since(self, of: Collection[Epoch], since_ms: int) -> dict[Epoch, int]:
        return {}


class NoSyncAtTheClinic(SqlRecord):
    def __init__(self, folder: Path, ledger: str) -> None:
        super().__init__(folder, ledger)
        self._database.execute("PRAGMA synchronous=OFF")


class LedgerInParts(SqlRecord):
    """Each message of a batch is its own transaction, and what fails half-way stays."""

    def standing(self, box: str, stream: str, epoch: str) -> Standing:
        seen = super().standing(box, stream, epoch)
        held = [seq for span in seen.held for seq in range(span.first, span.last + 1)]
        count = sum(span.last - span.first + 1 for span in seen.has) - len(held)
        return Standing.of(range(1, count + 1), held)
