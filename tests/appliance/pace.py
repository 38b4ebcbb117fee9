"""Whether a care took as long as its frames last: the stream's time beside the box's monotonic clock, by its report.

Begin and end are the kiosk's stamps, of one boot; frames and silences are the player's count. A silence that nobody
counted makes the clock longer than both; frames that were never played make it shorter. What the box takes itself, at
both ends of the care, is longer on a machine that has other work: it is held to the turns of the same run.
"""

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path

AHEAD_S = 0.1
"""Frames count as played when the card has fetched them: QEMU's holds two buffers of 43 ms."""
LATE_S = 5.0
"""Between button and first frame, and between last frame and the kiosk's stamp: seen 0.1 s on a quiet machine, 0.9 and
1.8 s at a load of 5, 1.4 s at one of 15 (turns of 4.5 s), 2.4 s in an emulator that had a tenth of two cores. Where a
turn takes longer than half of it, TURNS of them."""
TURNS = 2
"""A turn: from a touch to the screen that follows, as it was seen. There is one at each end of a care."""
LATE_S_MOST = 10.0
"""On no machine more: what is longer than that is told, whatever a turn takes."""
_LAST = """
SELECT l.boot, l.monotonic_ms, l.ended_boot, l.ended_monotonic_ms, l.rate_hz, l.frames_played, l.gaps, l.gaps_total
FROM results_listening l JOIN results_session s ON s.id = l.session_id WHERE s.device_id = ? ORDER BY l.id DESC LIMIT 1
"""


@dataclass(frozen=True)
class Pace:
    """Of one care, in seconds: clock_s by the box's monotonic clock, stream_s its frames by their rate, gaps_s each."""

    clock_s: float
    stream_s: float
    gaps_s: tuple[float, ...] = ()
    gaps_total: int = 0

    def __str__(self) -> str:
        return f"{self.stream_s:.2f} s of frames and {sum(self.gaps_s):.2f} s of silences in {self.clock_s:.2f} s"


def last(clinic_db: Path, box: str) -> Pace | None:
    """Of the care that the clinic was told of last; None: of none, or the box started anew within it.

    Raises sqlite3.Error.
    """
    database = sqlite3.connect(f"file:{clinic_db}?mode=ro", uri=True)
    try:
        row = database.execute(_LAST, (box,)).fetchone()
    finally:
        database.close()
    if row is None or row[0] != row[2] or not row[4]:
        return None
    _, began_ms, _, ended_ms, rate_hz, frames, gaps, total = row
    silences = tuple(gap["duration_ms"] / 1000 for gap in json.loads(gaps))
    return Pace((ended_ms - began_ms) / 1000, frames / rate_hz, silences, total)


def late_s_max(turn_s: float) -> float:
    """What may be neither frames nor counted silences, where a turn takes so long."""
    return min(LATE_S_MOST, max(LATE_S, TURNS * turn_s))


def amiss(told: Pace, thrown_away_s: float = 0.0, turn_s: float = 0.0) -> str:
    """Why the clock does not fit the frames; empty: it does.

    thrown_away_s: of frames that the emulator's card took and did not play (heard.py), in no time at all.
    turn_s: how long a turn took in the same run, half of them at most.
    """
    over_s = told.clock_s - told.stream_s - sum(told.gaps_s)
    if over_s < -thrown_away_s - AHEAD_S:
        return f"{told}: {-over_s:.2f} s too short, and {thrown_away_s:.2f} s were thrown away"
    if over_s > (late_s := late_s_max(turn_s)):
        return f"{told}: {over_s:.2f} s of it are neither, at most {late_s:.1f}"
    return ""
