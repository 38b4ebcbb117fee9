"""Bugs put in on purpose, one at a time, in the place of the real code: each must be found.

`seed`: one that finds it today, tried first by the tests; `make planted` searches from the beginning.
"""

import itertools
import secrets
from collections import deque
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from msgspec import structs

from mqtt_bridge import seal
from mqtt_bridge.clinic_end import ClinicEnd, Head, Outgoing, Read
from mqtt_bridge.clinic_store import Arrival, Epoch, Has, Kept, Standing
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.care import PlanReference
from mqtt_bridge.contract.codec import encode
from mqtt_bridge.contract.order import Order, ReadReceipt
from mqtt_bridge.contract.report import CALL, Content, Identity, OrderReceived, Stream
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.database import open_reader
from mqtt_bridge.enrolment import Enrolment
from mqtt_bridge.honest_time import HonestClock, Known, honest
from mqtt_bridge.link.asking import Asked, Asking
from mqtt_bridge.link.end import Effect, LinkEnd, Publish
from mqtt_bridge.link.reading import KeptOrder, LinkReader
from mqtt_bridge.link.store import Key, LinkStore
from mqtt_bridge.link.urgent import Urgently
from mqtt_bridge.mqtt.port import Delivered
from mqtt_bridge.outbox import Outbox, Reads, Row, Token
from mqtt_bridge.sqlite import Database
from tests.simulation.clinic import BATCH_MAX, Clinic
from tests.simulation.network import Client
from tests.simulation.record import Row as SeenRow
from tests.simulation.record import SqlRecord, digest_of, mark_of
from tests.simulation.world import Parts

# The clinic's


class AcknowledgesFirst(Clinic):
    """The answers leave before the transaction has committed."""

    def _keep_some(self) -> None:
        _acknowledge_first(self, self._arrived, self.client)


class AcknowledgesCallsFirst(Clinic):
    """The same of what comes by the channel `urgent`."""

    def _keep_urgent(self) -> None:
        _acknowledge_first(self, self._pressing, self.urgent)


def _acknowledge_first(clinic: Clinic, queue: deque[Delivered], client: Client | None) -> None:
    messages = list(itertools.islice(queue, BATCH_MAX))
    with clinic.record.transaction():
        for message in messages:
            clinic._publish_all(clinic._end.receive(message.topic, message.payload, clinic.now_ms))
            queue.popleft()
            clinic.effect()
            clinic._settle(client, message)
    clinic.world.truths.clinic_committed(clinic.record, [m.payload for m in messages], [m.topic for m in messages])


class ReadsTooMuch(Clinic):
    """A receipt names one report too many."""

    def _receipt(self, rows: list[SeenRow]) -> ReadReceipt:
        receipt = super()._receipt(rows)
        last = receipt.reports[-1]
        return structs.replace(receipt, reports=(*receipt.reports, structs.replace(last, seq=last.seq + 1)))


class ThroughTheLast(ClinicEnd):
    """`through` is the highest number that came, whatever is missing below it."""

    def _ack(self, of: Epoch, standing: Standing, head: Head) -> wire.Ack:
        ack = super()._ack(of, standing, head)
        return _changed(ack, through=max([ack.through, *(r.last for r in ack.ranges)]), ranges=())


class OneTooMany(ClinicEnd):
    """Ranges are off by one."""

    def _ack(self, of: Epoch, standing: Standing, head: Head) -> wire.Ack:
        ack = super()._ack(of, standing, head)
        return _changed(ack, through=ack.through + 1)


class HeldIsForgotten(ClinicEnd):
    """What could only be held is told as readable."""

    def _ack(self, of: Epoch, standing: Standing, head: Head) -> wire.Ack:
        return _changed(super()._ack(of, standing, head), held=())


class AnswersInForm2(ClinicEnd):
    """Whoever speaks is answered in the newest form."""

    def _say(self, box: str, acks: Sequence[wire.Ack], form: wire.Form) -> list[Outgoing]:
        return super()._say(box, acks, 2)


class TellsEverybody(ClinicEnd):
    """That the channel `urgent` is read is told to whoever asks, understood or not."""

    def _tells_urgent(self, nonce: str | None) -> bool:
        return nonce is not None and self.hears_urgent()


class NoQuarantine(ClinicEnd):
    """What cannot be read is dropped."""

    def _set_aside(self, one: Read, problem: str, now_ms: int) -> None:
        pass


class AnyHand(ClinicEnd):
    """The box's signature is not checked."""

    def _letter(self, topic: str, payload: bytes, keys: seal.PublicKeys | None) -> wire.Letter:
        try:
            return super()._letter(topic, payload, keys)
        except seal.SealError:
            return seal.read_letter(payload)


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


