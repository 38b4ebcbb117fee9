"""The song: what of the motif each phrase sings, and the pitches that fit it to the harmony.

Pitches are found together for a whole phrase (dynamic programming): near the motif's contour, chord tones where the ear
leans, steps rather than leaps, no parallel fifths or octaves with the bass, and a tonic or a third to close on.
"""

import math
from collections.abc import Callable

import msgspec

from audio.montage.chords import Sonority
from audio.montage.motif import Motif, augmented, head, inverted, joined, ornamented, shifted, simplified
from audio.montage.progression import Phrase, Slot
from audio.montage.voices import parallel

FULL, CALM, SLOW, STILL = 0.6, 0.25, 0.12, 0.05
INTERLUDE_PERIODS = 5  # the others play the first phrase of every fifth period, and the very first, alone
PARALLEL = 200.0
STRANGE = 30.0
NINTH = 4.0
SIGH_FROM, SIGH_BEATS_MIN = CALM, 2.0


class Sung(msgspec.Struct, frozen=True):
    """A note of the song, before a player takes it."""

    start_beat: float
    beats: float
    pitch: int


class Line(msgspec.Struct, frozen=True):
    """Where a phrase of song may lie: its range, its centre, and the bass under each of its beats."""

    low: int
    high: int
    centre: float
    bass_at: Callable[[float], int]


class _Want(msgspec.Struct, frozen=True):
    start_beat: float
    beats: float
    step: int
    strong: bool
    final: bool


def material(motif: Motif, phrase: Phrase, beats_a_bar: int, *, again: bool) -> Motif | None:
    """Return what this phrase sings (four bars), or None where it keeps silent. `again` is the motif's return."""
    period, bar = phrase.index // 2, float(beats_a_bar)
    interlude = period % INTERLUDE_PERIODS == INTERLUDE_PERIODS - 1 and not phrase.closing and not again
    if phrase.index == 0 or interlude:
        return None
    if phrase.activity >= FULL:
        return _closing(motif, bar, period) if phrase.closing else _opening(motif, bar, period, again=again)
    if phrase.activity >= CALM:
        plain = simplified(inverted(motif) if period % 3 == 1 else motif)
        return _answer(plain, bar) if phrase.closing else joined(head(plain, 2 * bar - 1), _held(bar, 0.0, 1.0, 0))
    if phrase.activity >= SLOW:
        return None if phrase.closing else head(augmented(simplified(motif)), 4 * bar - 2)
    if phrase.activity >= STILL or period % 2:
        return None if phrase.closing else Motif(((bar, 0), (2 * bar - 1, _second(motif)), (bar + 1, None)))
    return None


def _opening(motif: Motif, bar: float, period: int, *, again: bool) -> Motif:
    second = shifted(motif, (1, -1, 2, -2)[period % 4])
    first = motif if again or period % 2 == 0 else ornamented(motif)
    return joined(first, head(second, bar), Motif(((bar - 1.5, _last(second)), (1.5, None))))


def _closing(motif: Motif, bar: float, period: int) -> Motif:
    start = head(inverted(motif) if period % 4 == 2 else motif, bar)
    fall = Motif(((bar / 2, 1), (bar / 2, 0), (bar - 1.0, -1), (1.0, None)))
    return joined(shifted(start, 1), start, fall)


def _answer(plain: Motif, bar: float) -> Motif:
    return joined(Motif(((bar, None),)), head(shifted(plain, -1), bar), Motif(((bar, 0), (bar - 1.0, -1), (1.0, None))))


def _held(bar: float, before: float, after: float, step: int) -> Motif:
    return Motif(((before + 1.0, None), (2 * bar - 1.0 - after, step), (after + 1.0, None)))


def _last(motif: Motif) -> int:
    return next(step for _, step in reversed(motif.cells) if step is not None)


def _second(motif: Motif) -> int:
    return next(step for _, step in motif.cells[1:] if step)


def sing(motif: Motif, phrase: Phrase, beats_a_bar: int, line: Line) -> list[Sung]:
    """Give the motif its pitches in this phrase."""
    wants = _wants(motif, phrase, beats_a_bar)
    if not wants:
        return []
    pitches = _pitches(wants, phrase, line)
    sung = [Sung(want.start_beat, want.beats, pitch) for want, pitch in zip(wants, pitches, strict=True)]
    return _sighing(sung, phrase, line) if phrase.closing and phrase.activity >= SIGH_FROM else sung


