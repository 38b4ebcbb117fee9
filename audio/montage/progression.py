"""Which chord follows which: functions, cadences at the ends of phrases, suspensions and pedal points.

A period is two phrases of four bars: the first opens (half cadence), the second closes. The calmer the moment, the
slower the harmony; in rest it moves over a pedal.
"""

import random
from itertools import pairwise

import msgspec

from audio.montage.chords import Chord, Key, Sonority, sound, third
from audio.montage.grid import PHRASE_BARS

Weighted = tuple[tuple[int, int], ...]
# For each mode, from each degree: (next degree, weight). Degrees with a diminished triad are never visited.
NEXT: dict[str, dict[int, Weighted]] = {
    "ionian": {
        0: ((3, 3), (5, 3), (1, 2), (2, 2)),
        1: ((4, 4), (3, 1), (5, 1)),
        2: ((5, 3), (3, 3)),
        3: ((0, 2), (4, 3), (1, 2)),
        4: ((5, 2), (0, 2), (3, 1)),
        5: ((3, 3), (1, 3), (2, 1)),
    },
    "lydian": {
        0: ((1, 4), (4, 2), (5, 2)),
        1: ((0, 3), (2, 1), (5, 2)),
        2: ((5, 2), (1, 2)),
        4: ((0, 3), (5, 2), (1, 1)),
        5: ((1, 2), (4, 2), (2, 1)),
    },
    "mixolydian": {
        0: ((6, 4), (3, 3), (4, 1), (1, 1)),
        1: ((3, 2), (6, 2)),
        3: ((0, 3), (6, 1), (1, 1)),
        4: ((3, 2), (6, 1)),
        5: ((3, 2), (6, 1)),
        6: ((3, 3), (0, 2), (5, 1)),
    },
    "aeolian": {
        0: ((5, 3), (3, 3), (6, 2), (2, 2)),
        2: ((6, 2), (5, 2), (3, 2)),
        3: ((0, 2), (6, 2), (5, 1), (4, 1)),
        4: ((0, 2), (5, 1)),
        5: ((2, 2), (3, 2), (6, 2)),
        6: ((2, 2), (0, 2), (5, 1)),
    },
    "dorian": {
        0: ((3, 4), (6, 3), (2, 2), (1, 1)),
        1: ((3, 1), (4, 1), (6, 1)),
        2: ((3, 2), (6, 2)),
        3: ((0, 3), (6, 2), (2, 1)),
        4: ((3, 2), (0, 1)),
        6: ((3, 2), (0, 2), (2, 1)),
    },
}
FORMS: dict[int, tuple[str, ...]] = {0: ("9", "", "9", "7"), 1: ("7", "7", ""), 4: ("", "7", "74"), 6: ("", "9")}
FORMS_ELSEWHERE = ("", "7", "9")
# The last chord but one of a closing phrase, by mode. A fourth ("4") is a suspension, and resolves within its bar.
CLOSING: dict[str, tuple[Chord, ...]] = {
    "ionian": (Chord(4, "4"), Chord(4, "4"), Chord(3, "9"), Chord(3, "6", bend=-1)),
    "lydian": (Chord(1), Chord(4, "4")),
    "mixolydian": (Chord(6, "9"), Chord(3, "9")),
    "aeolian": (Chord(6, "4"), Chord(3, "7"), Chord(4, "4", bend=1)),
    "dorian": (Chord(3), Chord(6, "4")),
}
# The last chord of an opening phrase.
HALF: dict[str, tuple[Chord, ...]] = {
    "ionian": (Chord(4, "4"), Chord(4, "4"), Chord(1, "7"), Chord(3, "9")),
    "lydian": (Chord(1), Chord(4, "4")),
    "mixolydian": (Chord(3, "9"), Chord(6)),
    "aeolian": (Chord(6, "4"), Chord(4, "7"), Chord(5, "7")),
    "dorian": (Chord(3, "4"), Chord(6, "9")),
}
DECEPTIVE = {"ionian": 5, "aeolian": 5}
BREATH_BEATS, INHALE_BEATS = 10, 4  # a bar that is one breath
SLOW_BELOW = 0.25
PEDAL_BELOW = 0.14


class Slot(msgspec.Struct, frozen=True):
    """One chord in time. `cadence` marks the arrival of a phrase."""

    start_beat: float
    beats: float
    sonority: Sonority
    chord: Chord
    cadence: bool = False


class Phrase(msgspec.Struct, frozen=True):
    """Four bars: `closing` ends in a cadence; `stage` is the phase it belongs to; `activity` is that of its middle."""

    index: int
    first_bar: int
    closing: bool
    stage: int
    activity: float
    key: Key
    slots: tuple[Slot, ...]


class Outline(msgspec.Struct, frozen=True):
    """What a phrase must do, before its chords are chosen."""

    index: int
    beats_a_bar: int
    stage: int
    activity: float
    key: Key
    next_key: Key
    ends_stage: bool
    closing: bool
    pedal: int | None = None


