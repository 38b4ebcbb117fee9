"""Whether the box may be disturbed: never during care, never within the hours in which a care may start (A15). Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from mqtt_bridge.contract.care import CarePlan
from mqtt_bridge.contract.framing import Hours
from mqtt_bridge.contract.identity import minute_of

NIGHT = (2 * 60, 5 * 60)
"""Minutes of the day between which a box starts again: nobody waits for it, and care in the small hours is framed."""
MARGIN_MIN = 30
"""So long before framed hours nothing begins any more: a restart, and a return to the former slot, take a while."""
NO_CLOCK_S = 6 * 3600.0
"""Without a clock that can be trusted nobody knows when night is: after so long without care it is quiet."""


@dataclass(frozen=True)
class Surroundings:
    """in_care: or it cannot be known. local: the time on the wall, None while it cannot be trusted.

    calm_s: since when nobody is cared for, as far as it was seen. plans: those in force on the box.
    """

    in_care: bool
    local: datetime | None
    calm_s: float
    plans: tuple[CarePlan, ...] = ()


def why_not(now: Surroundings, *, attended: bool = False) -> str:
    """Why it must wait: care, framed-hours, day, clock; empty when it need not.

    attended: a technician stands before the box, with a stick: the hours are theirs to judge, a session is not.
    """
    if now.in_care:
        return "care"
    if attended:
        return ""
    if now.local is None:
        return "" if now.calm_s >= NO_CLOCK_S else "clock"
    minute = now.local.hour * 60 + now.local.minute
    if any(_framed(hours, minute) for hours in _hours(now.plans)):
        return "framed-hours"
    return "" if NIGHT[0] <= minute < NIGHT[1] else "day"


def _hours(plans: Iterable[CarePlan]) -> Iterable[Hours]:
    return (hours for plan in plans for request in plan.activity for hours in request.limits.hours)


def _framed(hours: Hours, minute: int) -> bool:
    """Within them, or less than the margin before."""
    start = (minute_of(hours.start) - MARGIN_MIN) % (24 * 60)
    end = minute_of(hours.end)
    return start <= minute < end if start < end else minute >= start or minute < end
