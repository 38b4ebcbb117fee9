"""What each player of an ensemble does with a piece: hold, break chords, pick, sing, glint, breathe.

Each returns notes at their written place; `touch` makes them human afterwards.
"""

import random
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Literal

import msgspec

from audio.montage.grid import PHRASE_BARS
from audio.montage.melody import Line, Sung, material, sing
from audio.montage.piece import Piece
from audio.montage.progression import BREATH_BEATS, INHALE_BEATS, Phrase
from audio.montage.score import Instrument, Note
from audio.montage.voices import BASS, Voicing

Role = Literal["pad", "bass", "figure", "picking", "song", "glint", "breath", "waves"]
TAIL_S = 9.0
LADDER_LOW = 48
SHAPE, LAST_SOFTER = 0.8, 6  # of velocity, for each semitone above the middle of a song; for its last note
REST_ONLY = 0.2  # who plays in rest alone does not come back for the farewell


class Player(msgspec.Struct, frozen=True):
    """An instrument, what it does, where it lies (MIDI notes), how firmly, and between which activities it plays.

    `struck` says that its sound dies by itself (piano, harp, guitar): its loudness is in its touch. Of several
    that sing, one sings each period, by turns.
    """

    instrument: Instrument
    role: Role
    low: int
    high: int
    velocity: int
    struck: bool
    from_activity: float = 0.0
    to_activity: float = 1.0
    notes_a_bar: tuple[int, int] = (1, 8)
    pedal: bool = False

    def plays(self, phrase: Phrase) -> bool:
        return self.from_activity <= phrase.activity <= self.to_activity


Singer = Callable[[Phrase], Player | None]


def perform(piece: Piece, player: Player, singer: Singer, chance: random.Random) -> list[Note]:
    """Return the notes of one player."""
    if player.role == "song":
        return _song(piece, player, singer)
    if player.role == "waves":
        return [Note(player.instrument.channel, pitch, player.velocity, 0.0, piece.grid.beats + tail_beats(piece))
                for pitch in (player.low,)]  # fmt: skip
    if player.role in ("pad", "bass"):
        return _held(piece, player)
    struck = {"figure": _figure, "picking": _picking, "glint": _glint, "breath": _breath}[player.role]
    return [
        note
        for phrase in piece.phrases
        if player.plays(phrase) or (phrase.index == len(piece.phrases) - 1 and player.to_activity > REST_ONLY)
        for note in struck(piece, player, phrase, chance)
    ]


def tail_beats(piece: Piece) -> float:
    """Return the beats of silence, or of dying sound, after the last bar."""
    return float(round(piece.grid.beats_in(piece.grid.beats, TAIL_S)))


def _held(piece: Piece, player: Player) -> list[Note]:
    """Long notes: a voice that keeps its pitch is not bowed again within a phrase; the last chord dies in the tail."""
    voices = (BASS,) if player.role == "bass" else range(BASS + 1, 4)
    notes = [note for voice in voices for note in _voice(piece, player, voice)]
    end, tail = piece.grid.beats, tail_beats(piece)
    return [
        msgspec.structs.replace(note, beats=note.beats + 0.6 * tail) if note.start_beat + note.beats >= end else note
        for note in notes
    ]


def _voice(piece: Piece, player: Player, voice: int) -> Iterator[Note]:
    sounding = [
        (slot, _inside(voicing[voice], player), piece.phrase_at(slot.start_beat))
        for slot, voicing in zip(piece.slots, piece.voicings, strict=True)
    ]
    for (pitch, _, plays), run in groupby(sounding, lambda entry: (entry[1], entry[2].index, player.plays(entry[2]))):
        slots = [slot for slot, _, _ in run]
        if plays:
            start = slots[0].start_beat
            length = sum(slot.beats for slot in slots)
            yield Note(player.instrument.channel, pitch, player.velocity, start, length + 0.08)


def _inside(pitch: int, player: Player) -> int:
    while pitch > player.high:
        pitch -= 12
    while pitch < player.low:
        pitch += 12
    return pitch


def _song(piece: Piece, player: Player, singer: Singer) -> list[Note]:
    notes: list[Note] = []
    last = len(piece.arc.stages) - 1
    for phrase in piece.phrases:
        if singer(phrase) is not player:
            continue
        again = phrase.stage == last and phrase.index > 1
        motif = material(piece.motif, phrase, piece.grid.beats_a_bar, again=again)
        if motif is None:
            continue
        lift = (player.high - player.low) * (0.42 + 0.14 * phrase.activity)
        line = Line(player.low, player.high, player.low + lift, piece.bass_at)
        notes += shaped(player, sing(motif, phrase, piece.grid.beats_a_bar, line))
    return notes


