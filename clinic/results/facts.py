"""The few facts of each care that prompts to readjust are made from.

They change with the sessions and not with the clock, so that they can be kept (`Progress`) until another report comes.
"""

from collections.abc import Sequence
from statistics import fmean

import msgspec

from clinic.results.course import Lived
from clinic.results.effect import HEARD_MIN, Ramps, pair_of, ramp_of
from clinic.results.matters import gained

LAST_HEARD = 12
"""Of how many sessions, the last ones, the effect is reckoned."""
LAST_STARTED, LAST_LEVELS = 10, 5


class Gain(msgspec.Struct, frozen=True):
    """The mean gain on one item, more being better, over `sessions` of them."""

    item: str
    points: float
    sessions: int


class CareFacts(msgspec.Struct, frozen=True):
    """Of one care. `gains`: from the person's own answers, over the last sessions that were heard at least by half."""

    request: str
    care: str
    sessions: int
    last_ms: int
    started: int
    stopped: int
    """Of the last `started` sessions."""
    gains: tuple[Gain, ...]
    level_max_dba: float | None
    """The mean, over the last sessions, of the loudest that the person set it to."""
    dose_week_percent: float | None
    dose_ms: int


def facts_of(lived: Sequence[Lived], ramps: Ramps) -> tuple[CareFacts, ...]:
    by_care: dict[str, list[Lived]] = {}
    for one in lived:
        by_care.setdefault(one.request, []).append(one)
    return tuple(_facts(found, ramps) for found in by_care.values())


def _facts(found: list[Lived], ramps: Ramps) -> CareFacts:
    last = found[-LAST_STARTED:]
    heard = [one for one in found if one.heard and one.heard.played >= HEARD_MIN][-LAST_HEARD:]
    levels = [one.heard.level_max_dba for one in found if one.heard and one.heard.level_max_dba is not None]
    doses = [(one.heard.dose_week_percent, one.at_ms) for one in found if one.heard]
    dose, dose_ms = next(((dose, ms) for dose, ms in reversed(doses) if dose is not None), (None, 0))
    return CareFacts(
        request=found[-1].request,
        care=found[-1].care,
        sessions=len(found),
        last_ms=found[-1].at_ms,
        started=len(last),
        stopped=sum(one.heard is not None and one.heard.outcome == "stopped" for one in last),
        gains=_gains(heard, ramps),
        level_max_dba=fmean(levels[-LAST_LEVELS:]) if len(levels) >= LAST_LEVELS else None,
        dose_week_percent=dose,
        dose_ms=dose_ms,
    )


def _gains(heard: list[Lived], ramps: Ramps) -> tuple[Gain, ...]:
    names = dict.fromkeys(item for one in heard if one.before for item in one.before.scores)
    return tuple(gain for item in names if (gain := _gain(item, heard, ramps)))


def _gain(item: str, heard: list[Lived], ramps: Ramps) -> Gain | None:
    pairs = [pair for one in heard if (pair := pair_of(one, item, by_person=True))]
    if not pairs:
        return None
    mean = fmean(gained(pair.change, ramp_of(item, ramps)) for pair in pairs)
    return Gain(item, round(mean, 2), len(pairs))
