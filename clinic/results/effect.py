"""The effect of each care for one patient (X6), from that patient's own answers and nobody else's.

What counts: sessions that were heard at least by half, whose item was answered before and after. The person's own
answers and those that a relative or a carer gave in their place are two estimates, and never one (D2).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from clinic.results.course import Asked, Lived
from clinic.results.estimate import Estimate, estimate
from clinic.results.matters import can_gain, gained, matters, worsened
from mqtt_bridge.contract.forms import Ramp

HEARD_MIN = 0.5
"""Less than half of a care is not that care."""
ABOVE_USUAL = 1.0
"""From here on it is said that the care was listened to in worse moments than others (regression to the mean)."""
Ramps = Mapping[str, Ramp]


@dataclass(frozen=True)
class Pair:
    """One item, before and after one session."""

    before: int
    after: int

    @property
    def change(self) -> int:
        return self.after - self.before


@dataclass(frozen=True)
class ItemEffect:
    """One care on one item. Changes are after minus before, in points: which way is better, `ramp` says."""

    item: str
    ramp: Ramp
    estimate: Estimate
    before_mean: float
    mattered: int
    could: int
    """Of `could` sessions where there was something to relieve, `mattered` brought a change that matters."""
    worse: int
    """Sessions after which it was worse by as much."""
    days: tuple["DayAfter", ...]

    @property
    def gain(self) -> float:
        """The mean change, more being better."""
        return gained(self.estimate.mean, self.ramp)

    @property
    def helps(self) -> float:
        """The probability, by the belief, that the mean change is for the better at all."""
        belief = self.estimate.belief
        return belief.above(0) if self.ramp == "pleasant" else belief.below(0)


@dataclass(frozen=True)
class DayAfter:
    """How far the item is from what it was before the care, so many days after: 0 is right after it."""

    day: int
    estimate: Estimate


@dataclass(frozen=True)
class CareEffect:
    request: str
    care: str
    """As its last session calls it."""
    sessions: int
    own: tuple[ItemEffect, ...]
    """From the person's own answers."""
    others: tuple[ItemEffect, ...]
    """From answers that a relative or a carer gave in their place."""
    before_usual: tuple[str, float, float] | None
    """(item, its mean before this care, its mean before every care): where this care is kept for worse moments."""


def effects(lived: Sequence[Lived], ramps: Ramps) -> list[CareEffect]:
    """Of each care, the one last listened to first."""
    by_care: dict[str, list[Lived]] = {}
    for one in lived:
        by_care.setdefault(one.request, []).append(one)
    last = sorted(by_care.values(), key=lambda found: found[-1].at_ms, reverse=True)
    return [_care(found, lived, ramps) for found in last]


def _care(found: list[Lived], every: Sequence[Lived], ramps: Ramps) -> CareEffect:
    heard = [one for one in found if one.heard and one.heard.played >= HEARD_MIN]
    own = _items(heard, ramps, by_person=True)
    return CareEffect(
        request=found[-1].request,
        care=found[-1].care,
        sessions=len(found),
        own=own,
        others=_items(heard, ramps, by_person=False),
        before_usual=_worse_moments(found, every, own),
    )


def _items(heard: list[Lived], ramps: Ramps, *, by_person: bool) -> tuple[ItemEffect, ...]:
    names = in_the_forms_order({item for one in heard for item in _scores(one.before)}, ramps)
    made = [_item(item, heard, ramp_of(item, ramps), by_person=by_person) for item in names]
    return tuple(one for one in made if one)


def in_the_forms_order(items: Iterable[str], ramps: Ramps) -> list[str]:
    """What the form asks first comes first; what it does not know comes last, by name."""
    place = {name: number for number, name in enumerate(ramps)}
    return sorted(items, key=lambda item: (place.get(item, len(place)), item))


def ramp_of(item: str, ramps: Ramps) -> Ramp:
    """From the form that was asked; the house's own good-when-high item while the plan is not known here."""
    return ramps.get(item, "pleasant" if item == "plaisir" else "intense")


def _item(item: str, heard: list[Lived], ramp: Ramp, *, by_person: bool) -> ItemEffect | None:
    pairs = [pair for one in heard if (pair := pair_of(one, item, by_person=by_person))]
    made = estimate([pair.change for pair in pairs])
    if made is None:
        return None
    could = [pair for pair in pairs if can_gain(pair.before, ramp)]
    return ItemEffect(
        item=item,
        ramp=ramp,
        estimate=made,
        before_mean=fmean(pair.before for pair in pairs),
        mattered=sum(matters(item, ramp, pair.before, pair.after) for pair in could),
        could=len(could),
        worse=sum(worsened(item, ramp, pair.before, pair.after) for pair in pairs),
        days=_days(item, heard) if by_person else (),
    )


def pair_of(one: Lived, item: str, *, by_person: bool) -> Pair | None:
    """None unless the item was answered both times, both times by the person, or both times for them."""
    before, after = one.before, one.after
    if before is None or after is None or not before.by_person == after.by_person == by_person:
        return None
    if item not in before.scores or item not in after.scores:
        return None
    return Pair(before.scores[item], after.scores[item])


def _days(item: str, heard: Iterable[Lived]) -> tuple[DayAfter, ...]:
    """Right after, and on each day on which it was asked again."""
    changes: dict[int, list[int]] = {}
    for one in heard:
        if one.before is None or not one.before.by_person or item not in one.before.scores or not one.days:
            continue
        for day, asked in {0: one.after, **one.days}.items():
            if asked is not None and asked.by_person and item in asked.scores:
                changes.setdefault(day, []).append(asked.scores[item] - one.before.scores[item])
    found = [(day, estimate(seen)) for day, seen in sorted(changes.items())]
    return tuple(DayAfter(day, made) for day, made in found if made)


def _worse_moments(
    found: Sequence[Lived], every: Sequence[Lived], own: Sequence[ItemEffect]
) -> tuple[str, float, float] | None:
    """The item that was the most above its usual before this care, by the person's own answers."""
    seen = [(one.item, one.ramp, _mean_before(found, one.item), _mean_before(every, one.item)) for one in own]
    known = [
        (gained(usual - here, ramp), item, here, usual)
        for item, ramp, here, usual in seen
        if here is not None and usual is not None
    ]
    above, item, here, usual = max(known, default=(0.0, "", 0.0, 0.0))
    return (item, here, usual) if above >= ABOVE_USUAL else None


def _mean_before(found: Iterable[Lived], item: str) -> float | None:
    scores = [
        one.before.scores[item] for one in found if one.before and one.before.by_person and item in one.before.scores
    ]
    return fmean(scores) if scores else None


def _scores(asked: Asked | None) -> dict[str, int]:
    return asked.scores if asked else {}
