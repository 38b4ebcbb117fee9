"""How loud a session may be offered: what was prescribed, what the week still holds, what the box can do."""

from dataclasses import dataclass
from typing import Literal

from audio.hearing.dose import Mode, allowance_pa2h, level_dba

GAIN_DB_MIN, GAIN_DB_MAX = -40.0, 0.0
"""What the player takes."""
FLOOR_DBA = 50.0
"""Softer than this the quiet middle of a montage is not heard in an inhabited room: such a care is not offered."""
SOFTENED_DB_MIN = 0.5
"""A smaller difference is not heard, and not told."""


@dataclass(frozen=True)
class Wish:
    """What is prescribed: the level at the start, the loudest, gains of older plans, the whole duration."""

    level_dba: float
    level_max_dba: float
    gain_db: float | None
    gain_max_db: float | None
    duration_s: float
    mode: Mode


@dataclass(frozen=True)
class Offer:
    """`gain_db` at the start, `gain_max_db` at most. `softened`: because of the week, audibly so."""

    gain_db: float
    gain_max_db: float
    softened: bool


@dataclass(frozen=True)
class NotNow:
    """`week`: the person has heard so much that it would be inaudible; `device`: it cannot be played so softly."""

    why: Literal["week", "device"]


def offer(wish: Wish, dba_at_0_db: float, heard_pa2h: float) -> Offer | NotNow:
    """The loudest that is prescribed and fits into the week when the whole session is heard.

    dba_at_0_db: level of this package on this box at gain 0; heard_pa2h: exposure of the last seven days.
    """
    left_dba = level_dba(allowance_pa2h(wish.mode) - heard_pa2h, wish.duration_s)
    softest_dba = dba_at_0_db + GAIN_DB_MIN
    if wish.level_max_dba < softest_dba:
        return NotNow("device")
    if left_dba < softest_dba or left_dba < min(FLOOR_DBA, wish.level_dba):
        return NotNow("week")
    prescribed_db = _gain(wish.level_max_dba - dba_at_0_db, wish.gain_max_db)
    loudest_db = min(prescribed_db, _gain(left_dba - dba_at_0_db, None))
    wanted_db = min(_gain(wish.level_dba - dba_at_0_db, wish.gain_db), prescribed_db)
    start_db = min(wanted_db, loudest_db)
    return Offer(start_db, loudest_db, wanted_db - start_db >= SOFTENED_DB_MIN)


def _gain(gain_db: float, stated_db: float | None) -> float:
    """Within what the player takes, and never above what an older plan states."""
    most = GAIN_DB_MAX if stated_db is None else min(GAIN_DB_MAX, stated_db)
    return max(GAIN_DB_MIN, min(gain_db, most))
