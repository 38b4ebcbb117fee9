"""Limits that prevent misuse (A15): of both sides, since the clinic writes and shows them and the box keeps them."""

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from mqtt_bridge.contract.codec import ContractError, Word
from mqtt_bridge.contract.identity import Period, TimeOfDay, minute_of


class Hours(Word, frozen=True):
    """From `start` to `end` each day; over midnight when the end comes first. The end is excluded."""

    start: TimeOfDay
    end: TimeOfDay


class Limits(Word, frozen=True):
    """When one care may be started. Nothing given: at any time of the plan's own period.

    per_day_max: starts between two midnights. interval_s_min: from the end of one session to the start of the next.
    """

    hours: Annotated[tuple[Hours, ...], Meta(max_length=6)] = ()
    per_day_max: Annotated[int, Meta(ge=1, le=24)] | None = None
    interval_s_min: Annotated[int, Meta(ge=1, le=14 * 24 * 3600)] | None = None
    period: Period | None = None


@dataclass(frozen=True)
class Now:
    """What the box knows of the time. minute: of the day on the wall, None while the clock is not trusted."""

    wall_ms: int | None
    minute: int | None


@dataclass(frozen=True)
class Past:
    """What the person has had of this care: starts since midnight, and how long ago the last one ended.

    Without a trusted clock `today` counts the last 24 hours that the box is sure of.
    """

    today: int = 0
    ended_ago_s: float | None = None


@dataclass(frozen=True)
class NotYet:
    """Why not now, and when: `in_s` from now where it is known, `minute` of the day where a clock is needed."""

    why: Literal["hours", "per-day", "interval", "not-begun", "over"]
    in_s: float | None = None
    minute: int | None = None


def allowed(limits: Limits, now: Now, past: Past) -> NotYet | None:
    """None: the care may start now. What needs a clock that the box has not is let pass: care goes before order."""
    return _period(limits, now) or _interval(limits, past) or _per_day(limits, now, past) or _hours(limits, now)


def _period(limits: Limits, now: Now) -> NotYet | None:
    if limits.period is None or now.wall_ms is None or limits.period.holds(now.wall_ms):
        return None
    if now.wall_ms >= limits.period.end_ms:
        return NotYet("over")
    return NotYet("not-begun", in_s=(limits.period.start_ms - now.wall_ms) / 1000)


def _interval(limits: Limits, past: Past) -> NotYet | None:
    if limits.interval_s_min is None or past.ended_ago_s is None or past.ended_ago_s >= limits.interval_s_min:
        return None
    return NotYet("interval", in_s=limits.interval_s_min - past.ended_ago_s)


def _per_day(limits: Limits, now: Now, past: Past) -> NotYet | None:
    if limits.per_day_max is None or past.today < limits.per_day_max:
        return None
    return NotYet("per-day", in_s=None if now.minute is None else (24 * 60 - now.minute) * 60.0)


def _hours(limits: Limits, now: Now) -> NotYet | None:
    if not limits.hours or now.minute is None or any(_within(hours, now.minute) for hours in limits.hours):
        return None
    starts = [minute_of(hours.start) for hours in limits.hours]
    minute = min(starts, key=lambda start: (start - now.minute) % (24 * 60) if now.minute is not None else start)
    return NotYet("hours", in_s=((minute - now.minute) % (24 * 60)) * 60.0, minute=minute)


def _within(hours: Hours, minute: int) -> bool:
    start, end = minute_of(hours.start), minute_of(hours.end)
    return start <= minute < end if start < end else minute >= start or minute < end


def check_limits(request: str, limits: Limits) -> None:
    """Raise ContractError when a care could never be started."""
    for hours in limits.hours:
        if hours.start == hours.end:
            raise ContractError(
                f"prescription {request}: its hours begin and end at {hours.start}; leave them out for a day"
            )
    if limits.period is not None and limits.period.end_ms <= limits.period.start_ms:
        raise ContractError(f"prescription {request}: its period ends before it starts")
