"""Which forms are due now, apart from a care: at their rhythm (E3, C2) and on the days that follow one (D3). Pure.

With a trusted clock days are those of the calendar where the box stands. Without one: rhythms go by the latest time
that is surely past, days after a care by the time lived since it ended; where no clock was ever right, a rhythm goes by
the time lived too. What cannot be known is then asked late rather than twice.
"""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from msgspec import structs

from kiosk.journey import framing
from kiosk.journey.events import Done, Forms, PastCare
from kiosk.journey.state import Journey
from mqtt_bridge.contract.care import CarePlan
from mqtt_bridge.contract.identity import minute_of
from mqtt_bridge.contract.schedule import FollowUp, FormRequest
from mqtt_bridge.contract.stamp import Stamp

HOUR_MS = 3600_000
DAY_MS = 24 * HOUR_MS
HEARD_SHARE = 0.8
"""A care of which so much was heard has days that follow it."""
EVENING, MORNING = 18, 7
"""A sleep care that ends from this hour on is followed by nothing until the morning (A8)."""
NAP_MS = 2 * HOUR_MS
"""By day a sleep care is followed by nothing for so long."""
NIGHT_MS = 8 * HOUR_MS
"""The same without a trusted clock, by the time lived."""
BEFORE_MS = 8 * HOUR_MS
"""Without a trusted clock the day `d` after a care begins so long before `d` times 24 hours have been lived."""


@dataclass(frozen=True)
class Due:
    """after, day: of which session it is which following day."""

    asker: FormRequest | FollowUp
    after: str | None = None
    day: int = 0


def due(journey: Journey, now: Stamp) -> tuple[Due, ...]:
    """What the person in front is asked now: the monitoring of the week, the days after a care, the others."""
    plan, forms = journey.plan, own_forms(journey)
    if plan is None or journey.problem or forms is None or _sleeping(journey, now):
        return ()
    rhythmic = [Due(one) for one in plan.forms if _open(plan, one, forms, now)]
    following = [found for one in plan.follow_ups if (found := _following(journey, one, forms, now)) is not None]
    weekly = [one for one in rhythmic if _monitors(one)]
    return (*weekly, *following, *(one for one in rhythmic if not _monitors(one)))


def own_forms(journey: Journey) -> Forms | None:
    """What the person in front has answered, never another; None: it has not been told."""
    forms, plan = journey.forms, journey.plan
    return forms if forms and plan and forms.patient == plan.patient.id else None


def answered_ms(forms: Forms, name: str) -> int | None:
    """When (CLOCK_BOOTTIME) this form, or lesson's read-back, was last sent; None: never."""
    return max((one.at_ms for one in forms.done if one.request == name), default=None)


def with_answer(journey: Journey, name: str, at: Stamp) -> Journey:
    """It has been sent just now: it must not be due again before the disk says so."""
    forms = own_forms(journey)
    if forms is None:
        return journey
    others = tuple(one for one in forms.done if one.request != name)
    return replace(journey, forms=replace(forms, done=(*others, Done(name, at.monotonic_ms))))


def _monitors(one: Due) -> bool:
    return isinstance(one.asker, FormRequest) and one.asker.purpose == "monitoring"


def _open(plan: CarePlan, asked: FormRequest, forms: Forms, now: Stamp) -> bool:
    """Whether its turn has come, is not over, and has not been answered."""
    last_ms, clock = answered_ms(forms, asked.id), _clock(forms, now)
    if clock is None:
        return last_ms is None or now.monotonic_ms - last_ms >= asked.every_days * DAY_MS
    days = (_day(plan, clock) - _day(plan, clock, asked.start_ms)).days
    if clock.wall_ms < asked.start_ms or days % asked.every_days >= asked.open_days:
        return False
    return last_ms is None or _days_since(plan, clock, last_ms) > days % asked.every_days


def _following(journey: Journey, asked: FollowUp, forms: Forms, now: Stamp) -> Due | None:
    """Of the last care that has this day after it; once a day, however many cares there were."""
    plan, past = journey.plan, framing.own_past(journey)
    if plan is None or past is None or not _may_follow(plan, asked, answered_ms(forms, asked.id), now):
        return None
    for care in reversed(past.cares):
        day = _day_after(plan, care, now)
        if _heard(care) and day in asked.days and (not asked.requests or care.request in asked.requests):
            return Due(asked, care.session, day)
    return None


def _may_follow(plan: CarePlan, asked: FollowUp, last_ms: int | None, now: Stamp) -> bool:
    """Not before its hour, and not twice a day."""
    if not now.trusted:
        return last_ms is None or now.monotonic_ms - last_ms >= DAY_MS - BEFORE_MS
    local = _local(plan, now)
    if local.hour * 60 + local.minute < minute_of(asked.not_before):
        return False
    return last_ms is None or _days_since(plan, now, last_ms) > 0


def _day_after(plan: CarePlan, care: PastCare, now: Stamp) -> int:
    if now.trusted:
        return _days_since(plan, now, care.ended_ms)
    return (now.monotonic_ms - care.ended_ms + BEFORE_MS) // DAY_MS


def _sleeping(journey: Journey, now: Stamp) -> bool:
    """Whether a sleep care was heard, and the morning has not come."""
    past = framing.own_past(journey)
    slept = [one for one in past.cares if one.kind == "sleep" and _heard(one)] if past else []
    if not slept or journey.plan is None:
        return False
    lived_ms = now.monotonic_ms - slept[-1].ended_ms
    if not now.trusted:
        return lived_ms < NIGHT_MS
    ended = _local(journey.plan, now, now.wall_ms - lived_ms)
    if MORNING <= ended.hour < EVENING:
        return lived_ms < NAP_MS
    until_h = MORNING if ended.hour < MORNING else 24 + MORNING
    return lived_ms < (until_h * 60 - ended.hour * 60 - ended.minute) * 60_000


def _heard(care: PastCare) -> bool:
    return care.counts and care.share >= HEARD_SHARE


def _clock(forms: Forms, now: Stamp) -> Stamp | None:
    """The wall clock, or the latest time that is surely past; None: no clock was ever right."""
    if now.trusted:
        return now
    if forms.wall_at_0_ms is None:
        return None
    return structs.replace(now, wall_ms=forms.wall_at_0_ms + now.monotonic_ms, trusted=True)


def _days_since(plan: CarePlan, clock: Stamp, then_ms: int) -> int:
    """Midnights since an instant of CLOCK_BOOTTIME."""
    return (_day(plan, clock) - _day(plan, clock, clock.wall_ms - (clock.monotonic_ms - then_ms))).days


def _day(plan: CarePlan, clock: Stamp, wall_ms: int | None = None) -> date:
    return _local(plan, clock, wall_ms).date()


def _local(plan: CarePlan, clock: Stamp, wall_ms: int | None = None) -> datetime:
    """On the wall where the box stands; in UTC where the plan's zone is not known here. wall_ms: of another instant."""
    at = clock if wall_ms is None else structs.replace(clock, wall_ms=wall_ms)
    return framing.local_time(plan, at) or datetime.fromtimestamp(at.wall_ms / 1000, UTC)
