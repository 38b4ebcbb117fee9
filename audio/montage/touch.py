"""What makes written notes played: dynamics after the arc and the phrase, and a hand's small unevenness, seeded."""

import math
import random
from itertools import groupby, pairwise

import msgspec

from audio.montage.grid import PHRASE_BARS
from audio.montage.piece import Piece
from audio.montage.players import Player, tail_beats
from audio.montage.score import Control, Note
from audio.montage.sea import LOUDNESS, expression

TOUCH_DB = -13.0  # a struck sound is softened by the touch as far as this, by expression beyond
PHRASE_DB = 2.4
LATE_S = 0.009
VELOCITY_SPREAD = 2.5
VELOCITY_MIN = 16
PEDAL = 64
HELD_FULL = 104
STEP_BEATS = 0.5
REST_BEATS = 0.03


def phrase_db(piece: Piece, beat: float) -> float:
    """Return how much a phrase swells here: towards three fifths of it, and back."""
    part = (beat / piece.grid.beats_a_bar % PHRASE_BARS) / PHRASE_BARS
    place = part / 0.6 * 0.5 if part < 0.6 else 0.5 + (part - 0.6) / 0.4 * 0.5
    return PHRASE_DB * (math.sin(math.pi * place) - 0.6)


def played(piece: Piece, player: Player, notes: list[Note], chance: random.Random) -> list[Note]:
    """Return the notes with their touch and their timing."""
    return [_note(piece, player, note, chance) for note in notes]


def _note(piece: Piece, player: Player, note: Note, chance: random.Random) -> Note:
    late = piece.grid.beats_in(note.start_beat, abs(chance.gauss(0, LATE_S)))
    velocity = note.velocity + chance.gauss(0, VELOCITY_SPREAD)
    if player.struck:
        level = max(TOUCH_DB, piece.level_db(note.start_beat)) + phrase_db(piece, note.start_beat)
        velocity *= math.pow(10, level / 40)
    bounded = min(118, max(VELOCITY_MIN, round(velocity)))
    return msgspec.structs.replace(note, start_beat=round(note.start_beat + late, 4), velocity=bounded)


def untangled(notes: list[Note]) -> list[Note]:
    """Return the notes so that each ends before its own pitch sounds again on its channel.

    A note's end would otherwise silence the one that had just begun.
    """
    found: list[Note] = []
    for _, group in groupby(sorted(notes, key=_place), lambda note: (note.channel, note.pitch)):
        strings = list(group)
        for note, following in pairwise([*strings, None]):
            if note is None:
                continue
            free = following.start_beat - note.start_beat - REST_BEATS if following else note.beats
            if free > REST_BEATS:
                found.append(msgspec.structs.replace(note, beats=min(note.beats, free)))
    return sorted(found, key=lambda note: (note.start_beat, *_place(note)))


def _place(note: Note) -> tuple[int, int, float, int]:
    return note.channel, note.pitch, note.start_beat, note.velocity


def expressions(piece: Piece, player: Player) -> list[Control]:
    """Return the CC11 of a player: the arc and the phrase for what is held, only the deep fades for what is struck."""
    found: list[Control] = []
    end, tail = float(piece.grid.beats), tail_beats(piece)
    beat, last = 0.0, -1
    while beat < end + tail:
        value = _expression(piece, player, min(beat, end - 0.01))
        if beat >= end and not player.struck:
            value = round(value * max(0.0, 1 - (beat - end) / (0.7 * tail)))
        if value != last:
            found.append(Control(player.instrument.channel, LOUDNESS, value, beat))
        beat, last = beat + STEP_BEATS, value
    return found


def _expression(piece: Piece, player: Player, beat: float) -> int:
    level = piece.level_db(beat)
    if player.struck:
        return expression(min(0.0, level - TOUCH_DB), full=120)
    return expression(level + 1.6 * phrase_db(piece, beat), full=HELD_FULL)


def pedalling(piece: Piece, player: Player) -> list[Control]:
    """Return the pedal, which changes with each chord and is left down at the end."""
    return [
        Control(player.instrument.channel, PEDAL, value, max(0.0, slot.start_beat + late))
        for slot in piece.slots
        for late, value in ((-0.04, 0), (0.07, 127))
    ]
