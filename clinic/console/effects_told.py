"""The effect of each care in words: numbers with what they may be believed for, and never more than that."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils import formats
from django.utils.translation import gettext, ngettext

from clinic.console.picture import name_of
from clinic.console.templatetags.words import NBSP, decimal
from clinic.results.effect import CareEffect, DayAfter, ItemEffect
from clinic.results.estimate import SESSIONS_MIN, Interval
from clinic.results.matters import gained, points_that_matter

SURE = 0.95
Name = Callable[[str], str]


@dataclass(frozen=True)
class ToldItem:
    effect: ItemEffect
    name: str

    @property
    def number(self) -> int:
        return self.effect.estimate.number

    @property
    def before(self) -> str:
        return decimal(self.effect.before_mean)

    @property
    def change(self) -> str:
        return signed(self.effect.estimate.mean)

    @property
    def interval(self) -> str:
        """« de −2,4 à −0,9 », empty for one session alone."""
        return span(self.effect.estimate.interval)

    @property
    def mattered(self) -> str:
        """« 7 sur 12 (58 %) »; a dash where there was never anything to relieve."""
        if not self.effect.could:
            return "—"
        return share(self.effect.mattered, self.effect.could)

    @property
    def worse(self) -> str:
        return share(self.effect.worse, self.number)

    @property
    def belief(self) -> str:
        """What the person's answers let one believe; where they know too little, that."""
        made = self.effect.estimate
        if made.number < SESSIONS_MIN:
            words = ngettext(
                "Trop peu pour le dire : %(n)s séance sur les %(least)s qu’il faut.",
                "Trop peu pour le dire : %(n)s séances sur les %(least)s qu’il faut.",
                made.number,
            )
            return words % {"n": made.number, "least": SESSIONS_MIN}
        if not made.knows_enough:
            return gettext("Les réponses varient trop pour le dire.")
        told = {"span": span(made.belief.interval)}
        if self.effect.helps >= SURE:
            if self.small:
                told["points"] = str(points_that_matter(self.effect.item))
                return gettext("Va avec un petit mieux, sous l’écart qui compte (%(points)s) : %(span)s point.") % told
            return gettext("Va avec un mieux : en moyenne %(span)s point.") % told
        if self.effect.helps <= 1 - SURE:
            return gettext("Va avec un moins bien : en moyenne %(span)s point.") % told
        return gettext("Ni mieux ni moins bien de façon nette : en moyenne %(span)s point.") % told

    @property
    def small(self) -> bool:
        """Whether even the best that may be believed is less than what matters."""
        believed = self.effect.estimate.belief.interval
        best = max(gained(believed.low, self.effect.ramp), gained(believed.high, self.effect.ramp))
        return best < points_that_matter(self.effect.item)

    @property
    def tone(self) -> str:
        """For the stylesheet: better, worse, unclear, or unknown."""
        if not self.effect.estimate.knows_enough:
            return "unknown"
        if self.effect.helps >= SURE and self.small:
            return "unclear"
        return "better" if self.effect.helps >= SURE else "worse" if self.effect.helps <= 1 - SURE else "unclear"


@dataclass(frozen=True)
class ToldDays:
    """One indicator right after a care and on the days that follow, beside what it was before."""

    name: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class ToldCare:
    effect: CareEffect
    items: tuple[ToldItem, ...]
    others: tuple[ToldItem, ...]
    steps: tuple[str, ...]
    days: tuple[ToldDays, ...]

    @property
    def worse_moments(self) -> str:
        """Where this care is kept for worse moments, some of the better would have come without it."""
        found = self.effect.before_usual
        if found is None:
            return ""
        item, here, usual = found
        words = gettext(
            "Ce soin est choisi quand cela va moins bien : avant, %(item)s à %(here)s en moyenne, contre %(usual)s "
            "avant l’ensemble des soins. Une part du mieux serait venue sans lui."
        )
        return words % {"item": name_of(item).lower(), "here": decimal(here), "usual": decimal(usual)}


def tell_care(effect: CareEffect) -> ToldCare:
    days = sorted({one.day for item in effect.own for one in item.days})
    told = tuple(
        ToldDays(name_of(item.item), tuple(_cell(item.days, day) for day in days)) for item in effect.own if item.days
    )
    return ToldCare(
        effect=effect,
        items=tuple(ToldItem(one, name_of(one.item)) for one in effect.own),
        others=tuple(ToldItem(one, name_of(one.item)) for one in effect.others),
        steps=tuple(step_said(day) for day in days),
        days=told if len(days) > 1 else (),
    )


def step_said(day: int) -> str:
    return gettext("après") if day == 0 else gettext("+ %(n)s j") % {"n": day}


def _cell(found: Sequence[DayAfter], day: int) -> str:
    one = next((one for one in found if one.day == day), None)
    if one is None:
        return "—"
    made = one.estimate
    number = f"n{NBSP}={NBSP}{made.number}"
    if made.number < SESSIONS_MIN:  # an interval of two or three would be all of the scale
        return f"{signed(made.mean)} ({number})"
    return f"{signed(made.mean)} ({span(made.interval)}, {number})"


def signed(number: float) -> str:
    """+1,2 or −0,4; 0,0 has no sign."""
    rounded = round(number, 1)
    sign = "+" if rounded > 0 else "−" if rounded < 0 else ""
    return f"{sign}{decimal(abs(rounded))}"


def span(interval: Interval | None) -> str:
    if interval is None:
        return ""
    return gettext("de %(low)s à %(high)s") % {"low": signed(interval.low), "high": signed(interval.high)}


def share(part: int, whole: int) -> str:
    """« 7 sur 12 (58 %) »; under five, no percentage: it would look like more than it is."""
    words = gettext("%(part)s sur %(whole)s") % {"part": part, "whole": whole}
    return f"{words} ({percent(part, whole)})" if whole >= 5 else words


def percent(part: int, whole: int) -> str:
    return f"{formats.number_format(round(100 * part / whole), decimal_pos=0)}{NBSP}%" if whole else "—"
