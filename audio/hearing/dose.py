"""The weekly dose of sound: WHO-ITU H.870 (Guidelines for safe listening devices/systems, 2018), clause 6.

Exposure is the square of the A-weighted sound pressure, summed over time (Pa²h): +3 dB is the same exposure in half
the time. A person has an allowance over any seven days.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

REFERENCE_PA = 20e-6
"""0 dB of sound pressure level (ISO 1683)."""
WEEK_S = 7 * 24 * 3600
Mode = Literal["adult", "sensitive"]
"""H.870's two: 80 dBA for 40 h a week, and 75 dBA for 40 h (children, and whoever a clinician thinks of)."""
ALLOWANCE_DBA: dict[Mode, float] = {"adult": 80.0, "sensitive": 75.0}
ALLOWANCE_H = 40.0
LEVEL_DBA_MIN, LEVEL_DBA_MAX = -100.0, 200.0
"""A computed level outside is a mistake of the caller's, not a sound."""


def exposure_pa2h(level_dba: float, duration_s: float) -> float:
    """Exposure of a steady level. Raises ValueError: a level or a duration that cannot be."""
    if not LEVEL_DBA_MIN <= level_dba <= LEVEL_DBA_MAX or not 0 <= duration_s < math.inf:
        raise ValueError(f"{level_dba} dBA for {duration_s} s: a level from {LEVEL_DBA_MIN} to {LEVEL_DBA_MAX} dBA")
    return REFERENCE_PA**2 * 10 ** (level_dba / 10) * duration_s / 3600


def level_dba(exposure: float, duration_s: float) -> float:
    """The steady level that makes `exposure` (Pa²h) in `duration_s`; -inf when there is none to be made."""
    if exposure <= 0 or duration_s <= 0:
        return -math.inf
    return 10 * math.log10(exposure * 3600 / duration_s / REFERENCE_PA**2)


def allowance_pa2h(mode: Mode) -> float:
    """What a week may hold: 1.6 Pa²h for adults, 0.51 Pa²h in the sensitive mode."""
    return exposure_pa2h(ALLOWANCE_DBA[mode], ALLOWANCE_H * 3600)


def percent(exposure: float, mode: Mode) -> float:
    """`exposure` (Pa²h) in percent of the weekly allowance."""
    return 100 * exposure / allowance_pa2h(mode)


@dataclass(frozen=True)
class Heard:
    """One stretch of sound that was heard. `age_s`: how long ago it ended."""

    pa2h: float
    age_s: float


def week_pa2h(heard: Iterable[Heard]) -> float:
    """Exposure of the last seven days. What ended just seven days ago is over; an age below 0 is not believed."""
    return math.fsum(one.pa2h for one in heard if one.age_s < WEEK_S)
