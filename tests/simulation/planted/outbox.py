"""The outbox of a box: numbers, epochs, when a row goes."""

from msgspec import structs

from mqtt_bridge.contract import wire
from mqtt_bridge.contract.care import PlanReference
from mqtt_bridge.contract.report import Content, Identity, Stream
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.enrolment import Enrolment
from mqtt_bridge.outbox import Outbox, Reads, Token
from mqtt_bridge.sqlite import Database


class CountsRows(Outbox):
    """The next number is one more than there are rows: used again once some were forgotten."""

    def _next_seq(self) -> int:
        query = "SELECT COUNT(*) FROM outbox WHERE epoch = ?"
        (count,) = self._database.execute(query, (self.epoch,)).fetchone()
        return int(count) + 1


class OneEpoch(Outbox):
    """An epoch for each stream, for ever."""

    def __init__(
        self, database: Database, stream: Stream, enrolment: Enrolment, token: Token, clinic_reads: Reads
    ) -> None:
        super().__init__(database, stream, enrolment, token, clinic_reads)
        self.epoch = {"kiosk": "a" * 16, "link": "b" * 16}[stream]

    def _next_seq(self) -> int:
        query = "SELECT MAX(seq) FROM outbox WHERE epoch = ?"
        (highest,) = self._database.execute(query, (self.epoch,)).fetchone()
        return (highest or 0) + 1


class ForgetsAtOnce(Outbox):
    """What has landed is deleted."""

    def landed(self, ack: wire.Ack) -> None:
        for (seq,) in self._database.execute("SELECT seq FROM outbox WHERE epoch = ?", (ack.epoch,)).fetchall():
            if ack.has(seq):
                self._forget(ack.epoch, [seq])


class CountsFromTheFirstLanding(Outbox):
    """Thirty days from the first landing, though a backup was put back since."""

    def landed(self, ack: wire.Ack) -> None:
        super().landed(structs.replace(ack, since_ms=0))

    def _note(self, epoch: str, numbers: list[int], landed_ms: int | None) -> None:
        if landed_ms is not None:
            super()._note(epoch, numbers, landed_ms)


class HearsNothingOfSettled(Outbox):
    """Thirty days by the box's own account alone."""

    def landed(self, ack: wire.Ack) -> None:
        super().landed(structs.replace(ack, settled=None))


class BySettledAlone(Outbox):
    """Thirty days by the clinic's account alone, whatever the box has heard of another database."""

    def landed(self, ack: wire.Ack) -> None:
        super().landed(ack)
        if ack.settled is not None:
            rows = self._database.execute("SELECT seq FROM outbox WHERE epoch = ?", (ack.epoch,)).fetchall()
            self._forget(ack.epoch, [seq for (seq,) in rows if ack.has(seq) and ack.lets_go(seq)])


class TwoTransactions(Outbox):
    """The report is committed before the result that it tells of."""

    def add(self, content: Content, recorded: Stamp, plan: PlanReference | None = None) -> Identity:
        identity = super().add(content, recorded, plan)
        if self._stream == "kiosk":
            self._database.execute("COMMIT")
            self._database.execute("BEGIN")
        return identity


class NoSyncOnTheBox(Outbox):
    def __init__(
        self, database: Database, stream: Stream, enrolment: Enrolment, token: Token, clinic_reads: Reads
    ) -> None:
        database.execute("PRAGMA synchronous=OFF")
        super().__init__(database, stream, enrolment, token, clinic_reads)


class WritesForm2(Outbox):
    """Reports are written in the newest form, whatever the clinic reads."""

    def __init__(
        self, database: Database, stream: Stream, enrolment: Enrolment, token: Token, clinic_reads: Reads
    ) -> None:
        super().__init__(database, stream, enrolment, token, lambda: 2)
