"""Prompts to readjust (A12): what in the answers and the listening asks a clinician to look at a plan again.

A prompt changes nothing by itself, and each stands with its numbers. The thresholds are one table, chosen by us as
marks to look at; none is validated.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import msgspec

from clinic.results.facts import CareFacts, Gain
from clinic.results.models import PromptSetAside

DAY_MS = 86_400_000


class Kind(StrEnum):
    NO_BENEFIT = "no-benefit"
    WORSE_AFTER = "worse-after"
    NOT_LISTENED = "not-listened"
    STOPPED_OFTEN = "stopped-often"
    LEVEL_NEAR_CAP = "level-near-cap"
    DOSE_HIGH = "dose-high"


@dataclass(frozen=True)
class Thresholds:
    """When a prompt is made. `gain` is in points, more being better."""

    no_benefit_sessions: int = 8
    no_benefit_gain_under: float = 1.0
    """On every item, the mean gain stays under the least change that matters."""
    worse_sessions: int = 5
    worse_gain_at_most: float = -1.0
    """On one item at least, it is worse after by as much."""
    not_listened_days: int = 14
    stopped_started: int = 5
    stopped_share: float = 0.4
    level_under_cap_db: float = 2.0
    """The person sets it, on average, this near to the most that the plan allows."""
    dose_week_percent: float = 80.0
    dose_days: int = 7


THRESHOLDS = Thresholds()
ASIDE_SESSIONS, ASIDE_DAYS = 5, 30
"""A prompt that was set aside comes back after so many more sessions, so many days, or with another plan."""


class Wanted(msgspec.Struct, frozen=True):
    """A care of the plan in force."""

    request: str
    title: str
    level_max_dba: float


class Plan(msgspec.Struct, frozen=True):
    """The plan in force, as far as prompts ask: `name` with its version."""

    name: str
    signed_ms: int
    cares: tuple[Wanted, ...]


@dataclass(frozen=True)
class Prompt:
    """`sessions`: of this care altogether. The other numbers are those that its kind needs."""

    kind: Kind
    request: str
    care: str
    sessions: int
    gain: Gain | None = None
    days: int = 0
    stopped: int = 0
    started: int = 0
    level_dba: float = 0.0
    cap_dba: float = 0.0
    dose_percent: float = 0.0


def prompts(plan: Plan, facts: Iterable[CareFacts], now_ms: int, limits: Thresholds = THRESHOLDS) -> list[Prompt]:
    """For the cares of the plan in force: what nobody may listen to any more needs no readjusting."""
    known = {one.request: one for one in facts}
    return [prompt for care in plan.cares for prompt in _of_care(care, plan, known.get(care.request), now_ms, limits)]


def _of_care(care: Wanted, plan: Plan, known: CareFacts | None, now_ms: int, limits: Thresholds) -> Iterable[Prompt]:
    last_ms = max(plan.signed_ms, known.last_ms if known else 0)
    sessions = known.sessions if known else 0
    if (days := (now_ms - last_ms) // DAY_MS) >= limits.not_listened_days:
        yield Prompt(Kind.NOT_LISTENED, care.request, care.title, sessions, days=days)
    if known is None:
        return
    yield from _of_gains(care, known, limits)
    if known.started >= limits.stopped_started and known.stopped >= limits.stopped_share * known.started:
        yield Prompt(
            Kind.STOPPED_OFTEN, care.request, care.title, sessions, stopped=known.stopped, started=known.started
        )
    level = known.level_max_dba
    if level is not None and level >= care.level_max_dba - limits.level_under_cap_db:
        yield Prompt(
            Kind.LEVEL_NEAR_CAP, care.request, care.title, sessions, level_dba=level, cap_dba=care.level_max_dba
        )
    dose = known.dose_week_percent
    if dose is not None and dose >= limits.dose_week_percent and now_ms - known.dose_ms < limits.dose_days * DAY_MS:
        yield Prompt(Kind.DOSE_HIGH, care.request, care.title, sessions, dose_percent=dose)


def _of_gains(care: Wanted, known: CareFacts, limits: Thresholds) -> Iterable[Prompt]:
    """Worse after is told alone: it says more than no benefit."""
    worst = min(_enough(known.gains, limits.worse_sessions), key=_points, default=None)
    if worst and worst.points <= limits.worse_gain_at_most:
        yield Prompt(Kind.WORSE_AFTER, care.request, care.title, known.sessions, gain=worst)
        return
    best = max(_enough(known.gains, limits.no_benefit_sessions), key=_points, default=None)
    if best and best.points < limits.no_benefit_gain_under:
        yield Prompt(Kind.NO_BENEFIT, care.request, care.title, known.sessions, gain=best)


def _enough(gains: Sequence[Gain], sessions: int) -> list[Gain]:
    return [gain for gain in gains if gain.sessions >= sessions]


def _points(gain: Gain) -> float:
    return gain.points


def is_aside(prompt: Prompt, kept: PromptSetAside, plan: Plan, now_ms: int) -> bool:
    """Whether this word on it still holds."""
    same = (kept.request, kept.kind, kept.plan) == (prompt.request, prompt.kind.value, plan.name)
    few = prompt.sessions < kept.sessions + ASIDE_SESSIONS
    return same and few and now_ms < kept.at_ms + ASIDE_DAYS * DAY_MS
