"""How instants, durations and codes are said. French typography: U+202F before ? ! ;, U+00A0 before : and units."""

import datetime as dt
import re
import secrets

from django import template
from django.utils import formats, timezone, translation
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext

from clinic.console.colon import colon
from clinic.console.kind_words import kind_said
from clinic.console.plans.plan_words import address_of_part, contraindication_said
from clinic.console.problem_words import problem_said

register = template.Library()

TOPIC_PARTS, ROW_PARTS = 5, 4
HOURS_FROM_S = 2 * 3600
YEAR_SAID_MS = 270 * 86_400_000
NBSP = "\N{NO-BREAK SPACE}"


@register.simple_tag
def once() -> SafeString:
    """The word by which a page that is sent twice is known (`clinic.console.once`)."""
    return format_html('<input type="hidden" name="once" value="{}">', secrets.token_hex(16))


register.simple_tag(colon)
register.filter("problem", problem_said)
register.filter("task_kind", kind_said)
register.filter("contraindication", contraindication_said)
register.filter("part_address", address_of_part)


@register.filter
def unbroken(words: str) -> str:
    """A title as typed by hand, where no line begins with a colon or a question mark."""
    return re.sub(r" ([:»])", NBSP + r"\1", re.sub(r" ([;?!])", "\N{NARROW NO-BREAK SPACE}\\1", words))


@register.filter
def day(at_ms: int) -> str:
    """Says « vendredi 21 novembre 2025 »."""
    return formats.date_format(_local(at_ms), "l j F Y")


@register.filter
def short_day(at_ms: int) -> str:
    """Says « 21 nov. 2025 »."""
    return formats.date_format(_local(at_ms), "j N Y" if _french() else "j M Y")


@register.filter
def hour(at_ms: int) -> str:
    """Says « 14 h 05 », or 14:05 in English."""
    at = _local(at_ms)
    return f"{at.hour}{NBSP}h{NBSP}{at.minute:02}" if _french() else f"{at.hour:02}:{at.minute:02}"


@register.filter
def moment(at_ms: int) -> str:
    """Says « 21 nov. 2025 à 14 h 05 »."""
    return gettext("%(day)s à %(hour)s") % {"day": short_day(at_ms), "hour": hour(at_ms)}


@register.filter
def lately(at_ms: int, now_ms: int) -> str:
    """As `moment`, without the year when it goes without saying, and « aujourd’hui » for the day."""
    if abs(now_ms - at_ms) >= YEAR_SAID_MS:
        return moment(at_ms)
    if _local(at_ms).date() == _local(now_ms).date():
        return gettext("aujourd’hui à %(hour)s") % {"hour": hour(at_ms)}
    day = formats.date_format(_local(at_ms), "j N" if _french() else "j M")
    return gettext("%(day)s à %(hour)s") % {"day": day, "hour": hour(at_ms)}


@register.filter
def of_box(about: str) -> str:
    """The box that a topic, or a row of the ledger, speaks of; a dash when it is neither."""
    parts = about.split("/")
    return parts[3] if len(parts) == TOPIC_PARTS else parts[0] if len(parts) == ROW_PARTS else "—"


@register.filter
def beside_box(about: str) -> str:
    """The rest of it: the channel of a topic, the identity of a row, or what came as a topic."""
    parts = about.split("/")
    if len(parts) == TOPIC_PARTS:
        return parts[4]
    return " · ".join((parts[1], f"{parts[2][:6]}…", parts[3])) if len(parts) == ROW_PARTS else about[:90]


@register.filter
def duration(seconds: float) -> str:
    """2 h 5 min; 20 min 3 s; 58 s; 0,4 s under ten seconds when it is not whole; 95 ms."""
    if 0 < seconds < 0.1:
        return f"{max(1, round(seconds * 1000))}{NBSP}ms"
    if seconds >= HOURS_FROM_S:
        hours, minutes = divmod(round(seconds / 60), 60)
        return NBSP.join([f"{hours}{NBSP}h", *([f"{minutes}{NBSP}min"] if minutes else [])])
    if seconds < 10 and round(seconds, 1) != round(seconds):
        return f"{decimal(seconds)}{NBSP}s"
    minutes, rest = divmod(round(seconds), 60)
    parts = [f"{minutes}{NBSP}min"] if minutes else []
    parts += [f"{rest}{NBSP}s"] if rest or not minutes else []
    return NBSP.join(parts)


@register.filter
def minutes(seconds: float) -> str:
    """As `duration`, to the minute."""
    return duration(round(seconds / 60) * 60 or seconds)


@register.filter
def ago(at_ms: int, now_ms: int) -> str:
    """Says « il y a 5 min », « il y a 3 h », « il y a 2 jours »."""
    minutes = max(0, now_ms - at_ms) // 60_000
    if minutes < 1:
        return gettext("à l’instant")
    if minutes < 60:
        return gettext("il y a %(n)s min") % {"n": minutes}
    if minutes < 24 * 60:
        return gettext("il y a %(n)s h") % {"n": minutes // 60}
    days = minutes // (24 * 60)
    return ngettext("il y a %(n)s jour", "il y a %(n)s jours", days) % {"n": days}


@register.filter
def since(at_ms: int, now_ms: int) -> str:
    """Says « depuis 5 min », « depuis 3 h », « depuis 2 jours »: of what goes on."""
    minutes = max(1, (now_ms - at_ms) // 60_000)
    if minutes < 60:
        return gettext("depuis %(n)s min") % {"n": minutes}
    if minutes < 24 * 60:
        return gettext("depuis %(n)s h") % {"n": minutes // 60}
    days = minutes // (24 * 60)
    return ngettext("depuis %(n)s jour", "depuis %(n)s jours", days) % {"n": days}


@register.filter
def dba(level: float) -> str:
    """Says « 70 dBA »."""
    return f"{round(level)}{NBSP}dBA"


def decimal(number: float) -> str:
    return formats.number_format(round(number, 1), decimal_pos=1)


def _local(at_ms: int) -> dt.datetime:
    try:
        return timezone.localtime(dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC))
    except (ValueError, OverflowError, OSError):  # a box may believe that it is the year 50000
        return timezone.localtime(dt.datetime.fromtimestamp(0, dt.UTC))


def _french() -> bool:
    return (translation.get_language() or "fr").startswith("fr")
