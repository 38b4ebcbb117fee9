"""What the sessions of a period amount to: how they were heard, and what is drawn of them."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from django.utils import timezone
from django.utils.translation import gettext

from clinic.console.chart import Point, Spot
from clinic.console.effects_told import percent, signed, step_said
from clinic.console.picture import name_of
from clinic.console.templatetags.words import decimal, short_day
from clinic.results.course import Lived
from clinic.results.effect import CareEffect, Ramps, ramp_of
from clinic.results.estimate import SESSIONS_MIN

BY_WEEK_FROM = 46
"""From so many sessions on a curve shows the means of weeks."""
DAY_MS = 86_400_000


@dataclass(frozen=True)
class Fidelity:
    """What was really heard of these sessions (X1), and the silences, which are no numbers (X4)."""

    lived: Sequence[Lived]

    @property
    def sessions(self) -> int:
        return len(self.lived)

    @property
    def listened_s(self) -> float:
        return sum(one.heard.listened_s for one in self.lived if one.heard)

    @property
    def outcomes(self) -> Counter[str]:
        return Counter(one.heard.outcome if one.heard else "none" for one in self.lived)

    @property
    def whole(self) -> str:
        return f"{self.outcomes['heard_whole']} ({percent(self.outcomes['heard_whole'], self.sessions)})"

    @property
    def gaps(self) -> int:
        return sum(one.heard.gaps for one in self.lived if one.heard)

    @property
    def gaps_s(self) -> float:
        return sum(one.heard.gaps_ms for one in self.lived if one.heard) / 1000

    @property
    def with_gaps(self) -> int:
        return sum(one.heard.gaps > 0 for one in self.lived if one.heard)

    @property
    def inexact(self) -> int:
        """Whose listening time is a lower bound."""
        return sum(not one.heard.exact for one in self.lived if one.heard)

    @property
    def uncertain(self) -> int:
        return sum(one.uncertain for one in self.lived)

    @property
    def silences(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for one in self.lived:
            for asked in (one.before, one.after):
                found += asked.silences if asked else Counter()
        return found

    @property
    def declined(self) -> int:
        return self.silences["asked-declined"]

    @property
    def unanswered(self) -> int:
        return sum(self.silences.values()) - self.declined

    @property
    def not_asked_after(self) -> int:
        """Sessions that were heard, and of which no answers after came."""
        return sum(one.after is None for one in self.lived if one.heard and one.heard.outcome == "heard_whole")

    @property
    def by_others(self) -> int:
        """Evaluations that a relative or a carer gave."""
        return sum(not asked.by_person for one in self.lived for asked in (one.before, one.after) if asked)

    @property
    def comments(self) -> int:
        return sum(asked.comment for one in self.lived for asked in (one.before, one.after) if asked)


@dataclass(frozen=True)
class Row:
    """A line of the table beside a curve: a day or a week, and each indicator before and after."""

    when: str
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Curve:
    points: tuple[Point, ...]
    names: tuple[str, ...]
    rows: tuple[Row, ...]
    by_week: bool


def curve(lived: Sequence[Lived], items: Sequence[str], ramps: Ramps) -> Curve:
    """Of one care, by the person's own answers."""
    own = [one for one in lived if _own(one)]
    by_week = len(own) >= BY_WEEK_FROM
    groups = _weeks(own) if by_week else [[one] for one in own]
    names = tuple(map(name_of, items))
    points = tuple(_point(group, item, ramps, by_week=by_week) for item in items for group in groups)
    rows = tuple(_row(group, items, by_week=by_week) for group in reversed(groups))
    return Curve(points, names, rows, by_week)


def _own(one: Lived) -> bool:
    return any(asked is not None and asked.by_person for asked in (one.before, one.after))


def _weeks(own: Sequence[Lived]) -> list[list[Lived]]:
    groups: dict[int, list[Lived]] = {}
    for one in own:
        groups.setdefault(_monday(one.at_ms).toordinal(), []).append(one)
    return [groups[key] for key in sorted(groups)]


def _monday(at_ms: int) -> dt.date:
    day = _local(at_ms).date()
    return day - dt.timedelta(days=day.weekday())


def _local(at_ms: int) -> dt.datetime:
    return timezone.localtime(dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC))


def _point(group: list[Lived], item: str, ramps: Ramps, *, by_week: bool) -> Point:
    at = _monday(group[0].at_ms).isoformat() + "T12:00" if by_week else f"{_local(group[0].at_ms):%Y-%m-%dT%H:%M}"
    before, after = _mean(group, item, before=True), _mean(group, item, before=False)
    return Point(name_of(item), at, before, after, pleasant=ramp_of(item, ramps) == "pleasant")


def _mean(group: list[Lived], item: str, *, before: bool) -> float | None:
    asked = [one.before if before else one.after for one in group]
    scores = [one.scores[item] for one in asked if one and one.by_person and item in one.scores]
    return round(fmean(scores), 2) if scores else None


def _row(group: list[Lived], items: Sequence[str], *, by_week: bool) -> Row:
    day = short_day(int(dt.datetime.combine(_monday(group[0].at_ms), dt.time(12), dt.UTC).timestamp() * 1000))
    when = gettext("semaine du %(day)s") % {"day": day} if by_week else short_day(group[0].at_ms)
    cells = tuple((_said(_mean(group, item, before=True)), _said(_mean(group, item, before=False))) for item in items)
    return Row(when, cells)


def _said(score: float | None) -> str:
    if score is None:
        return "—"
    return str(round(score)) if score == round(score) else decimal(score)


def day_spots(effect: CareEffect) -> tuple[list[Spot], list[str], list[str]]:
    """(spots, rows, steps) of the days after a care; nothing where only « right after » is known."""
    days = sorted({one.day for item in effect.own for one in item.days})
    if len(days) < 2:
        return [], [], []
    found = [
        Spot(
            name_of(item.item),
            step_said(one.day),
            one.estimate.mean,
            one.estimate.interval.low,
            one.estimate.interval.high,
        )
        for item in effect.own
        if any(one.day for one in item.days)
        for one in item.days
        if one.estimate.interval is not None and one.estimate.number >= SESSIONS_MIN
    ]
    return found, list(dict.fromkeys(one.row for one in found)), [step_said(day) for day in days]


def curve_said(effect: CareEffect, drawn: Curve) -> str:
    """The picture in a sentence, for those who do not see it; its numbers stand in the table beside it."""
    words = gettext("Courbes de %(care)s, avant et après, de %(first)s à %(last)s. %(means)s")
    means = "\N{NO-BREAK SPACE}; ".join(
        gettext("%(item)s : %(before)s avant en moyenne, écart %(change)s")
        % {"item": name_of(one.item), "before": decimal(one.before_mean), "change": signed(one.estimate.mean)}
        for one in effect.own
    )
    first, last = (drawn.rows[-1].when, drawn.rows[0].when) if drawn.rows else ("", "")
    return words % {"care": effect.care, "first": first, "last": last, "means": means}


def days_said(effect: CareEffect) -> str:
    """Empty where there is nothing to draw."""
    spots, rows, _ = day_spots(effect)
    if not spots:
        return ""
    words = gettext("Écart moyen avec avant, juste après %(care)s et les jours suivants : %(items)s.")
    return words % {"care": effect.care, "items": ", ".join(rows)}
