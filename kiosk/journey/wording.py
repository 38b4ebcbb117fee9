"""Numbers and times in the box's words: how long a care is, when it is possible, how one is greeted."""

from datetime import datetime

from kiosk.words import Words
from mqtt_bridge.contract.care import ServiceRequest
from mqtt_bridge.contract.framing import NotYet

HOUR_S, DAY_S = 3600, 24 * 3600
HOURS_SAID_MAX = 36
MINUTES_STEP = 5
"""Minutes are said by fives, rounded up: it is possible then, and the words do not change at each look."""
EVENING, MORNING = 18, 5
"""Hours between which one says good evening."""


def duration(request: ServiceRequest, words: Words) -> str:
    minutes = max(1, round(request.duration_s / 60))
    return words.one_minute if minutes == 1 else words.minutes.format(minutes=minutes)


def when(in_ms: int | None, words: Words) -> str:
    """« dans environ 3 heures », rounded up: it is possible then."""
    if in_ms is None:
        return words.later
    hours = -(-in_ms // (HOUR_S * 1000))
    if hours <= 1:
        return words.in_one_hour
    return words.in_hours.format(hours=hours) if hours <= HOURS_SAID_MAX else words.in_days.format(days=-(-hours // 24))


def possible(later: NotYet, local: datetime | None, words: Words) -> str:
    """When a care may be started: at an hour, tomorrow, or in how long; about, while the clock is not sure."""
    said = words.framing
    if later.why == "hours" and later.minute is not None and local is not None:
        today = later.minute > local.hour * 60 + local.minute
        return (said.possible_at if today else said.possible_tomorrow_at).format(time=_time(later.minute, words))
    if later.why == "per-day" and local is not None:
        return said.possible_tomorrow
    return _possible_in(later.in_s, words, sure=later.why == "interval" or local is not None)


def greeting(name: str, local: datetime | None, words: Words) -> str:
    """By the hour where it is sure; « Bonjour » is right at any time."""
    evening = local is not None and not MORNING <= local.hour < EVENING
    return (words.greeting.hello_evening if evening else words.hello).format(name=name).strip()


def _possible_in(in_s: float | None, words: Words, *, sure: bool) -> str:
    said = words.framing
    if in_s is None:
        return said.possible_later
    minutes = -(-in_s // (60 * MINUTES_STEP)) * MINUTES_STEP
    if minutes < 60 and sure:
        return said.possible_in_minutes.format(minutes=round(max(minutes, MINUTES_STEP)))
    hours = round(-(-in_s // HOUR_S))
    if hours <= 1:
        return said.possible_in_one_hour if sure else said.possible_about_one_hour
    if hours > HOURS_SAID_MAX:
        return said.possible_in_days.format(days=-(-hours // 24))
    return (said.possible_in_hours if sure else said.possible_about_hours).format(hours=hours)


def _time(minute: int, words: Words) -> str:
    hour, rest = divmod(minute, 60)
    form = words.framing.time if rest else words.framing.time_full
    return form.format(hour=hour, minute=f"{rest:02}")
