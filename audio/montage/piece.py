"""A piece before it is given to players: its bars, its phrases, and its four voices."""

import random
from bisect import bisect_right

import msgspec

from audio.montage.arc import Arc
from audio.montage.chords import Chord, Key
from audio.montage.grid import PHRASE_BARS, Grid
from audio.montage.motif import Motif
from audio.montage.progression import PEDAL_BELOW, Outline, Phrase, Slot, harmonise
from audio.montage.voices import BASS, Voicing, lead

SOPRANO_LOW, SOPRANO_HIGH = 63.0, 71.0
DOMINANT = 4


class Piece(msgspec.Struct, frozen=True):
    """`voicings` has one entry for each of `slots`, which follow each other without a hole."""

    arc: Arc
    grid: Grid
    motif: Motif
    phrases: tuple[Phrase, ...]
    slots: tuple[Slot, ...]
    voicings: tuple[Voicing, ...]

    def activity(self, beat: float) -> float:
        return self.arc.activity.at(self.grid.at(beat))

    def level_db(self, beat: float) -> float:
        return self.arc.level_db.at(self.grid.at(beat))

    def phrase_at(self, beat: float) -> Phrase:
        return self.phrases[min(int(beat / self.grid.beats_a_bar) // PHRASE_BARS, len(self.phrases) - 1)]

    def voicing_at(self, beat: float) -> Voicing:
        return self.voicings[self._index(beat)]

    def bass_at(self, beat: float) -> int:
        return self.voicing_at(beat)[BASS]

    def slot_at(self, beat: float) -> Slot:
        return self.slots[self._index(beat)]

    def _index(self, beat: float) -> int:
        return max(0, bisect_right(self.slots, beat + 1e-6, key=lambda slot: slot.start_beat) - 1)


def write(arc: Arc, grid: Grid, motif: Motif, keys: tuple[tuple[Key, ...], ...], seed: int) -> Piece:
    """Choose the harmony and lead the voices. `keys` are those of each phase, one after the other."""
    chance = random.Random(f"{seed}/harmony")  # noqa: S311 - a composer's dice, not a secret
    phrases: list[Phrase] = []
    previous: Chord | None = None
    for outline in _outlines(arc, grid, keys):
        phrases.append(harmonise(outline, previous, chance))
        previous = phrases[-1].slots[-1].chord
    slots = tuple(slot for phrase in phrases for slot in phrase.slots)
    centres = [_centre(arc, grid, slot.start_beat) for slot in slots]
    return Piece(arc, grid, motif, tuple(phrases), slots, tuple(lead(list(slots), centres)))


def _centre(arc: Arc, grid: Grid, beat: float) -> float:
    return SOPRANO_LOW + (SOPRANO_HIGH - SOPRANO_LOW) * arc.activity.at(grid.at(beat))


def _outlines(arc: Arc, grid: Grid, keys: tuple[tuple[Key, ...], ...]) -> list[Outline]:
    count = grid.bars // PHRASE_BARS
    places = [_place(arc, grid, index) for index in range(count)]
    stages = [places[index - index % 2][0] for index in range(count)]
    sung = [_key(stages, keys, index - index % 2) for index in range(count)]
    found = []
    for index in range(count):
        _, activity = places[index]
        last = index + 1 == count
        ends = last or (index % 2 == 1 and stages[index + 1] != stages[index])
        following = sung[min(index + 1, count - 1)]
        pedal = _pedal(sung[index], activity, index, count, stages)
        closing = last or index % 2 == 1
        key, meter = sung[index], grid.beats_a_bar
        found.append(Outline(index, meter, stages[index], activity, key, following, ends, closing, pedal))
    return found


def _place(arc: Arc, grid: Grid, index: int) -> tuple[int, float]:
    start = index * PHRASE_BARS * grid.beats_a_bar
    middle = grid.at(start + PHRASE_BARS * grid.beats_a_bar / 2)
    return arc.stage_at(grid.at(start + grid.beats_a_bar)), arc.activity.at(middle)


def _key(stages: list[int], keys: tuple[tuple[Key, ...], ...], index: int) -> Key:
    """The keys of a phase share its periods evenly, in their order."""
    stage = stages[index]
    first, length = stages.index(stage), stages.count(stage)
    choice = keys[stage]
    return choice[min(len(choice) - 1, (index - first) * len(choice) // max(1, length))]


def _pedal(key: Key, activity: float, index: int, count: int, stages: list[int]) -> int | None:
    """In rest the tonic holds; the dominant holds for the last phrase but one before the last phase begins."""
    if activity < PEDAL_BELOW:
        return key.tonic
    before_last = index + 2 < count and stages[index + 2] == stages[-1] != stages[index] and index % 2 == 0
    return key.pitch_class(DOMINANT) if before_last and activity > PEDAL_BELOW else None
