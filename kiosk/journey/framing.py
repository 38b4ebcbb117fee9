"""Whether a care may start now, and when it may (A15): the plan's limits, the person's past, their ears.

The clock on the wall decides hours and days only while it can be trusted. What the person had is told by the time that
the box is sure of; care goes before order, so what cannot be known is let pass.
"""

from datetime import datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

from kiosk.journey import loudness
from kiosk.journey.events import Past, PastCare
from kiosk.journey.session import Session
from kiosk.journey.state import Journey, Noticing, OwnCause
from mqtt_bridge.contract import framing
from mqtt_bridge.contract.care import CarePlan, ServiceRequest
from mqtt_bridge.contract.framing import NotYet, Now
from mqtt_bridge.contract.identity import minute_of
from mqtt_bridge.contract.stamp import Stamp

HOUR_MS = 3600_000
DAY_MS = 24 * HOUR_MS
LEVEL_CAUSES: dict[Literal["device", "unknown"], OwnCause] = {"device": "level-device", "unknown": "level-unknown"}
LOOK_MS_MAX = 15 * 60_000
"""Home looks at the clock at least so often: a summer time that begins is not reckoned with, it is found."""


def refusal(journey: Journey, request: ServiceRequest, patient: str, at: Stamp) -> Noticing | None:
    """Why the care cannot start now, as the person is told it; None when it can."""
    if (later := not_yet(journey, request, at)) is not None:
        return Noticing("not-yet", not_yet=later)
    volume = loudness.volume_of(journey, request, patient, at)
    return not_offered(volume) if isinstance(volume, loudness.NotOffered) else None


def not_offered(reason: loudness.NotOffered) -> Noticing:
    """The ears need rest, or the box cannot play as softly as it must: said calmly, before anything is asked."""
    if reason.why == "week":
        return Noticing("ears-rest", in_ms=reason.in_ms)
    return Noticing("care-failed", LEVEL_CAUSES[reason.why])


def not_yet(journey: Journey, request: ServiceRequest, at: Stamp) -> NotYet | None:
    """What the limits in force say of this care now. Without a trusted clock, a full day is told in hours."""
    return _judged(journey, request, _had(journey, request), at)


def not_again(journey: Journey, session: Session, at: Stamp) -> NotYet | None:
    """The same, once this session is over: whether one may say that it can be begun again."""
    now_ms = at.monotonic_ms
    wall_ms = at.wall_ms if at.trusted else None
    this = PastCare(session.id, session.request.id, session.request.kind, now_ms, now_ms, wall_ms)
    had = [one for one in _had(journey, session.request) if one.session != session.id]
    return _judged(journey, session.request, [*had, this], at)


def _judged(journey: Journey, request: ServiceRequest, had: list[PastCare], at: Stamp) -> NotYet | None:
    limits = loudness.in_force(journey, request).limits
    found = framing.allowed(limits, _now(journey.plan, at), _past(journey, had, at))
    if found is None or found.why != "per-day" or found.in_s is not None or limits.per_day_max is None:
        return found
    starts_ms = sorted((one.started_ms for one in had), reverse=True)
    free_ms = starts_ms[limits.per_day_max - 1] + DAY_MS
    return NotYet("per-day", in_s=max(0, free_ms - at.monotonic_ms) / 1000)


def local_time(plan: CarePlan | None, at: Stamp) -> datetime | None:
    """The time on the wall where the box stands; None while the clock, or the plan's time zone, cannot be trusted."""
    if plan is None or not at.trusted:
        return None
    try:
        return datetime.fromtimestamp(at.wall_ms / 1000, ZoneInfo(plan.time_zone))
    except (LookupError, ValueError, OSError, OverflowError):
        return None


def look_ms(journey: Journey, at: Stamp) -> int | None:
    """When (CLOCK_BOOTTIME) to look again whether a care may start."""
    plan = journey.plan
    if plan is None or journey.problem or not plan.activity:
        return None
    waits_ms = [LOOK_MS_MAX, *_to_boundaries(plan, at)]
    waits_ms += [round(one.in_s * 1000) for r in plan.activity if (one := not_yet(journey, r, at)) and one.in_s]
    return at.monotonic_ms + max(1, min(waits_ms))


def own_past(journey: Journey) -> Past | None:
    """What the person in front of the box has had, never another."""
    past, plan = journey.past, journey.plan
    return past if past and plan and past.patient == plan.patient.id else None


def _now(plan: CarePlan | None, at: Stamp) -> Now:
    local = local_time(plan, at)
    return Now(at.wall_ms if at.trusted else None, None if local is None else local.hour * 60 + local.minute)


def _had(journey: Journey, request: ServiceRequest) -> list[PastCare]:
    past = own_past(journey)
    return [one for one in past.cares if one.request == request.id and one.counts] if past else []


def _past(journey: Journey, had: list[PastCare], at: Stamp) -> framing.Past:
    midnight_ms = _midnight_ms(journey.plan, at)
    ended_ms = max((one.ended_ms for one in had), default=None)
    return framing.Past(
        today=sum(_is_today(one, at, midnight_ms) for one in had),
        ended_ago_s=None if ended_ms is None else max(0, at.monotonic_ms - ended_ms) / 1000,
    )


def _is_today(care: PastCare, at: Stamp, midnight_ms: int | None) -> bool:
    """By the clock when both instants can be believed; else by the time lived."""
    ago_ms = at.monotonic_ms - care.started_ms
    if midnight_ms is None:
        return ago_ms < DAY_MS
    if care.started_wall_ms is not None and care.started_wall_ms <= at.wall_ms:
        return care.started_wall_ms >= midnight_ms
    return ago_ms <= at.wall_ms - midnight_ms


def _midnight_ms(plan: CarePlan | None, at: Stamp) -> int | None:
    """The last midnight, in milliseconds since 1970: where summer time begins it is 23 hours before the next."""
    local = local_time(plan, at)
    if local is None:
        return None
    return round(datetime.combine(local.date(), time.min, local.tzinfo).timestamp() * 1000)


def _to_boundaries(plan: CarePlan, at: Stamp) -> list[int]:
    """Milliseconds until each beginning and end of hours, until midnight, and until the next full hour.

    On a day of summer or winter time the clock on the wall jumps at a full hour: until then the others are an hour off,
    at it they are reckoned anew.
    """
    local = local_time(plan, at)
    if local is None:
        return []
    since_ms = (local.hour * 3600 + local.minute * 60 + local.second) * 1000 + local.microsecond // 1000
    minutes = {0} | {
        minute_of(one) for r in plan.activity for hours in r.limits.hours for one in (hours.start, hours.end)
    }
    full_hour_ms = HOUR_MS - at.wall_ms % HOUR_MS
    return [full_hour_ms, *((minute * 60_000 - since_ms) % DAY_MS or DAY_MS for minute in minutes)]