def harmonise(outline: Outline, previous: Chord | None, chance: random.Random) -> Phrase:
    """Choose the chords of a phrase. `previous` is the chord before it, if any."""
    slow = outline.activity < SLOW_BELOW
    chords = _path(outline, previous, 2 if slow else PHRASE_BARS, chance)
    bars = PHRASE_BARS // len(chords)
    slots: list[Slot] = []
    bass: int | None = None
    for place, chord in enumerate(chords):
        start = float((outline.index * PHRASE_BARS + place * bars) * outline.beats_a_bar)
        firm = place in (0, len(chords) - 1) or chord.form.startswith("4")
        bass = _bass(outline, chord, bass, firm=firm)
        slots += _spell(outline, chord, start, float(bars * outline.beats_a_bar), bass)
    slots = _turned(outline, slots, slow=slow)
    slots[-1] = msgspec.structs.replace(slots[-1], cadence=True)
    first_bar = outline.index * PHRASE_BARS
    return Phrase(outline.index, first_bar, outline.closing, outline.stage, outline.activity, outline.key, tuple(slots))


def _path(outline: Outline, previous: Chord | None, length: int, chance: random.Random) -> list[Chord]:
    """Choose among all ways from the first chord to the cadence, each with the weight of its steps."""
    mode = outline.key.mode
    end = _ending(outline, chance) if length > 2 or outline.closing else [chance.choice(HALF[mode])]
    starts = (
        [0] if not outline.closing or previous is None else [d for d, _ in NEXT[mode].get(previous.degree, ((0, 1),))]
    )
    if length == len(end):
        return end
    ways = [
        (way, weight)
        for start in starts
        for way, weight in _ways(mode, start, length - len(end))
        if any(degree == end[0].degree for degree, _ in NEXT[mode][way[-1]]) or way[-1] == 0
    ]
    ways = [(way, weight) for way, weight in ways if way[-1] != end[0].degree] or [((0,) * (length - len(end)), 1)]
    (way, _), *_rest = chance.choices(ways, weights=[weight for _, weight in ways])
    return [_dressed(degree, chance) for degree in way] + end


def _ways(mode: str, start: int, length: int) -> list[tuple[tuple[int, ...], int]]:
    ways: list[tuple[tuple[int, ...], int]] = [((start,), 1)]
    for _ in range(length - 1):
        ways = [((*way, degree), weight * more) for way, weight in ways for degree, more in NEXT[mode][way[-1]]]
    return ways


def _ending(outline: Outline, chance: random.Random) -> list[Chord]:
    mode = outline.key.mode
    if not outline.closing:
        return [chance.choice(HALF[mode])]
    before = chance.choice(CLOSING[mode][:2] if outline.ends_stage else CLOSING[mode])
    goes_on = mode in DECEPTIVE and before.degree == 4 and not outline.ends_stage and chance.random() < 0.3
    return [before, Chord(DECEPTIVE[mode], "7") if goes_on else Chord(0, chance.choice(("", "9")))]


def _dressed(degree: int, chance: random.Random) -> Chord:
    return Chord(degree, chance.choice(FORMS.get(degree, FORMS_ELSEWHERE)))


def _bass(outline: Outline, chord: Chord, before: int | None, *, firm: bool) -> int:
    """Return the bass: the pedal, or the root, or the third where that makes the line move by step."""
    if outline.pedal is not None:
        return outline.pedal
    root = outline.key.pitch_class(chord.degree)
    if firm or before is None:
        return root
    inverted = third(outline.key, chord)
    return inverted if _leap(before, inverted) + 2 < _leap(before, root) else root


def _leap(before: int, after: int) -> int:
    distance = abs((after - before + 6) % 12 - 6)
    return distance or 3


def _spell(outline: Outline, chord: Chord, start: float, beats: float, bass: int) -> list[Slot]:
    """A suspended fourth is heard for the first half of its time, then falls to the third."""
    if chord.form != "4":
        return [Slot(start, beats, sound(outline.key, chord, bass), chord)]
    held, resolved = Chord(chord.degree, "4"), Chord(chord.degree, "", chord.bend)
    half = _held_beats(outline.beats_a_bar, beats)
    return [
        Slot(start, half, sound(outline.key, held, bass), held),
        Slot(start + half, beats - half, sound(outline.key, resolved, bass), resolved),
    ]


def _held_beats(beats_a_bar: int, beats: float) -> float:
    """Half the time; in a bar of three its first two beats; in a bar that is a breath, while breathing in."""
    if beats_a_bar == BREATH_BEATS:
        return float(INHALE_BEATS)
    return beats / 2 if beats_a_bar % 2 == 0 or beats > beats_a_bar else beats - 1


def _turned(outline: Outline, slots: list[Slot], *, slow: bool) -> list[Slot]:
    """Where the next period has another key, its dominant is heard at the end of this one."""
    if (
        slow
        or outline.beats_a_bar == BREATH_BEATS
        or not outline.closing
        or outline.next_key == outline.key
        or outline.pedal is not None
    ):
        return slots
    *before, last = slots
    turn = 2.0 if outline.beats_a_bar % 2 == 0 else 1.0
    pivot = Chord(4, "74")
    return [
        *before,
        msgspec.structs.replace(last, beats=last.beats - turn),
        Slot(last.start_beat + last.beats - turn, turn, sound(outline.next_key, pivot), pivot),
    ]


def follows(slots: list[Slot]) -> bool:
    """Say whether the slots leave no hole between them."""
    return all(abs(a.start_beat + a.beats - b.start_beat) < 1e-9 for a, b in pairwise(slots))