def shaped(player: Player, song: list[Sung]) -> list[Note]:
    """A song grows towards its height, and lets its last note go."""
    middle = sum(sung.pitch for sung in song) / max(1, len(song))
    return [
        Note(
            player.instrument.channel,
            sung.pitch,
            player.velocity + 4 + round(SHAPE * (sung.pitch - middle)) - (LAST_SOFTER if sung is song[-1] else 0),
            sung.start_beat,
            sung.beats * 0.98,
        )
        for sung in song
    ]


# Indexes on the ladder of chord tones, low to high; one shape serves a whole period.
SHAPES = ((0, 1, 2, 3, 4, 3, 2, 1), (0, 2, 1, 3, 2, 4, 3, 1), (0, 1, 3, 2, 4, 2, 3, 1), (0, 2, 3, 4, 3, 2, 1, 2))
# Which eighths of the bar are struck first, as fewer and fewer are wanted.
EIGHTHS = {4: (0, 4, 6, 2, 3, 7, 5, 1), 3: (0, 2, 4, 3, 5, 1)}


def struck_eighths(beats_a_bar: int, wanted: int) -> list[int]:
    """Return the eighths of a bar that are struck, the most natural ones first to stay."""
    return sorted(EIGHTHS[beats_a_bar][:wanted])


def wanted_notes(player: Player, activity: float) -> int:
    """Return how many notes a bar a broken chord has here."""
    fewest, most = player.notes_a_bar
    return round(fewest + (most - fewest) * activity)


def _eased(wanted: int, bar: int, player: Player) -> int:
    """The last bar of a phrase breathes."""
    return max(player.notes_a_bar[0], wanted - 2) if bar % PHRASE_BARS == PHRASE_BARS - 1 else wanted


def _ladder(voicing: Voicing, player: Player) -> list[int]:
    """The chord's tones in the player's reach, and not thick in the deep."""
    low = max(player.low, LADDER_LOW, voicing[BASS] + 7)
    pitches = {pitch + octave for pitch in voicing[1:] for octave in (-12, 0, 12, 24)}
    return sorted(pitch for pitch in pitches if low <= pitch <= player.high)


