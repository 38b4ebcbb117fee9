"""What each person of the box has had: a table of bedside.db, in clear (docs/threats.md).

For thirty days it tells when, how much was heard and what was answered before and after (A14, A15). Then nothing is
left but a plant of the garden (A13): of which kind the care was, how much of it was heard, and whether it eased.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from kiosk.journey.events import Grown, Past, PastCare, Scores
from kiosk.journey.notes import CareNote
from mqtt_bridge.contract.care import PlanReference
from mqtt_bridge.contract.forms import QuestionnaireResponse
from mqtt_bridge.contract.report import Content, Evaluation, Listening
from mqtt_bridge.contract.stamp import Stamp

KEPT_MS = 30 * 24 * 3600_000
GROWN_MAX = 500
"""Plants of a person: the oldest go when there are more, and the garden looks the same."""
TABLE = """CREATE TABLE IF NOT EXISTS past (
    id INTEGER PRIMARY KEY, patient TEXT NOT NULL, session TEXT UNIQUE, request TEXT, kind TEXT,
    share REAL, eased INTEGER, own INTEGER NOT NULL DEFAULT 1, noted_ms INTEGER NOT NULL,
    started_ms INTEGER, ended_ms INTEGER,
    started_wall_ms INTEGER, counts INTEGER, before TEXT, after TEXT)"""
_OTHERS = ("relative", "carer")
"""Who answered about the person: not the person's own words, never shown as such."""


class PastKept:
    """On the kiosk's own database. `lived`: the time that the box is sure of. Every method raises sqlite3.Error."""

    def __init__(self, database: Any, lived: Callable[[Stamp], int]) -> None:
        self._database, self._lived = database, lived
        self._known: tuple[tuple[str, int], Past] | None = None
        database.execute(TABLE)

    def of(self, patient: str, now: Stamp) -> Past:
        """Oldest first. Read again only when something has changed."""
        shift_ms = now.monotonic_ms - self._lived(now)
        if self._known is None or self._known[0] != (patient, shift_ms):
            self._known = (patient, shift_ms), self._read(patient, shift_ms)
        return self._known[1]

    def add(self, content: Content, plan: PlanReference | None, now: Stamp) -> None:
        """What a report says of a care. Within the caller's transaction."""
        if plan is None or not isinstance(content, Evaluation | Listening):
            return
        self._begin(content.session, plan.patient, content.request, now)
        if isinstance(content, Listening):
            self._heard(content, now)
        else:
            self._answered(content)

    def note(self, note: CareNote, now: Stamp) -> None:
        """What no report says. Within the caller's transaction."""
        self._begin(note.session, note.patient, None, now)
        query = "UPDATE past SET kind = ?, eased = coalesce(?, eased) WHERE session = ?"
        self._database.execute(query, (note.kind, note.eased, note.session))

    def forget(self, now: Stamp) -> None:
        """What is older than thirty days becomes a plant, or nothing when it was never heard."""
        before_ms = self._lived(now) - KEPT_MS
        old = "noted_ms < ? AND session IS NOT NULL"
        if not self._database.execute(f"SELECT 1 FROM past WHERE {old} LIMIT 1", (before_ms,)).fetchall():  # noqa: S608
            return
        self._known = None
        self._database.execute(f"DELETE FROM past WHERE {old} AND (counts IS NULL OR counts = 0)", (before_ms,))  # noqa: S608
        query = f"""UPDATE past SET session = NULL, request = NULL, started_ms = NULL, ended_ms = NULL,
            started_wall_ms = NULL, before = NULL, after = NULL WHERE {old}"""  # noqa: S608
        self._database.execute(query, (before_ms,))
        query = """DELETE FROM past WHERE session IS NULL AND id NOT IN (SELECT id FROM past AS newer
            WHERE newer.patient = past.patient AND newer.session IS NULL ORDER BY id DESC LIMIT ?)"""
        self._database.execute(query, (GROWN_MAX,))

    def _begin(self, session: str, patient: str, request: str | None, now: Stamp) -> None:
        self._known = None
        query = """INSERT INTO past (patient, session, request, noted_ms) VALUES (?, ?, ?, ?)
            ON CONFLICT (session) DO UPDATE SET request = coalesce(past.request, excluded.request)"""
        self._database.execute(query, (patient, session, request, self._lived(now)))

    def _heard(self, report: Listening, now: Stamp) -> None:
        started_ms, ended_ms = self._times(report, now)
        wall_ms = report.started.wall_ms if report.started.trusted else None
        share = min(1.0, report.frames_played / report.frames_total) if report.frames_total else 0.0
        query = """UPDATE past SET started_ms = ?, ended_ms = ?, started_wall_ms = ?, share = ?, counts = ?
            WHERE session = ?"""
        counts = int(report.frames_played > 0)
        self._database.execute(query, (started_ms, ended_ms, wall_ms, share, counts, report.session))

    def _times(self, report: Listening, now: Stamp) -> tuple[int, int]:
        """When it began and ended, by the time lived. After a power cut it ended when the last of it was heard."""
        lived_ms, started = self._lived(now), report.started
        heard_ms = round(report.listened_s * 1000)
        started_ms = lived_ms - now.monotonic_ms - heard_ms  # at the latest: before this boot
        if started.boot == now.boot:
            started_ms = lived_ms - (now.monotonic_ms - started.monotonic_ms)
        elif started.trusted and now.trusted and started.wall_ms <= now.wall_ms:
            started_ms = lived_ms - (now.wall_ms - started.wall_ms)
        return started_ms, lived_ms if report.frames_exact else min(lived_ms, started_ms + heard_ms)

    def _answered(self, report: Evaluation) -> None:
        column = "before" if report.moment == "before" else "after"
        own = int(report.answered_by not in _OTHERS)
        query = f"UPDATE past SET {column} = ?, own = min(own, ?) WHERE session = ?"  # noqa: S608
        scores = msgspec.json.encode(_scores(report.response)).decode()
        self._database.execute(query, (scores, own, report.session))

    def _read(self, patient: str, shift_ms: int) -> Past:
        query = """SELECT session, request, kind, started_ms, ended_ms, started_wall_ms, counts, share, before, after,
            own, eased FROM past WHERE patient = ? AND kind IS NOT NULL AND counts IS NOT NULL ORDER BY id"""
        rows = self._database.execute(query, (patient,)).fetchall()
        cares = tuple(_care(row, shift_ms) for row in rows if row[0] is not None)
        grown = tuple(Grown(row[2], row[7], _own(row[10], row[11])) for row in rows if row[0] is None)
        return Past(patient, cares, grown)


def _scores(response: QuestionnaireResponse) -> Scores:
    """(linkId, height) of each whole number that was answered."""
    heights = ((item.link_id, response.score(item.link_id)) for item in response.item)
    return tuple((name, height) for name, height in heights if height is not None)


def _care(row: tuple[Any, ...], shift_ms: int) -> PastCare:
    session, request, kind, started_ms, ended_ms, wall_ms, counts, share, before, after, own, eased = row
    return PastCare(
        session=session,
        request=request,
        kind=kind,
        started_ms=started_ms + shift_ms,
        ended_ms=ended_ms + shift_ms,
        started_wall_ms=wall_ms,
        counts=bool(counts),
        share=share,
        before=_told(before),
        after=_told(after),
        own=bool(own),
        eased=_own(own, eased),
    )


def _own(own: int, eased: int | None) -> int | None:
    return eased if own else None


def _told(scores: str | None) -> Scores:
    return msgspec.json.decode(scores, type=Scores) if scores else ()