# The box's outbox


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
        super().landed(_changed(ack, since_ms=0))

    def _note(self, epoch: str, numbers: list[int], landed_ms: int | None) -> None:
        if landed_ms is not None:
            super()._note(epoch, numbers, landed_ms)


class HearsNothingOfSettled(Outbox):
    """Thirty days by the box's own account alone."""

    def landed(self, ack: wire.Ack) -> None:
        super().landed(_changed(ack, settled=None))


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


# The box's link


class BelievesTheBroker(LinkEnd):
    """A PUBACK is taken for storage: the row is not sent again."""

    def published(self, row: Key, *, accepted: bool, now: Stamp) -> list[Effect]:
        done: set[Key] = self.__dict__.setdefault("_done", set())
        if accepted:
            done.add(row)
        return super().published(row, accepted=accepted, now=now)

    def _send(self, now: Stamp) -> list[Effect]:
        done: set[Key] = self.__dict__.setdefault("_done", set())
        before = set(self._unanswered)
        self._unanswered |= done
        effects = super()._send(now)
        self._unanswered = before
        return effects


class CallsGoneAtPuback(LinkEnd):
    """A PUBACK on the channel `urgent` is taken for storage; on `up` it is not."""

    def _publish(self, row: Row, now: Stamp) -> Publish:
        publish = super()._publish(row, now)
        if publish.topic.endswith("/urgent"):
            self.__dict__.setdefault("_pressed", set()).add(row.key)
        return publish

    def published(self, row: Key, *, accepted: bool, now: Stamp) -> list[Effect]:
        if accepted and row in self.__dict__.get("_pressed", set()):
            self.__dict__.setdefault("_done", set()).add(row)
            self._urgently.landed([row])
        return super().published(row, accepted=accepted, now=now)

    def _forget(self, lost: set[Key]) -> None:
        super()._forget(lost - self.__dict__.get("_done", set()))

    def _send(self, now: Stamp) -> list[Effect]:
        done: set[Key] = self.__dict__.get("_done", set())
        before = set(self._unanswered)
        self._unanswered |= done
        effects = super()._send(now)
        self._unanswered = before
        return effects


class UrgentAlone(LinkEnd):
    """What went by the channel `urgent` never goes by `up`."""

    def __init__(
        self, enrolment: Enrolment, store: LinkStore, token: Token = secrets.token_hex, *, wiped: bool = False
    ) -> None:
        super().__init__(enrolment, store, token, wiped=wiped)
        self._urgently = _UrgentAlone(store)


class _UrgentAlone(Urgently):
    def channel(self, row: Row, now: Stamp) -> wire.Channel:
        self._by_it: set[Key] = self.__dict__.get("_by_it", set())
        if super().channel(row, now) == "urgent":
            self._by_it.add(row.key)
        return "urgent" if row.key in self._by_it else "up"


class UrgentUnasked(LinkStore):
    """The channel `urgent` is written to, whoever the clinic is."""

    def clinic_hears_urgent(self) -> bool:
        return True


class TellsAtPuback(LinkEnd):
    """« Dans votre dossier », says the broker's PUBACK."""

    def published(self, row: Key, *, accepted: bool, now: Stamp) -> list[Effect]:
        if accepted:
            span = wire.Range(first=row[1], last=row[1])
            ack = wire.Ack(
                ledger="broker",
                serial=0,
                stream="kiosk",
                epoch=row[0],
                through=0,
                server_ms=now.wall_ms,
                ranges=(span,),
            )
            self._store.remember(ack, anyway=False)
        return super().published(row, accepted=accepted, now=now)


class NobodySigns(LinkEnd):
    """The clinic's signature is not checked."""

    def _letter(self, topic: str, payload: bytes) -> wire.Letter:
        return seal.read_letter(payload)


class AnyNonce(LinkEnd):
    """Every acknowledgement counts as an answer to our question."""

    def __init__(
        self, enrolment: Enrolment, store: LinkStore, token: Token = secrets.token_hex, *, wiped: bool = False
    ) -> None:
        super().__init__(enrolment, store, token, wiped=wiped)
        self._asking = _AnyNonce()


class _AnyNonce(Asking):
    def answered_by(self, ack: wire.Ack) -> Asked | None:
        return self._asked[-1] if self._asked else None


class OnlyTheLatest(AnyNonce):
    """An answer counts for the latest hello alone: where it takes longer than the next hello waits, none ever does."""

    def __init__(
        self, enrolment: Enrolment, store: LinkStore, token: Token = secrets.token_hex, *, wiped: bool = False
    ) -> None:
        super().__init__(enrolment, store, token, wiped=wiped)
        self._asking = _OnlyTheLatest()


