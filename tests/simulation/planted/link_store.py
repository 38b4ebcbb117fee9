"""link.db: what is remembered of the clinic's words and orders, and what goes first."""

from contextlib import closing

from mqtt_bridge.contract import wire
from mqtt_bridge.contract.codec import encode
from mqtt_bridge.contract.order import Order
from mqtt_bridge.contract.report import CALL, OrderReceived
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.database import open_reader
from mqtt_bridge.link.reading import KeptOrder, LinkReader
from mqtt_bridge.link.store import Key, LinkStore
from mqtt_bridge.outbox import Row


class AnyOrder(LinkStore):
    """The serial of an acknowledgement is not looked at, nor what it unsays."""

    def remember(self, ack: wire.Ack, *, anyway: bool) -> bool:
        super().remember(ack, anyway=True)
        query = "INSERT OR REPLACE INTO acknowledged VALUES (?, ?, ?, ?)"
        self._database.execute(query, (ack.stream, ack.epoch, ack.serial, encode(ack)))
        return True


class AnswersUnsay(LinkStore):
    """An answer to our question counts, whatever was heard since."""

    def remember(self, ack: wire.Ack, *, anyway: bool) -> bool:
        if anyway:
            self._database.execute("DELETE FROM acknowledged WHERE epoch = ?", (ack.epoch,))
        return super().remember(ack, anyway=anyway)


class TakesOldWords(LinkStore):
    """A word of before a snapshot counts where nothing is known of its epoch: its serial is the highest then."""

    def _is_of_before(self, ack: wire.Ack) -> bool:
        return False


class AsksAboutOne(LinkStore):
    """A hello asks about one epoch."""

    def kept_most_wanted(self, limit: int) -> tuple[wire.Held, ...]:
        return self.kept()[:1]


class TakesTwice(LinkStore):
    """An order that comes again is told of again."""

    def keep_order(self, order: Order, letter: bytes, received: Stamp) -> bool:
        new = super().keep_order(order, letter, received)
        if not new:
            with self._database.atomic():
                self.own.add(OrderReceived(order=order.id, accepted=True), received)
        return new


class NewestComesLast(LinkStore):
    """The plan in force is the one that arrived last."""

    def newest_letter(self, kind: str) -> tuple[int, bytes] | None:
        query = "SELECT serial, letter FROM orders WHERE kind = ? ORDER BY received_wall_ms DESC, serial DESC LIMIT 1"
        row = self._database.execute(query, (kind,)).fetchone()
        return None if row is None else (int(row[0]), bytes(row[1]))


class LastComeIsApplied(LinkReader):
    """The link keeps the order of serials, the kiosk goes by the plan that arrived last."""

    def newest(self, kind: str) -> KeptOrder | None:
        database = open_reader(self._path)
        if database is None:
            return None
        with closing(database):
            query = "SELECT serial FROM orders WHERE kind = ? ORDER BY received_wall_ms DESC, serial DESC LIMIT 1"
            row = database.execute(query, (kind,)).fetchone()
        return self.order(row[0]) if row else None


class AlertsWait(LinkStore):
    """Only calls leave first; strong pain waits its turn in a month of reports."""

    def waiting(self, limit: int, skip: frozenset[Key], through: int | None = None) -> list[Row]:
        if through is not None:
            return super().waiting(limit, skip, CALL)
        rows = super().waiting(10_000, skip)
        return sorted(rows, key=lambda row: (row.stream, row.epoch, row.seq))[:limit]


class OldestEpochOnly(LinkStore):
    """Only the rows of the present kiosk are looked for."""

    def waiting(self, limit: int, skip: frozenset[Key], through: int | None = None) -> list[Row]:
        rows = super().waiting(limit + len(skip), frozenset(), through)
        newest = self.kept()[-1].epoch if self.kept() else ""
        return [row for row in rows if row.epoch == newest and row.key not in skip][:limit]


class FirstComeFirstSent(LinkStore):
    """Rows leave in the order in which they were written, whatever they say."""

    def waiting(self, limit: int, skip: frozenset[Key], through: int | None = None) -> list[Row]:
        rows = super().waiting(10_000, skip)
        return [] if through is not None else sorted(rows, key=lambda row: (row.stream, row.epoch, row.seq))[:limit]
