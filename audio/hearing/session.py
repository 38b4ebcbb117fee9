"""What one session has done to an ear, from the frames that were played and the gains that they were played at."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from audio.hearing.dose import exposure_pa2h, level_dba

EARLY_DB = 4.0
"""A montage falls from its beginning: who stops early has heard louder minutes than its mean. docs/hazards.md."""


@dataclass(frozen=True)
class Played:
    """Frames of one device rate; `changes`: (from which frame on, gain) in their order; `gain_db`: at the start.

    gain_untold_db: what is reckoned with after the last change told, when there were more; None: there were none.
    """

    frames: int
    frames_total: int
    rate_hz: int
    gain_db: float
    changes: Sequence[tuple[int, float]] = ()
    gain_untold_db: float | None = None


@dataclass(frozen=True)
class Heard:
    """Energy-equivalent level, the loudest level set, exposure."""

    level_dba: float
    level_max_dba: float
    pa2h: float


def heard(played: Played, dba_at_0_db: float) -> Heard | None:
    """What was heard of a package that makes `dba_at_0_db` at gain 0; None when nothing was played."""
    if played.frames <= 0 or played.rate_hz <= 0:
        return None
    parts = [(dba_at_0_db + gain_db, frames / played.rate_hz) for gain_db, frames in _stretches(played)]
    loudest = max(level for level, _ in parts)
    exposure = math.fsum(exposure_pa2h(level, duration_s) for level, duration_s in parts)
    if played.frames < played.frames_total:
        whole = exposure_pa2h(loudest, played.frames_total / played.rate_hz)  # a part is never more than all of it
        exposure = min(exposure * 10 ** (EARLY_DB / 10), whole)
    return Heard(level_dba(exposure, played.frames / played.rate_hz), loudest, exposure)


def _stretches(played: Played) -> Iterator[tuple[float, int]]:
    """(gain, frames) one after the other, as long as anything was played."""
    gain_db, since = played.gain_db, 0
    for at_frame, next_db in played.changes:
        until = min(max(at_frame, since), played.frames)
        if until > since:
            yield gain_db, until - since
        gain_db, since = next_db, until
    if played.frames > since:
        last_db = gain_db if played.gain_untold_db is None else max(gain_db, played.gain_untold_db)
        yield last_db, played.frames - since
