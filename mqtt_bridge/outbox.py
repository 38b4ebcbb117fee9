"""The outbox: sealed reports, kept until the clinic's database has them and for thirty days more.

A table in the database of the process that writes the reports, so that a result and its report are one transaction.
"""

import secrets
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mqtt_bridge import seal
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.care import PlanReference
from mqtt_bridge.contract.codec import BYTES_MAX, ContractError, Count, decode, encode
from mqtt_bridge.contract.report import CARE, Content, Identity, Report, Stream, priority_of
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.database import has_column, has_table
from mqtt_bridge.enrolment import Enrolment
from mqtt_bridge.sqlite import Database

Token = Callable[[int], str]
"""So many random bytes, in hexadecimal: `secrets.token_hex`, unless a simulation draws them."""
Reads = Callable[[], wire.Form]
"""The newest form of letters that the clinic has said it reads."""
_TABLE = """
CREATE TABLE IF NOT EXISTS outbox (
    stream TEXT NOT NULL, epoch TEXT NOT NULL, seq INTEGER NOT NULL,
    letter BLOB NOT NULL,
    landed_ms INTEGER,  -- the clinic's own time when it said that it has it
    PRIMARY KEY (stream, epoch, seq)
)
"""
_LAST_TABLE = """
CREATE TABLE IF NOT EXISTS outbox_last (epoch TEXT PRIMARY KEY, seq INTEGER NOT NULL)
"""
"""The highest number that an epoch has given: a row may be gone, its number is never given again."""
_PRIORITY = f"ALTER TABLE outbox ADD COLUMN priority INTEGER NOT NULL DEFAULT {CARE}"
"""Since help can be asked for. A row of before is of a care, as most are."""
_RECORDED = "ALTER TABLE outbox ADD COLUMN recorded BLOB"
"""When the row was written, by the box's clocks: a technician must know since when something waits."""
_IN_ORDER = "CREATE INDEX IF NOT EXISTS outbox_in_order ON outbox (priority, epoch, seq)"


class Told(wire.Ack, frozen=True):
    """An acknowledgement as link.db keeps it.

    since_ms: since when, by its own time, the clinic has unsaid nothing of this epoch. A database put back begins it
    anew: what was sent again has been there since then only, whenever it first landed.
    settled: what this very word settles; None: the clinic is of before it was told.
    """

    since_ms: Count = 0


class LetterTooLargeError(ContractError):
    """A report that no clinic would read, and that would be sent for ever."""


@dataclass(frozen=True)
class Row:
    """One sealed report, ready to travel. priority: the lower first, whatever its number."""

    stream: Stream
    epoch: str
    seq: int
    letter: bytes
    priority: int = CARE

    @property
    def key(self) -> tuple[str, int]:
        """(epoch, seq): an epoch belongs to one stream."""
        return self.epoch, self.seq


@dataclass(frozen=True)
class Name:
    """A row without its letter. recorded: when it was written, None where that is not known.

    landed_ms: the clinic's own time when it said that it has it; None: it has not, or the writer has not noted it yet.
    """

    epoch: str
    seq: int
    priority: int
    recorded: Stamp | None = None
    landed_ms: int | None = None


def any_clinic() -> wire.Form:
    """Form 1: what every clinic reads."""
    return 1


