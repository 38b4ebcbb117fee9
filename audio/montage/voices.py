"""Voice leading in four voices: each moves little, and bass and soprano never in parallel fifths or octaves.

A beam search: at each chord the best few voicings are kept with the way that led to them, so that a voice can prepare
today what it needs tomorrow.
"""

import math
from itertools import product

import msgspec

from audio.montage.chords import Sonority
from audio.montage.progression import Slot

Voicing = tuple[int, int, int, int]  # bass, tenor, alto, soprano: MIDI notes
BASS, TENOR, ALTO, SOPRANO = range(4)
RANGES = ((36, 55), (48, 67), (55, 74), (59, 81))
BEAM = 10
CANDIDATES_MAX = 36
OUTER_PARALLEL = 1000.0
INNER_PARALLEL = 40.0
GAP_MAX = 12
TENOR_GAP_MAX = 22
PERFECT = (0, 7)


class _Way(msgspec.Struct, frozen=True):
    cost: float
    voicings: tuple[Voicing, ...]


def lead(slots: list[Slot], centres: list[float]) -> list[Voicing]:
    """Return a voicing for each slot. `centres` is where the soprano should be, a MIDI note for each slot."""
    ways = [_Way(0.0, ())]
    before: Sonority | None = None
    for slot, centre in zip(slots, centres, strict=True):
        found = _candidates(slot.sonority, centre)
        ways = _onward(ways, before, slot.sonority, found)
        before = slot.sonority
    return list(ways[0].voicings)


def _onward(ways: list[_Way], before: Sonority | None, now: Sonority, found: list[tuple[float, Voicing]]) -> list[_Way]:
    best: list[_Way] = []
    for own, voicing in found:
        cost, way = min(
            ((way.cost + own + (_moving(way.voicings[-1], voicing, before, now) if way.voicings else 0.0)), index)
            for index, way in enumerate(ways)
        )
        best.append(_Way(cost, (*ways[way].voicings, voicing)))
    return sorted(best, key=lambda way: (way.cost, way.voicings[-1]))[:BEAM]


def _candidates(sonority: Sonority, centre: float) -> list[tuple[float, Voicing]]:
    tones = sonority.tones
    basses = [p for p in range(RANGES[BASS][0], RANGES[BASS][1] + 1) if p % 12 == sonority.bass]
    lines = [[p for p in range(low, high + 1) if p % 12 in tones] for low, high in RANGES[1:]]
    found = [
        (_standing((bass, *upper), sonority, centre), (bass, *upper))
        for bass, upper in product(basses, product(*lines))
        if _spaced((bass, *upper)) and _whole(upper, sonority)
    ]
    return sorted(found)[:CANDIDATES_MAX]  # type: ignore[return-value, unused-ignore]


def _spaced(v: tuple[int, ...]) -> bool:
    return (
        v[0] < v[1] < v[2] < v[3] and v[3] - v[2] <= GAP_MAX and v[2] - v[1] <= GAP_MAX and v[1] - v[0] <= TENOR_GAP_MAX
    )


def _whole(upper: tuple[int, ...], sonority: Sonority) -> bool:
    classes = {pitch % 12 for pitch in upper}
    return classes.issuperset(sonority.needed) and (sonority.root in classes or sonority.root == sonority.bass)


def _standing(v: tuple[int, ...], sonority: Sonority, centre: float) -> float:
    """What a voicing costs by itself: away from its place, thick in the deep, a leading tone heard twice."""
    classes = [pitch % 12 for pitch in v]
    cost = 0.30 * _far(v[SOPRANO] - centre) + 0.08 * _far(v[BASS] - 43)
    cost += 3.0 * max(0, 4 - (v[ALTO] - v[TENOR])) * (v[TENOR] < 55)
    cost += 4.0 * (v[ALTO] - v[TENOR] == 1) + 6.0 * (v[SOPRANO] - v[ALTO] == 1)
    doubled = [tone for tone in (sonority.leading, *sonority.falling) if tone is not None and classes.count(tone) > 1]
    return cost + 25.0 * len(doubled) + 1.5 * (4 - len(set(classes)))


def _far(distance: float) -> float:
    return math.pow(abs(distance), 1.5)


def _moving(a: Voicing, b: Voicing, before: Sonority | None, now: Sonority) -> float:
    steps = [high - low for low, high in zip(a, b, strict=True)]
    cost = sum(abs(step) + (0.6 * (abs(step) - 4) ** 2 if abs(step) > 4 else 0.0) for step in steps[1:])
    cost += 0.35 * abs(steps[0]) + (4.0 if abs(steps[0]) > 7 else 0.0)
    cost += _parallels(a, b, steps)
    if all(step > 0 for step in steps) or all(step < 0 for step in steps):
        cost += 4.0
    if before is not None:
        cost += _unkept(a, b, before, now)
    return cost


def _parallels(a: Voicing, b: Voicing, steps: list[int]) -> float:
    cost = 0.0
    for low in range(3):
        for high in range(low + 1, 4):
            if parallel((a[low], a[high]), (b[low], b[high])):
                cost += OUTER_PARALLEL if (low, high) == (BASS, SOPRANO) else INNER_PARALLEL
    hidden = (b[SOPRANO] - b[BASS]) % 12 in PERFECT and steps[BASS] * steps[SOPRANO] > 0 and abs(steps[SOPRANO]) > 2
    return cost + (8.0 if hidden else 0.0)


def parallel(a: tuple[int, int], b: tuple[int, int]) -> bool:
    """Say whether two voices (low, high) move in parallel fifths or octaves (unisons too)."""
    if a[0] == b[0] or (b[0] - a[0]) * (b[1] - a[1]) <= 0:
        return False
    interval = (b[1] - b[0]) % 12
    return interval in PERFECT and (a[1] - a[0]) % 12 == interval


def _unkept(a: Voicing, b: Voicing, before: Sonority, now: Sonority) -> float:
    """A leading tone wants to rise when its tonic comes; a seventh or a fourth to fall by a step or to stay."""
    cost = 0.0
    for was, became in zip(a[1:], b[1:], strict=True):
        if was % 12 == before.leading and (was + 1) % 12 in now.tones and became - was not in (0, 1):
            cost += 6.0
        if was % 12 in before.falling and became - was not in (0, -1, -2):
            cost += 7.0
    return cost