def _figure(piece: Piece, player: Player, phrase: Phrase, _chance: random.Random) -> list[Note]:
    """Broken chords over a bass; they thin out with the activity, the weak beats first."""
    shape = SHAPES[(phrase.index // 2) % len(SHAPES)]
    wanted = wanted_notes(player, phrase.activity)
    notes: list[Note] = []
    for bar in range(phrase.first_bar, phrase.first_bar + 4):
        if bar == piece.grid.bars - 1:
            notes += _farewell(piece, player, bar)
            continue
        for step, eighth in enumerate(struck_eighths(piece.grid.beats_a_bar, _eased(wanted, bar, player))):
            beat = bar * piece.grid.beats_a_bar + eighth / 2
            notes += _struck(piece, player, beat, step, shape)
    return notes


def _struck(piece: Piece, player: Player, beat: float, step: int, shape: tuple[int, ...]) -> list[Note]:
    voicing, slot = piece.voicing_at(beat), piece.slot_at(beat)
    ladder = _ladder(voicing, player)
    left = slot.start_beat + slot.beats - beat
    channel = player.instrument.channel
    accent = 5 if beat % piece.grid.beats_a_bar == 0 else 0
    first = step == 0
    notes = [Note(channel, _inside(voicing[BASS], player), player.velocity + 2, beat, min(left, 4.0))] if first else []
    if first and len(ladder) < 3:
        return notes
    pitch = ladder[shape[step % len(shape)] % len(ladder)]
    after = 0.0 if not first or piece.activity(beat) > 0.5 else 0.5
    return [*notes, Note(channel, pitch, player.velocity - 6 + accent, beat + after, min(max(left - after, 0.5), 3.0))]


def _farewell(piece: Piece, player: Player, bar: int) -> list[Note]:
    """The last bar: one chord, rolled slowly from the bass up, and left to ring."""
    beat = bar * piece.grid.beats_a_bar
    voicing = piece.voicing_at(beat + piece.grid.beats_a_bar - 0.5)
    pitches = sorted({_inside(voicing[BASS], player), *_ladder(voicing, player)})
    ring = piece.grid.beats_a_bar + tail_beats(piece) * 0.8
    return [
        Note(player.instrument.channel, pitch, player.velocity - index, beat + index * 0.3, ring - index * 0.3)
        for index, pitch in enumerate(pitches)
    ]


# Fingers: p the bass, then the strings above, low to high; in eighths.
PICKS = {4: ("p", 1, 2, 1, "q", 1, 2, 1), 3: ("p", 1, 2, 3, 2, 1)}


def _picking(piece: Piece, player: Player, phrase: Phrase, _chance: random.Random) -> list[Note]:
    """A guitar's picking: thumb on the bass, fingers above; two fingers together where a phrase begins."""
    wanted = max(2, wanted_notes(player, phrase.activity))
    meter = piece.grid.beats_a_bar
    notes: list[Note] = []
    for bar in range(phrase.first_bar, phrase.first_bar + 4):
        if bar == piece.grid.bars - 1:
            notes += _farewell(piece, player, bar)
            continue
        for eighth in struck_eighths(meter, max(2, _eased(wanted, bar, player))):
            notes += _picked(piece, player, bar * meter + eighth / 2, PICKS[meter][eighth], phrase)
    return notes


def _picked(piece: Piece, player: Player, beat: float, finger: int | str, phrase: Phrase) -> list[Note]:
    voicing, slot = piece.voicing_at(beat), piece.slot_at(beat)
    left, channel = slot.start_beat + slot.beats - beat, player.instrument.channel
    bass = _inside(voicing[BASS], player)
    if finger == "p" or beat == slot.start_beat:
        above = _ladder(voicing, player)[-1] if beat == phrase.first_bar * piece.grid.beats_a_bar else None
        together = [] if above is None else [Note(channel, above, player.velocity - 4, beat, min(left, 3.0))]
        return [Note(channel, bass, player.velocity, beat, min(left, 4.0)), *together]
    if finger == "q":
        fifth = voicing[1] - 12 if voicing[1] - 12 >= player.low else voicing[1]
        return [Note(channel, fifth, player.velocity - 5, beat, min(left, 2.0))]
    upper = [pitch for pitch in _ladder(voicing, player) if pitch > bass + 4]
    chosen = upper[-min(len(upper), 4) :]
    return [Note(channel, chosen[int(finger) % len(chosen)], player.velocity - 8, beat, min(left, 2.5))]


def _glint(piece: Piece, player: Player, phrase: Phrase, chance: random.Random) -> list[Note]:
    """A few high chord tones, where a phrase begins and where its song rests."""
    if phrase.index == len(piece.phrases) - 1:
        return _farewell(piece, player, piece.grid.bars - 1)
    meter = piece.grid.beats_a_bar
    places = [phrase.first_bar * meter] if phrase.index % 2 == 0 or phrase.activity < 0.3 else []
    places += [(phrase.first_bar + 3) * meter + 2]
    places += [(phrase.first_bar + 1) * meter + meter // 2] if phrase.activity > 0.35 else []
    notes: list[Note] = []
    for beat in places:
        ladder = _ladder(piece.voicing_at(beat), player)
        chosen = ladder[-3:] if beat == places[0] else [chance.choice(ladder[-4:])]
        slot = piece.slot_at(beat)
        ring = slot.start_beat + slot.beats - beat + 0.5
        notes += [
            Note(player.instrument.channel, pitch, player.velocity - 3 * index, beat + 0.5 * index, max(ring, 2.0))
            for index, pitch in enumerate(chosen)
        ]
    return notes


def _breath(piece: Piece, player: Player, phrase: Phrase, _chance: random.Random) -> list[Note]:
    """One bar is one breath: tones climb for its first four beats, and come down for the other six."""
    notes: list[Note] = []
    for bar in range(phrase.first_bar, phrase.first_bar + 4):
        if bar == piece.grid.bars - 1:
            notes += _farewell(piece, player, bar)
            continue
        *up, crest = _ladder(piece.voicing_at(bar * BREATH_BEATS), player)[: INHALE_BEATS + 1]
        down = (crest, *reversed(up))
        notes += [
            Note(player.instrument.channel, pitch, player.velocity + 2 * index, float(bar * BREATH_BEATS + index), 5.0)
            for index, pitch in enumerate(up)
        ]
        notes += [
            Note(
                player.instrument.channel,
                pitch,
                player.velocity + 6 - 5 * index,
                bar * BREATH_BEATS + INHALE_BEATS + index * 1.5,
                4.0,
            )
            for index, pitch in enumerate(down[:4])
        ]
    return notes
