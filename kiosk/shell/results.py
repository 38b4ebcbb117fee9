"""Which report tells of what, and whether it has landed: the table `result` of bedside.db."""

from dataclasses import dataclass
from typing import Any, get_args

from mqtt_bridge.contract import wire
from mqtt_bridge.contract.care import PlanReference
from mqtt_bridge.contract.report import (
    Answers,
    Content,
    Evaluation,
    Identity,
    LessonRead,
    Listening,
    subject_of,
)

_TABLE = """CREATE TABLE IF NOT EXISTS result (
    id INTEGER PRIMARY KEY, session TEXT NOT NULL, kind TEXT NOT NULL, outcome TEXT NOT NULL,
    epoch TEXT NOT NULL, seq INTEGER NOT NULL)"""
_COLUMNS_SINCE = {"patient": "TEXT", "landed": "INTEGER"}
_ANSWERS = ", ".join(f"'{kind.__struct_config__.tag}'" for kind in get_args(Answers))


@dataclass(frozen=True)
class Told:
    """What one report was about, and where it is on the wire: (epoch, seq)."""

    subject: str
    outcome: str
    report: tuple[str, int]


class ResultsKept:
    """Written in the transaction of who writes the report. Every method may raise sqlite3.Error."""

    def __init__(self, database: Any) -> None:
        self._database = database
        database.execute(_TABLE)
        self._add_columns()

    def _add_columns(self) -> None:
        """A file of an earlier version gets what came since."""
        there = {row[1] for row in self._read("PRAGMA table_info(result)")}
        for name, kind in _COLUMNS_SINCE.items():
            if name not in there:
                self._database.execute(f"ALTER TABLE result ADD COLUMN {name} {kind}")

    def note(self, content: Content, identity: Identity, plan: PlanReference | None) -> None:
        """Which report tells of what: `session` holds the subject, whatever kind of report it is."""
        row = {
            "patient": plan.patient if plan else None,
            "session": subject_of(content),
            "kind": str(content.__struct_config__.tag),
            "outcome": _outcome(content),
            "epoch": identity.epoch,
            "seq": identity.seq,
        }
        self._database.table("result").insert(row)

    def landed(self, ack: wire.Ack) -> None:
        """The clinic has told what it has."""
        for (seq,) in self._read("SELECT seq FROM result WHERE epoch = ? AND landed IS NULL", ack.epoch):
            if ack.has(seq):
                query = "UPDATE result SET landed = ? WHERE epoch = ? AND seq = ?"
                self._database.execute(query, (ack.server_ms, ack.epoch, seq))

    def told_of(self, patient: str, kind: type[Content]) -> list[Told]:
        """Every report of a kind that a person has made here, newest first."""
        query = "SELECT session, outcome, epoch, seq FROM result WHERE patient = ? AND kind = ? ORDER BY id DESC"
        rows = self._read(query, patient, str(kind.__struct_config__.tag))
        return [Told(str(subject), str(outcome), (str(epoch), int(seq))) for subject, outcome, epoch, seq in rows]

    def last_session(self, patient: str) -> str | None:
        """The last session, or form, of a person that has answers."""
        query = f"SELECT session FROM result WHERE patient = ? AND kind IN ({_ANSWERS}) ORDER BY id DESC LIMIT 1"  # noqa: S608
        rows = self._read(query, patient)
        return str(rows[0][0]) if rows else None

    def reports_of(self, session: str) -> list[tuple[str, int]]:
        """(epoch, seq) of each report of a session, but those that landed and were forgotten thirty days later."""
        query = """SELECT r.epoch, r.seq FROM result r LEFT JOIN outbox o ON o.epoch = r.epoch AND o.seq = r.seq
            WHERE r.session = ? AND (o.seq IS NOT NULL OR r.landed IS NULL)"""
        return [(str(epoch), int(seq)) for epoch, seq in self._read(query, session)]

    def _read(self, query: str, *words: str) -> list[tuple[Any, ...]]:
        return list(self._database.execute(query, words).fetchall())


def _outcome(content: Content) -> str:
    match content:
        case Listening():
            return content.outcome
        case Evaluation():
            return content.moment
        case LessonRead(pages_read=read, pages=pages, version=version):
            return str(version) if read >= pages else ""
        case _:
            return ""