class Outbox:
    """The writing side. A new epoch at each start, so that a restored card never reuses an identity.

    A row is sealed in the form that its clinic reads on that day, and stays as it is.
    """

    def __init__(
        self,
        database: Database,
        stream: Stream,
        enrolment: Enrolment,
        token: Token = secrets.token_hex,
        clinic_reads: Reads = any_clinic,
    ) -> None:
        database.execute(_TABLE)
        database.execute(_LAST_TABLE)
        if not has_column(database.conn, "outbox", "priority"):
            database.execute(_PRIORITY)
        if not has_column(database.conn, "outbox", "recorded"):
            database.execute(_RECORDED)
        database.execute(_IN_ORDER)
        database.execute("DELETE FROM outbox_last")  # former epochs give no more numbers
        self._database, self._stream, self._enrolment = database, stream, enrolment
        self._clinic_reads = clinic_reads
        self.epoch = token(8)

    def add(self, content: Content, recorded: Stamp, plan: PlanReference | None = None) -> Identity:
        """Seal and insert a report. Call it inside `database.atomic()`, with what the report tells of.

        Raises LetterTooLargeError: nothing was written, and no number was given.
        """
        place = self._enrolment.place
        identity = Identity(box=place.box, stream=self._stream, epoch=self.epoch, seq=self._next_seq())
        report = Report(
            id=str(uuid.uuid4()),
            identity=identity,
            recorded=recorded,
            content=content,
            patient=plan.patient if plan else None,
            plan=plan.plan if plan else None,
            plan_version=plan.version if plan else None,
        )
        row = {"stream": self._stream, "epoch": self.epoch, "seq": identity.seq, "letter": self._seal(report)}
        self._database.table("outbox").insert({**row, "priority": priority_of(content), "recorded": encode(recorded)})
        self._database.execute(
            "INSERT INTO outbox_last VALUES (?, ?) ON CONFLICT DO UPDATE SET seq = excluded.seq",
            (self.epoch, identity.seq),
        )
        return identity

    def landed(self, ack: wire.Ack) -> None:
        """Note which rows the clinic has; forget those that it has had for thirty days by its own clock.

        By both accounts: ours, of when it first said so, and by the times in its own rows (`settled`), where it tells
        them. Ours alone takes a late word for one of today after a snapshot of the clinic's machine was put back; its
        alone knows nothing of another database that answered in between. A landing of before the clinic unsaid
        something counts no more, even if nobody looked in between.
        """
        long_ago_ms = ack.server_ms - wire.KEPT_MS
        since_ms = ack.since_ms if isinstance(ack, Told) else 0
        rows = self._database.execute("SELECT seq, landed_ms FROM outbox WHERE epoch = ?", (ack.epoch,)).fetchall()
        covered = [(seq, landed_ms) for seq, landed_ms in rows if ack.has(seq)]
        new = [seq for seq, landed_ms in covered if landed_ms is None or landed_ms < since_ms]
        old = [
            seq
            for seq, landed_ms in covered
            if landed_ms is not None and since_ms <= landed_ms < long_ago_ms and ack.lets_go(seq)
        ]
        gone = [seq for seq, landed_ms in rows if landed_ms is not None and not ack.has(seq)]  # it will land anew
        if new or old or gone:
            with self._database.atomic():
                self._note(ack.epoch, new, max(ack.server_ms, since_ms))
                self._note(ack.epoch, gone, None)
                self._forget(ack.epoch, old)

    def _note(self, epoch: str, numbers: list[int], landed_ms: int | None) -> None:
        for seq in numbers:
            query = "UPDATE outbox SET landed_ms = ? WHERE epoch = ? AND seq = ?"
            self._database.execute(query, (landed_ms, epoch, seq))

    def _forget(self, epoch: str, numbers: list[int]) -> None:
        for seq in numbers:
            self._database.execute("DELETE FROM outbox WHERE epoch = ? AND seq = ?", (epoch, seq))

    def _next_seq(self) -> int:
        # From the table, so that a transaction rolled back leaves no gap.
        row = self._database.execute("SELECT seq FROM outbox_last WHERE epoch = ?", (self.epoch,)).fetchone()
        return (row[0] if row else 0) + 1

    def _seal(self, report: Report) -> bytes:
        keys, clinic, form, plain = self._enrolment.keys, self._enrolment.clinic, self._clinic_reads(), encode(report)
        letter = wire.Letter(
            kind="report",
            clinic=self._enrolment.place.clinic,
            box=report.identity.box,
            signer=keys.public.verify_id,
            recipient=clinic.seal_id,
            stream=report.identity.stream,
            epoch=report.identity.epoch,
            seq=report.identity.seq,
            body=seal.seal_body(plain, clinic, form),
            v=form,
        )
        signed = seal.sign(letter, keys)
        size = max(len(plain), len(signed))  # packed it is small, and still no more of it is inflated
        if size > BYTES_MAX:
            raise LetterTooLargeError(
                f"a report ({report.content.__struct_config__.tag}) makes a letter of {size} bytes: the clinic reads "
                f"at most {BYTES_MAX}; write less into it"
            )
        return signed


def kept(connection: sqlite3.Connection) -> Iterator[wire.Held]:
    """Each epoch that still has rows, and its last seq."""
    if has_table(connection, "outbox"):
        query = "SELECT stream, epoch, MAX(seq) FROM outbox GROUP BY stream, epoch ORDER BY MIN(rowid)"
        for stream, epoch, last in connection.execute(query).fetchall():
            yield wire.Held(stream=stream, epoch=epoch, last=last)


def priorities(connection: sqlite3.Connection, through: int | None = None) -> tuple[int, ...]:
    """Those that some row has, up to `through`, in the order of sending.

    A file that no newer kiosk has opened yet has one.
    """
    if not has_table(connection, "outbox"):
        return ()
    if not has_column(connection, "outbox", "priority"):
        return (CARE,) if through is None or through >= CARE else ()
    query = "SELECT DISTINCT priority FROM outbox WHERE priority <= ? ORDER BY priority"
    return tuple(row[0] for row in connection.execute(query, (2**31 if through is None else through,)))


def rows(
    connection: sqlite3.Connection, epoch: str, after: int, limit: int, priority: int | None = None
) -> Iterator[Row]:
    """At most `limit` rows of an epoch beyond the seq `after`, in order; of one priority, or of all."""
    known = has_column(connection, "outbox", "priority")
    column = "priority" if known else str(CARE)
    wanted, of = ("AND priority = ?", (priority,)) if known and priority is not None else ("", ())
    query = f"""SELECT stream, epoch, seq, letter, {column} FROM outbox
        WHERE epoch = ? AND seq > ? {wanted} ORDER BY seq LIMIT ?"""  # noqa: S608  # our own words
    for row in connection.execute(query, (epoch, after, *of, limit)).fetchall():
        yield Row(*row)


def names(connection: sqlite3.Connection) -> Iterator[Name]:
    """Every row, in the order of sending, without its letter."""
    if has_table(connection, "outbox"):
        priority = "priority" if has_column(connection, "outbox", "priority") else str(CARE)
        recorded = "recorded" if has_column(connection, "outbox", "recorded") else "NULL"
        landed = "landed_ms" if has_column(connection, "outbox", "landed_ms") else "NULL"
        query = f"SELECT epoch, seq, {priority}, {recorded}, {landed} FROM outbox ORDER BY 3, rowid"  # noqa: S608  # our own words
        for epoch, seq, level, raw, landed_ms in connection.execute(query).fetchall():
            yield Name(epoch, seq, level, _stamp(raw), landed_ms)


def landed_ms(name: Name, ack: Told | None) -> int | None:
    """By when the clinic had it, at the latest and by its own time; None: it has it not.

    As `Outbox.landed` would note it now: only the writer of the row notes, and it may not have looked since.
    """
    if ack is None or not ack.has(name.seq):
        return None
    noted = name.landed_ms
    return noted if noted is not None and noted >= ack.since_ms else max(ack.server_ms, ack.since_ms)


def _stamp(raw: bytes | None) -> Stamp | None:
    try:
        return None if raw is None else decode(raw, Stamp)
    except ContractError:
        return None  # another version's words
