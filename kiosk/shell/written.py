"""What the people of the box have written: under way until it is sent, and for thirty days what was sent.

Sealed to the box itself, as the orders of the clinic are: a copy of bedside.db alone tells that somebody wrote, and
when; docs/threats.md.
"""

from collections.abc import Callable

import msgspec

from kiosk.journey.letters import SentLetter
from kiosk.journey.notes import About, Writing
from mqtt_bridge import seal
from mqtt_bridge.contract.codec import ContractError
from mqtt_bridge.contract.report import Content, DeliveryAsked, MessageFromPatient
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.sqlite import Database

KEPT_MS = 30 * 24 * 3600_000
SENT_MAX = 50
"""Of one person; the oldest go."""
OPENED_MAX = 500
"""Held open in memory: to open one costs a millisecond on a small board, at each look."""
TABLES = (
    """CREATE TABLE IF NOT EXISTS writing (
        patient TEXT NOT NULL, about TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (patient, about))""",
    """CREATE TABLE IF NOT EXISTS sent_letter (
        id INTEGER PRIMARY KEY, message TEXT NOT NULL UNIQUE, patient TEXT NOT NULL, body BLOB NOT NULL,
        wall_ms INTEGER, lived_ms INTEGER NOT NULL)""",
)


class _Body(msgspec.Struct, frozen=True):
    text: str
    reply_to: str | None = None


class WrittenKept:
    """On the kiosk's own database. `lived`: the time that the box is sure of. Every method raises sqlite3.Error."""

    def __init__(self, database: Database, keys: seal.SecretKeys, lived: Callable[[Stamp], int]) -> None:
        self._database, self._keys, self._lived = database, keys, lived
        self._opened: dict[bytes, _Body | None] = {}
        for table in TABLES:
            database.execute(table)

    def put(self, note: Writing) -> None:
        """What is under way now; no text: nothing. Within the caller's transaction."""
        if not note.text:
            self._done(note.patient, note.about)
            return
        query = "INSERT OR REPLACE INTO writing VALUES (?, ?, ?)"
        body = self._seal(_Body(note.text, note.reply_to))
        self._database.execute(query, (note.patient, note.about, body))

    def sent(self, content: Content, patient: str, now: Stamp) -> None:
        """A report took what was under way with it. Within the caller's transaction."""
        if isinstance(content, DeliveryAsked):
            self._done(patient, "delivery")
        if isinstance(content, MessageFromPatient):
            self._done(patient, "letter")
            wall_ms = content.written.wall_ms if content.written.trusted else None
            row = (content.message, patient, self._seal(_Body(content.text)), wall_ms, self._lived(now))
            query = "INSERT INTO sent_letter (message, patient, body, wall_ms, lived_ms) VALUES (?, ?, ?, ?, ?)"
            self._database.execute(query, row)

    def forget(self, now: Stamp) -> None:
        """What is older than thirty days."""
        self._database.execute("DELETE FROM sent_letter WHERE lived_ms < ?", (self._lived(now) - KEPT_MS,))

    def writings(self, patient: str) -> tuple[Writing, ...]:
        rows = self._database.execute("SELECT about, body FROM writing WHERE patient = ?", (patient,)).fetchall()
        found = ((about, self._open(body)) for about, body in rows)
        return tuple(Writing(patient, about, body.text, body.reply_to) for about, body in found if body is not None)

    def letters(self, patient: str) -> tuple[SentLetter, ...]:
        """Newest first; where each is, is not known here."""
        query = "SELECT id, message, body, wall_ms FROM sent_letter WHERE patient = ? ORDER BY id DESC LIMIT ?"
        rows = self._database.execute(query, (patient, SENT_MAX)).fetchall()
        found = ((row, self._open(row[2])) for row in rows)
        return tuple(SentLetter(row[1], body.text, row[0], row[3]) for row, body in found if body is not None)

    def _done(self, patient: str, about: About) -> None:
        self._database.execute("DELETE FROM writing WHERE patient = ? AND about = ?", (patient, about))

    def _seal(self, body: _Body) -> bytes:
        return seal.seal(msgspec.json.encode(body), self._keys.public)

    def _open(self, sealed: bytes) -> _Body | None:
        """None: damaged, or of keys that the box no longer has; it was sent, or is lost with them."""
        if sealed not in self._opened:
            if len(self._opened) >= OPENED_MAX:
                self._opened.clear()
            self._opened[sealed] = self._read(sealed)
        return self._opened[sealed]

    def _read(self, sealed: bytes) -> _Body | None:
        try:
            return msgspec.json.decode(seal.unseal(sealed, self._keys), type=_Body)
        except (ContractError, msgspec.DecodeError):
            return None