def _sighing(sung: list[Sung], phrase: Phrase, line: Line) -> list[Sung]:
    """Close on a sigh: the tone above leans on the last note, prepared by the note before, and falls to it.

    Only where nothing else holds the last note's own pitch class a semitone away from the leaning tone.
    """
    *before, last = sung
    above = next((pitch for pitch in phrase.key.pitches(last.pitch + 1, last.pitch + 2)), None)
    slot = slot_at(phrase.slots, last.start_beat)
    prepared = before and above is not None and abs(before[-1].pitch - above) <= 2
    if not prepared or above is None or above > line.high or last.beats < SIGH_BEATS_MIN or phrase.index // 2 % 2:
        return sung
    if above - last.pitch == 1 or (above % 12 not in slot.sonority.tones and _bent(above, slot)):
        return sung
    lean = 1.0
    return [
        *before,
        Sung(last.start_beat, lean, above),
        Sung(last.start_beat + lean, last.beats - lean, last.pitch),
    ]


def _wants(motif: Motif, phrase: Phrase, beats_a_bar: int) -> list[_Want]:
    beat, found = float(phrase.first_bar * beats_a_bar), []
    for beats, step in motif.cells:
        if step is not None:
            in_bar = beat % beats_a_bar
            strong = in_bar == 0 or beats >= 1.5 or (beats_a_bar == 4 and in_bar == 2)
            found.append(_Want(beat, beats, step, strong, final=False))
        beat += beats
    if found and phrase.closing:
        found[-1] = msgspec.structs.replace(found[-1], final=True)
    return found


def _pitches(wants: list[_Want], phrase: Phrase, line: Line) -> list[int]:
    """Viterbi over the pitches that each note may take."""
    scale = phrase.key.pitches(line.low, line.high)
    ways: dict[int, tuple[float, tuple[int, ...]]] = {}
    for index, want in enumerate(wants):
        slot = slot_at(phrase.slots, want.start_beat)
        last = slot_at(phrase.slots, want.start_beat + want.beats - 0.01)
        allowed = sorted({*scale, *(p for p in range(line.low, line.high + 1) if p % 12 in slot.sonority.tones)})
        now: dict[int, tuple[float, tuple[int, ...]]] = {}
        for pitch in allowed:
            own = _own_cost(pitch, want, slot, last, phrase, line)
            if index == 0:
                now[pitch] = (own + 0.4 * abs(pitch - line.centre), (pitch,))
                continue
            before = wants[index - 1]
            now[pitch] = min(
                (cost + own + _way_cost(way[-1], pitch, before, want, slot, line), (*way, pitch))
                for cost, way in ways.values()
            )
        ways = now
    return list(min(ways.values())[1])


def _own_cost(pitch: int, want: _Want, slot: Slot, last: Slot, phrase: Phrase, line: Line) -> float:
    cost = 0.05 * math.pow(abs(pitch - line.centre), 1.5)
    tones = slot.sonority.tones | {slot.sonority.bass}
    if pitch % 12 not in tones:
        cost += (9.0 if want.strong else 1.5) + _clash(pitch, slot.sonority, want.beats)
        cost += STRANGE if slot.chord.bend and _bent(pitch, slot) else 0.0
    elif want.beats >= 1 and (pitch - 1) % 12 in tones:  # the root above its own major seventh
        cost += NINTH * min(want.beats, 3.0)
    if last is not slot and pitch % 12 not in last.sonority.tones:
        cost += 4.0 + _clash(pitch, last.sonority, want.beats)
    if want.final:
        cost += {phrase.key.pitch_class(0): 0.0, phrase.key.pitch_class(2): 2.0}.get(pitch % 12, 12.0)
    return cost


def _clash(pitch: int, sonority: Sonority, beats: float) -> float:
    """A long note a semitone above a tone that sounds hurts."""
    near = (pitch - 1) % 12 in sonority.tones or (pitch + 1) % 12 in sonority.tones
    return 5.0 * min(beats, 3.0) if near else 0.0


def _bent(pitch: int, slot: Slot) -> bool:
    return any((pitch + by) % 12 in slot.sonority.needed for by in (-1, 1))


def _way_cost(before: int, pitch: int, was: _Want, want: _Want, slot: Slot, line: Line) -> float:
    moved, meant = pitch - before, (want.step - was.step) * 12 / 7
    cost = 0.9 * abs(moved - meant)
    if moved == 0 and meant:
        cost += 2.5
    if abs(moved) > 7:
        cost += 3.0 * (abs(moved) - 7)
    if abs(moved) in (6, 10, 11):
        cost += 6.0
    if abs(moved) > 2 and pitch % 12 not in slot.sonority.tones:
        cost += 6.0
    below = (line.bass_at(was.start_beat), line.bass_at(want.start_beat))
    return cost + (PARALLEL if parallel((below[0], before), (below[1], pitch)) else 0.0)


def slot_at(slots: tuple[Slot, ...], beat: float) -> Slot:
    """Return the slot that sounds at a beat."""
    return next((slot for slot in reversed(slots) if slot.start_beat <= beat + 1e-6), slots[0])
