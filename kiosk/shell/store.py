"""bedside.db: the outbox, the draft under way, which reports tell of which session, doses. One writer: the kiosk."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec import structs

from kiosk.journey.draft import Draft
from kiosk.journey.effects import Write
from kiosk.journey.events import Forms, Heard, Past
from kiosk.journey.letters import SentLetter
from kiosk.journey.notes import CareNote, Note, Tries, Writing
from kiosk.shell.doses import Doses
from kiosk.shell.forms_done import FormsDone
from kiosk.shell.helps import HelpsKept, KeptHelp
from kiosk.shell.past import PastKept
from kiosk.shell.people import TriesKept
from kiosk.shell.results import ResultsKept, Told
from kiosk.shell.room import Room
from kiosk.shell.standings import Standings, StandingsKept
from kiosk.shell.time_kept import TimeKept
from kiosk.shell.written import WrittenKept
from mqtt_bridge.bedside_told import BoxToldKept
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.codec import ContractError, decode, encode
from mqtt_bridge.contract.correspondence import Standing
from mqtt_bridge.contract.report import (
    Content,
    DeathTold,
    FormAnswered,
    HelpAsked,
    Identity,
    Listening,
    SelfTested,
)
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.database import BUSY_MS, OnlyWriterError, is_full, only_writer, open_writer
from mqtt_bridge.enrolment import Enrolment
from mqtt_bridge.honest_time import Floor, Known
from mqtt_bridge.outbox import Outbox, Reads, any_clinic

_DRAFT = "CREATE TABLE IF NOT EXISTS draft (one INTEGER PRIMARY KEY CHECK (one = 1), draft BLOB NOT NULL)"


class StorageError(Exception):
    """The disk did not take it: full, read-only or damaged."""


class FullError(StorageError):
    """The disk has no room left, not even what is kept for a session."""


@contextmanager
def _asked() -> Iterator[None]:
    """What SQLite refuses is a StorageError."""
    try:
        yield
    except sqlite3.Error as error:
        raise StorageError(str(error)) from error


class BedsideStore:
    """The kiosk's own database, and the room that it keeps free for the session under way."""

    def __init__(self, path: Path, enrolment: Enrolment, clinic_reads: Reads = any_clinic) -> None:
        """Raises StorageError: damaged, full (FullError), or another kiosk writes it.

        On a card without a block left even opening fails. The room kept for a session is given then, as a write is.
        """
        self._room = Room(path)
        self._stale = True
        """Whether the write-ahead log may hold words that are over."""
        try:
            self._lock = only_writer(path)
        except (OSError, OnlyWriterError) as error:
            raise _storage_error(path, error) from error
        try:
            self._open(path, enrolment, clinic_reads)
        except (sqlite3.Error, OSError):
            self._room.give_up()
            self._open_again(path, enrolment, clinic_reads)

    def _open_again(self, path: Path, enrolment: Enrolment, clinic_reads: Reads) -> None:
        try:
            self._open(path, enrolment, clinic_reads)
        except (sqlite3.Error, OSError) as error:
            self._lock.close()
            raise _storage_error(path, error) from error

    def _open(self, path: Path, enrolment: Enrolment, clinic_reads: Reads) -> None:
        self._database = open_writer(path)
        try:
            self._begin(enrolment, clinic_reads)
        except sqlite3.Error:
            self._database.close()
            raise

    def _begin(self, enrolment: Enrolment, clinic_reads: Reads) -> None:
        self._database.execute("PRAGMA secure_delete=ON")  # a draft's former words, and what was forgotten
        self._database.execute(_DRAFT)
        self._results = ResultsKept(self._database)
        self._doses = Doses(self._database)
        self._forms = FormsDone(self._database)
        self._past = PastKept(self._database, self._doses.lived_ms)
        self._helps = HelpsKept(self._database, self._doses.lived_ms)
        self._written = WrittenKept(self._database, enrolment.keys, self._doses.lived_ms)
        self._tries, self._standings = TriesKept(self._database), StandingsKept(self._database)
        self._outbox = Outbox(self._database, "kiosk", enrolment, clinic_reads=clinic_reads)
        self._time = TimeKept(self._database)
        self._box = BoxToldKept(self._database)

    @property
    def epoch(self) -> str:
        return self._outbox.epoch

    def close(self) -> None:
        self._database.close()
        self._lock.close()

    def write(self, order: Write) -> None:
        """All of it or nothing, on the disk when it returns. Raises StorageError; nothing is half written then."""
        try:
            self._write(order)
        except (sqlite3.Error, OSError, ContractError):
            # The room kept for this session is what it is for.
            self._room.give_up()
            self._write_again(order)

    def reserve(self) -> bool:
        """Keep room for a session; False when the disk has none."""
        return self._room.keep()

    def draft(self) -> Draft | None:
        """What was under way. An unreadable one (another version's) is put aside by the next write."""
        rows = self._read("SELECT draft FROM draft")
        try:
            return decode(rows[0][0], Draft) if rows else None
        except ContractError:
            return None

    def heard(self, patient: str, now: Stamp) -> tuple[Heard, ...]:
        """What a person has heard in the last seven days. Raises StorageError."""
        with _asked():
            return self._doses.heard(patient, now)

    def past(self, patient: str, now: Stamp) -> Past:
        """What a person has had on this box. Raises StorageError."""
        with _asked():
            return self._past.of(patient, now)

    def forms(self, patient: str, now: Stamp) -> Forms:
        """Which forms a person has sent, and when. Raises StorageError."""
        with _asked():
            return self._forms.told(patient, self._doses.lived(now), now)

    def last_help(self, patient: str | None, now: Stamp) -> KeptHelp | None:
        """The last request of a person for a carer; None: none in a day. Raises StorageError."""
        with _asked():
            return self._helps.last(patient, now)

    def tell_player(self, *, here: bool) -> None:
        """For the link's heartbeat: whether the player answers. Raises StorageError."""
        with _asked():
            self._box.tell(structs.replace(self._box.told, player=here))

    @property
    def floor(self) -> Floor | None:
        """What is surely past, as this database has kept it."""
        return self._time.floor

    def keep_floor(self, known: Known, now: Stamp) -> None:
        """Note what is surely past by now. Raises StorageError."""
        with _asked():
            self._time.keep(known, now)

    def keep_time(self, now: Stamp) -> None:
        """Note how much time has surely passed, forget what is over and wipe it away. Raises StorageError."""
        with _asked():
            self._doses.keep_time(now)
            self._past.forget(now)
            self._helps.forget(now)
            self._written.forget(now)
            self._wipe()

    def _wipe(self) -> None:
        """Empty the write-ahead log, which keeps every former state of a draft until it is written over.

        Once after what was confirmed or left; at the next look when another process reads just now.
        """
        if self._stale:
            self._database.execute("PRAGMA busy_timeout=0")
            try:
                busy, *_ = self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                self._database.execute(f"PRAGMA busy_timeout={BUSY_MS}")
            self._stale = bool(busy)

    def written(self, patient: str) -> tuple[tuple[Writing, ...], tuple[SentLetter, ...]]:
        """What a person has under way, and what they have sent, newest first. Raises StorageError."""
        with _asked():
            return self._written.writings(patient), self._written.letters(patient)

    def told_of(self, patient: str, kind: type[Content]) -> list[Told]:
        """Every report of a kind that a person has made here, newest first. Raises StorageError."""
        with _asked():
            return self._results.told_of(patient, kind)

    def tries(self, now: Stamp) -> tuple[Tries, ...]:
        """The codes tried in vain. Raises StorageError."""
        with _asked():
            return self._tries.all(now)

    def take_standing(self, order: Standing, serial: int) -> None:
        """Keep where a person stands. Raises StorageError."""
        with _asked():
            self._standings.take(order, serial)

    def standings(self, newest_serial: int) -> Standings:
        """Of everybody, the last told last. newest_serial: of all orders that have come. Raises StorageError."""
        self._standings.serial = max(self._standings.serial, newest_serial)
        with _asked():
            return self._standings.all()

    def last_session(self, patient: str) -> str | None:
        """The last session, or form, of a person that has answers."""
        with _asked():
            return self._results.last_session(patient)

    def reports_of(self, session: str) -> list[tuple[str, int]]:
        """(epoch, seq) of each report of a session, but those that landed and were forgotten thirty days later."""
        with _asked():
            return self._results.reports_of(session)

    def waiting(self) -> int:
        """How many reports have not landed. Raises StorageError."""
        return int(self._read("SELECT COUNT(*) FROM outbox WHERE landed_ms IS NULL")[0][0])

    def free_bytes(self) -> int:
        """Room on the disk beside what is kept free for a session and for the databases. Raises StorageError."""
        try:
            return self._room.free_bytes()
        except OSError as error:
            raise StorageError(str(error)) from error

    def epochs(self) -> list[str]:
        """Every epoch that still has reports here."""
        return [str(epoch) for (epoch,) in self._read("SELECT DISTINCT epoch FROM outbox")]

    def _read(self, query: str, *words: str) -> list[tuple[Any, ...]]:
        with _asked():
            return list(self._database.execute(query, words).fetchall())

    def landed(self, ack: wire.Ack) -> None:
        """The clinic has told what it has. Raises StorageError."""
        with _asked():
            self._outbox.landed(ack)
            self._results.landed(ack)

    def _write_again(self, order: Write) -> None:
        try:
            self._write(order)
        except (sqlite3.Error, OSError, ContractError) as error:
            raise StorageError(str(error)) from error

    def _write(self, order: Write) -> None:
        with self._database.atomic():
            for content in order.reports:
                identity = self._outbox.add(content, order.at, order.plan)
                self._results.note(content, identity, order.plan)
                self._remember(content, identity, order)
                if isinstance(content, Listening) and content.dose_pa2h and order.plan:
                    self._doses.add(order.plan.patient, content, order.at)
                if isinstance(content, DeathTold) and order.plan:
                    self._standings.died(order.plan.patient)
            for note in order.notes:
                self._put_note(note, order.at)
            self._put_draft(order.draft)
        self._stale = self._stale or bool(order.reports) or order.draft is None

    def _remember(self, content: Content, identity: Identity, order: Write) -> None:
        """What home, the limits and the garden need to know of it later."""
        self._past.add(content, order.plan, order.at)
        if order.plan is not None:
            self._written.sent(content, order.plan.patient, order.at)
        if isinstance(content, SelfTested):
            self._box.tell(structs.replace(self._box.told, tested=_tested(content)))
        if isinstance(content, HelpAsked):
            self._helps.add(content, identity, order.plan.patient if order.plan else None, order.at)
        if isinstance(content, FormAnswered) and order.plan:
            self._forms.add(order.plan.patient, content, self._doses.lived(order.at))
        if isinstance(content, HelpAsked | Listening | FormAnswered):
            self._doses.mark(order.at)

    def _put_note(self, note: Note, now: Stamp) -> None:
        match note:
            case Tries():
                self._tries.put(note, now)
            case Writing():
                self._written.put(note)
            case CareNote():
                self._past.note(note, now)

    def _put_draft(self, draft: Draft | None) -> None:
        if draft is None:
            self._database.execute("DELETE FROM draft")
            return
        query = "INSERT INTO draft VALUES (1, ?) ON CONFLICT DO UPDATE SET draft = excluded.draft"
        self._database.execute(query, (encode(draft),))


def _storage_error(path: Path, error: Exception) -> StorageError:
    full = isinstance(error, sqlite3.Error) and is_full(error)
    full = full or (isinstance(error, OSError) and error.errno == errno.ENOSPC)
    full = full or Room(path).is_gone()
    return (FullError if full else StorageError)(f"{path}: {error}")


def _tested(content: SelfTested) -> wire.Tested:
    """Without the words: what a check said may name a package, and packages are for someone."""
    fine = tuple(one.check for one in content.findings if one.fine)
    return wire.Tested(made=content.made, fine=fine, failed=tuple(o.check for o in content.findings if not o.fine))
