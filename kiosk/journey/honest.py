"""What the box says of itself, calmly and truly: one line at home, or a whole screen where nothing can be done.

Of two troubles the one that touches the person first is told. What the box does not know it does not say.
"""

from kiosk.journey.state import Journey
from kiosk.journey.views import Banner
from kiosk.words import Words
from kiosk.words.notice import Notice
from mqtt_bridge.contract.stamp import Stamp

SILENT_MS = 60 * 60_000
"""A box that is connected is answered every fifteen minutes: four silences in a row are worth a word."""
MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3600_000, 24 * 3600_000
HOURS_SAID_MAX = 47
NO_SOUND = ("device-missing", "device-unsuitable", "device-lost")
"""The player's causes when there is no sound card, or none that can play."""


def missing_plan(journey: Journey, words: Words) -> Notice | None:
    """Why there is no care at all; None when there may be some."""
    return words.service.no_plan[journey.problem] if journey.problem and not journey.plans else _expired(journey, words)


def _expired(journey: Journey, words: Words) -> Notice | None:
    return words.service.no_plan[journey.problem] if journey.problem and journey.plan is not None else None


def banner(journey: Journey, words: Words, now: Stamp) -> Banner:
    """One line about the box; empty when all is well, or nothing is known yet."""
    box, said = journey.box, words.service
    if box is None:
        return Banner()
    if not box.room:
        return Banner(said.banner_full, "help")
    if not box.player:
        return Banner(said.banner_no_sound, "headphones")
    if (silent := silent_for(journey, words, now)) != "":
        return Banner(said.banner_silent.format(since=silent))
    return Banner() if box.sure_of_time else Banner(said.banner_clock)


def silent_for(journey: Journey, words: Words, now: Stamp) -> str:
    """« 3 heures »: how long the clinic has not answered; empty when it has, or nobody knows since when."""
    box = journey.box
    if box is None or box.answered_ms is None or now.monotonic_ms - box.answered_ms < SILENT_MS:
        return ""
    return span(now.monotonic_ms - box.answered_ms, words)


def span(elapsed_ms: int, words: Words) -> str:
    """« 20 minutes », « 3 heures », « 5 jours », rounded down."""
    said = words.service
    for unit_ms, most, one, many in (
        (MINUTE_MS, 59, said.a_minute, said.minutes),
        (HOUR_MS, HOURS_SAID_MAX, said.an_hour, said.hours),
    ):
        count = elapsed_ms // unit_ms
        if count <= most:
            return one if count <= 1 else many.format(span_count=count)
    return said.days.format(span_count=elapsed_ms // DAY_MS)


WITHOUT_SOUND = {"care-failed": "no-sound", "care-broken": "sound-lost"}
"""A care that failed before anything was heard, and one that had begun: where the sound card is why."""


def for_staff(cause: str, words: Words) -> str:
    """Why, in words that are drawn small; empty where nothing is to be told."""
    said = words.service
    return said.for_staff.format(cause=said.causes.get(cause, said.cause_other)) if cause else ""


def notice_code(code: str, cause: str) -> str:
    """The words for a care that failed: where there is no sound card they say what to look at."""
    return WITHOUT_SOUND.get(code, code) if cause in NO_SOUND else code