class _OnlyTheLatest(Asking):
    def ask(self, nonce: str, sent: Stamp, before: Collection[Key], known_serial: int) -> None:
        self.forget()
        super().ask(nonce, sent, before, known_serial)


class EarlierOnesCount(AnyNonce):
    """The answer to an earlier hello counts after that to a later one, too."""

    def __init__(
        self, enrolment: Enrolment, store: LinkStore, token: Token = secrets.token_hex, *, wiped: bool = False
    ) -> None:
        super().__init__(enrolment, store, token, wiped=wiped)
        self._asking = _EarlierOnesCount()


class _EarlierOnesCount(Asking):
    def heard(self, asked: Asked, epoch: str) -> None:
        asked.answered.add(epoch)

    def only(self, asked: Asked) -> None:
        pass


class AdoptsUnasked(LinkEnd):
    """Another ledger's word is adopted, whoever asked."""

    def _ack(self, ack: wire.Ack, form: wire.Form, now: Stamp) -> list[Effect] | None:
        if ack.ledger != self._store.ledger():
            self._store.adopt_ledger(ack.ledger)
        return super()._ack(ack, form, now)


class NothingIsLost(LinkEnd):
    """What an answer does not name is not sent again."""

    def _answered(self, asked: Asked, ack: wire.Ack, now: Stamp) -> None:
        kept = set(self._unanswered)
        super()._answered(asked, ack, now)
        self._unanswered |= kept


class ExpiredIsObeyed(LinkEnd):
    def _refusal(self, order: Order, now: Stamp) -> str:
        refusal = super()._refusal(order, now)
        return "" if refusal == "expired" else refusal

    def _doubt(self, order: Order, now: Stamp) -> str:
        doubt = super()._doubt(order, now)
        return "" if doubt == "expired" else doubt


class AnyClockRefuses(LinkEnd):
    """A network's time refuses orders before the clinic has said what time it is."""

    def _knows_the_time(self, now: Stamp) -> bool:
        return True


class WaitsForPubacks(LinkEnd):
    """What the broker has not confirmed is not asked about."""

    def _answered(self, asked: Asked, ack: wire.Ack, now: Stamp) -> None:
        publishing = set(self._publishing)
        super()._answered(asked, ack, now)
        self._publishing |= publishing


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


class ForgetsTheWay(LinkStore):
    """The clinic's time is taken for that at which its answer came, whatever the way took."""

    def note_answer(self, at: Stamp, told: wire.Exchange) -> None:
        super().note_answer(at, structs.replace(told, sent_monotonic_ms=told.received_monotonic_ms))


class BelievesTheMachine(HonestClock):
    """A machine's clock that a network has set is believed, whatever the clinic says."""

    def __call__(self) -> Stamp:
        machine = self._machine()
        return machine if machine.trusted else super().__call__()


class AnyBoot(HonestClock):
    """An answer of before the power was cut is carried on by a monotonic clock that began anew."""

    def __call__(self) -> Stamp:
        machine, known = self._machine(), self._known()
        told = known.exchange
        return honest(machine, Known(told and structs.replace(told, boot=machine.boot), known.floor))


def _changed(ack: wire.Ack, **fields: object) -> wire.Ack:
    return type(ack)(**{name: getattr(ack, name) for name in ack.__struct_fields__} | fields)


@dataclass(frozen=True)
class Planted:
    name: str
    seed: int
    parts: Parts

    def on(self, store: Parts) -> Parts | None:
        """The bug on another of the clinic's databases; None: it is one of plain SQL alone."""
        if store.record is SqlRecord:
            return self.parts
        if self.parts.record is not SqlRecord:
            return None
        return replace(self.parts, record=store.record, disk_errors=store.disk_errors)


