"""What the clinic's database holds of one box, and whether anything is there twice. Read only, by SQL of our own."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

_EVALUATIONS = """
SELECT s.session, e.moment, e.status, a.item, a.score, a.words FROM results_evaluation e
JOIN results_session s ON s.id = e.session_id LEFT JOIN results_answer a ON a.evaluation_id = e.id
WHERE s.device_id = ? ORDER BY e.id, a.position
"""
_COUNTS = """
SELECT 'evaluation ' || s.session || ' ' || e.moment, count(*) FROM results_evaluation e
JOIN results_session s ON s.id = e.session_id WHERE s.device_id = :box GROUP BY 1
UNION ALL
SELECT 'listening ' || s.session, count(*) FROM results_listening l
JOIN results_session s ON s.id = l.session_id WHERE s.device_id = :box GROUP BY 1
"""
_OUTCOMES = """
SELECT s.session, l.outcome, l.gain_db, l.gaps_total, l.cause
FROM results_listening l JOIN results_session s ON s.id = l.session_id WHERE s.device_id = ? ORDER BY l.id
"""


@dataclass(frozen=True)
class Clinic:
    """evaluations: (session, moment) -> what was answered, by item; listenings: session -> outcome."""

    evaluations: dict[tuple[str, str], dict[str, int | str]]
    listenings: dict[str, str]
    twice: tuple[str, ...]
    """Each thing that stands there more than once."""
    gain_db: float = 0.0
    """Of the care that was told last, as the two below; cause: why it was not heard whole."""
    gaps_total: int = 0
    cause: str = ""
    causes: frozenset[str] = frozenset()
    """Of all cares that were not heard whole."""


def joined(clinic_db: Path, box: str) -> bool:
    """Whether the clinic has this box. Raises sqlite3.Error."""
    return _any(clinic_db, "SELECT 1 FROM fleet_device WHERE id = ?", box)


def has_package(clinic_db: Path, box: str) -> bool:
    """Whether this box has reported that what it was offered is installed. Raises sqlite3.Error."""
    return _any(clinic_db, "SELECT 1 FROM shelf_offer WHERE device_id = ? AND state = 'installed'", box)


def _any(clinic_db: Path, query: str, box: str) -> bool:
    database = sqlite3.connect(f"file:{clinic_db}?mode=ro", uri=True)
    try:
        return bool(database.execute(query, (box,)).fetchall())
    finally:
        database.close()


def counted(clinic_db: Path, box: str) -> Clinic:
    """Raises sqlite3.Error."""
    database = sqlite3.connect(f"file:{clinic_db}?mode=ro", uri=True)
    try:
        evaluations: dict[tuple[str, str], dict[str, int | str]] = {}
        for session, moment, status, item, score, words in database.execute(_EVALUATIONS, (box,)):
            answers = evaluations.setdefault((session, moment), {"status": status})
            if item is not None and (score is not None or words):
                answers[item] = words if score is None else score
        heard = database.execute(_OUTCOMES, (box,)).fetchall()
        listenings = {session: outcome for session, outcome, *_ in heard}
        twice = tuple(name for name, count in database.execute(_COUNTS, {"box": box}) if count > 1)
        causes = frozenset(cause for *_, cause in heard if cause)
        gain_db, gaps_total, cause = heard[-1][2:] if heard else (0.0, 0, "")
        return Clinic(evaluations, listenings, twice, gain_db, gaps_total, cause, causes)
    finally:
        database.close()