PLANTED = (
    Planted("acknowledge before commit", 5_000_000, Parts(clinic=AcknowledgesFirst)),
    Planted("calls acknowledged before commit", 6_000_021, Parts(clinic=AcknowledgesCallsFirst)),
    Planted("read says one too many", 2_000_000, Parts(clinic=ReadsTooMuch)),
    Planted("through beyond what is missing", 0, Parts(clinic_end=ThroughTheLast)),
    Planted("ranges off by one", 0, Parts(clinic_end=OneTooMany)),
    Planted("stored counted, not looked at", 0, Parts(record=LedgerInParts)),
    Planted("held forgotten", 3, Parts(clinic_end=HeldIsForgotten)),
    Planted("no quarantine", 0, Parts(clinic_end=NoQuarantine)),
    Planted("a box's signature unchecked", 2, Parts(clinic_end=AnyHand)),
    Planted("same identity overwritten", 4, Parts(record=Overwrites)),
    Planted("a revoked box is heard", 22, Parts(record=RevokedIsHeard)),
    Planted("only orders beyond the highest", 46, Parts(record=BeyondTheHighest)),
    Planted("a superseded plan is sent", 3, Parts(record=SupersededIsSent)),
    Planted("a confirmed plan is not sent again", 2_000_027, Parts(record=ConfirmedIsThere)),
    Planted("settled by the box's time", 3_000_012, Parts(record=ReceivedWhenWritten)),
    Planted("settled by rows, not by times", 3_000_012, Parts(record=SettledByRows)),
    Planted("no fsync at the clinic", 5_000_000, Parts(record=NoSyncAtTheClinic)),
    Planted("answers in form 2, whoever asks", 11, Parts(clinic_end=AnswersInForm2)),
    Planted("urgent told to who does not take it", 6_000_012, Parts(clinic_end=TellsEverybody)),
    Planted("form 2 written unasked", 0, Parts(outbox=WritesForm2)),
    Planted("seq reused", 19, Parts(outbox=CountsRows)),
    Planted("epoch reused", 7, Parts(outbox=OneEpoch)),
    Planted("rows forgotten too early", 0, Parts(outbox=ForgetsAtOnce)),
    Planted("thirty days from the first landing", 1_000_000, Parts(outbox=CountsFromTheFirstLanding)),
    Planted("settled unheard", 3_000_012, Parts(outbox=HearsNothingOfSettled)),
    Planted("by settled alone", 1_000_000, Parts(outbox=BySettledAlone)),
    Planted("report and result in two transactions", 13, Parts(outbox=TwoTransactions)),
    Planted("no fsync on the box", 13, Parts(outbox=NoSyncOnTheBox)),
    Planted("a disk that lies", 0, Parts(disk_lies=True)),
    Planted("row gone at PUBACK", 0, Parts(link_end=BelievesTheBroker)),
    Planted("call gone at PUBACK", 6_000_006, Parts(link_end=CallsGoneAtPuback)),
    Planted("urgent is the only way", 6_000_044, Parts(link_end=UrgentAlone)),
    Planted("urgent written unasked", 6_000_000, Parts(link_store=UrgentUnasked)),
    Planted("told at PUBACK", 0, Parts(link_end=TellsAtPuback)),
    Planted("the clinic's signature unchecked", 2, Parts(link_end=NobodySigns)),
    Planted("nonce not checked", 7, Parts(link_end=AnyNonce)),
    Planted("only the latest hello is answered", 2, Parts(link_end=OnlyTheLatest)),
    Planted("earlier hellos count after later ones", 3_000_004, Parts(link_end=EarlierOnesCount)),
    Planted("ledger adopted unasked", 66, Parts(link_end=AdoptsUnasked)),
    Planted("lost rows not sent again", 4, Parts(link_end=NothingIsLost)),
    Planted("expired order obeyed", 2, Parts(link_end=ExpiredIsObeyed, record=ExpiredIsSent)),
    Planted("a network's time refuses orders", 176, Parts(link_end=AnyClockRefuses)),
    Planted("unconfirmed rows not asked about", 24, Parts(link_end=WaitsForPubacks)),
    Planted("an overtaken answer unsays", 13, Parts(link_store=AnswersUnsay)),
    Planted("words of before a snapshot taken", 1_167, Parts(link_store=TakesOldWords)),
    Planted("serial ignored", 0, Parts(link_store=AnyOrder)),
    Planted("hello asks about one epoch", 34, Parts(link_store=AsksAboutOne)),
    Planted("order taken twice", 0, Parts(link_store=TakesTwice)),
    Planted("older plan in force", 1, Parts(link_store=NewestComesLast)),
    Planted("the kiosk applies what came last", 1, Parts(reader=LastComeIsApplied)),
    Planted("former epochs not sent", 1, Parts(link_store=OldestEpochOnly)),
    Planted("the way of an answer forgotten", 1, Parts(link_store=ForgetsTheWay)),
    Planted("a network's time believed", 9, Parts(clock=BelievesTheMachine)),
    Planted("an answer of another boot", 4, Parts(clock=AnyBoot)),
    Planted("strong pain waits its turn", 0, Parts(link_store=AlertsWait)),
    Planted("help waits its turn", 3, Parts(link_store=FirstComeFirstSent)),
)
