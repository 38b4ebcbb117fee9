"""« La rivière »: about a minute, in D. Piano that flows, strings that hold, harp that glitters at the edges."""

import random

from audio.montage.curve import activity, between
from audio.montage.harmony import Voicing, lead
from audio.montage.score import Control, Instrument, Note, Score

TITLE = "Relaxation : la rivière"
SEED = 7
BEATS_A_BAR = 4
TAIL_BEATS = 4
PIANO, STRINGS, CELLO, HARP = 0, 1, 2, 3
INSTRUMENTS = (
    Instrument(PIANO, 0, 104, 58, 64),
    Instrument(STRINGS, 49, 74, 74, 84),
    Instrument(CELLO, 42, 78, 48, 76),
    Instrument(HARP, 46, 88, 84, 88),
)
D, E, FS, G, A, B, CS = 2, 4, 6, 7, 9, 11, 1
# One bar each: the bass, then the four voices above it.
CHORDS = (
    (D, (D, FS, A, E)),
    (B, (B, D, FS, A)),
    (G, (G, B, D, FS)),
    (A, (A, D, E, B)),
    (FS, (FS, A, CS, E)),
    (B, (B, D, FS, CS)),
    (E, (E, G, B, FS)),
    (A, (A, D, E, G)),
    (G, (G, B, D, FS)),
    (FS, (FS, A, D, E)),
    (E, (E, G, B, D)),
    (G, (G, B, D, A)),
    (B, (B, D, FS, CS)),
    (A, (A, D, E, G)),
    (D, (D, FS, A, E)),
)
# The song above, for each bar: (beat, MIDI note, beats). It breathes at the ends of phrases, and rests in the middle.
SONG: tuple[tuple[tuple[float, int, float], ...], ...] = (
    ((0, 78, 1.5), (1.5, 76, 0.5), (2, 74, 2)),
    ((0, 71, 1), (1, 73, 1), (2, 74, 2)),
    ((0, 78, 1.5), (1.5, 79, 0.5), (2, 71, 2)),
    ((0, 76, 3),),
    ((0, 73, 2), (2, 69, 2)),
    ((0, 74, 3),),
    ((0, 71, 2), (2, 67, 2)),
    ((0, 69, 4),),
    ((2, 66, 2),),
    ((0, 69, 4),),
    ((0, 67, 2), (2, 71, 2)),
    ((0, 74, 2), (2, 71, 1), (3, 74, 1)),
    ((0, 78, 2), (2, 73, 2)),
    ((0, 76, 1.5), (1.5, 78, 0.5), (2, 76, 2)),
    ((0, 74, 4),),
)
BARS = len(CHORDS)
BEATS = BARS * BEATS_A_BAR
PHASES = (("Accueil", 0, 3), ("Descente", 3, 7), ("Repos", 7, 10), ("Remontée", 10, 13), ("Retour", 13, BARS))


def compose(seed: int = SEED) -> Score:
    """Return the whole score; the same seed gives the same score."""
    chance = random.Random(seed)  # noqa: S311 - a player's small unevenness, not a secret
    notes: list[Note] = []
    for bar, voicing in enumerate(voicings()):
        notes += _strings(bar, voicing) + _cello(bar) + _flow(bar, voicing, chance) + _song(bar, chance)
        notes += _harp(bar, voicing, chance)
    return Score(INSTRUMENTS, tuple(notes), tuple(_controls()), _tempi(), BEATS + TAIL_BEATS)


def phase_beats() -> list[tuple[str, float, float]]:
    """Return (name, first beat, last beat) of each phase; the last holds the tail."""
    last = len(PHASES) - 1
    return [
        (name, float(first * BEATS_A_BAR), float(end * BEATS_A_BAR + (TAIL_BEATS if index == last else 0)))
        for index, (name, first, end) in enumerate(PHASES)
    ]


def _tempi() -> tuple[tuple[float, float], ...]:
    return tuple((float(beat), round(between(54, 76, beat / BEATS), 2)) for beat in range(BEATS + TAIL_BEATS))


def voicings() -> list[Voicing]:
    voicing: Voicing = (57, 62, 66, 69)
    found: list[Voicing] = []
    for bar, (_, pitch_classes) in enumerate(CHORDS):
        voicing = lead(voicing, pitch_classes, between(56, 65, bar / BARS))
        found.append(voicing)
    return found


def _loud(beat: float, soft: float, full: float, chance: random.Random | None = None) -> int:
    return round(between(soft, full, beat / BEATS)) + (chance.randint(-3, 3) if chance else 0)


def _strings(bar: int, voicing: Voicing) -> list[Note]:
    start = float(bar * BEATS_A_BAR)
    length = BEATS_A_BAR + (TAIL_BEATS - 1.5 if bar == BARS - 1 else 0.1)
    return [Note(STRINGS, pitch, _loud(start, 44, 66), start, length) for pitch in voicing]


def _cello(bar: int) -> list[Note]:
    start, (bass, _) = float(bar * BEATS_A_BAR), CHORDS[bar]
    low = 38 + (bass - 38) % 12
    return [Note(CELLO, low, _loud(start, 40, 60), start, BEATS_A_BAR + (1.5 if bar == BARS - 1 else 0))]


def _flow(bar: int, voicing: Voicing, chance: random.Random) -> list[Note]:
    """Broken chords, up and down as water: four notes a beat at the start, one at rest."""
    waves = (*voicing, voicing[1] + 12, voicing[2] + 12, voicing[1] + 12, *reversed(voicing[1:]))
    notes, step, beat = [], 0, 0.0
    while beat < BEATS_A_BAR - (2 if bar == BARS - 1 else 0):
        at = bar * BEATS_A_BAR + beat
        gap = _beats_between(at / BEATS)
        late = chance.uniform(0, 0.018)
        accent = 6 if beat == 0 else 0
        velocity = _loud(at, 26, 50, chance) + accent
        notes.append(Note(PIANO, waves[step % len(waves)], velocity, at + late, min(2.0, gap * 3)))
        step, beat = step + 1, beat + gap
    return notes


def _beats_between(at: float) -> float:
    thresholds = ((0.75, 0.25), (0.4, 1 / 3), (0.2, 0.5))
    return next((gap for floor, gap in thresholds if activity(at) > floor), 1.0)


def _song(bar: int, chance: random.Random) -> list[Note]:
    start = bar * BEATS_A_BAR
    return [
        Note(PIANO, pitch, _loud(start + beat, 40, 74, chance), start + beat + chance.uniform(0, 0.03), beats * 1.02)
        for beat, pitch, beats in SONG[bar]
    ]


def _harp(bar: int, voicing: Voicing, chance: random.Random) -> list[Note]:
    """A rolled chord where a phrase begins, and one long one to come home; silent at rest."""
    start = float(bar * BEATS_A_BAR)
    home = bar == BARS - 1
    if not home and (bar % 2 or activity(start / BEATS) < 0.25):
        return []
    pitches = sorted({pitch + octave for pitch in voicing for octave in ((0, 12, 24) if home else (12,))})
    roll = 0.22 if home else 0.12
    return [
        Note(HARP, pitch, _loud(start, 34, 58, chance), start + index * roll, 4.0)
        for index, pitch in enumerate(pitches)
    ]


def _controls() -> list[Control]:
    """The pedal changes with each chord; the bows swell and fade with the curve."""
    pedal = [
        Control(PIANO, 64, value, max(0.0, bar * BEATS_A_BAR + late))
        for bar in range(BARS)
        for late, value in ((-0.04, 0), (0.06, 127))
    ]
    swell = [Control(channel, 11, _swell(beat), float(beat)) for channel in (STRINGS, CELLO) for beat in range(BEATS)]
    fade = [
        Control(channel, 11, round(_swell(BEATS) * (1 - step / 12)), BEATS + step * 0.25)
        for channel in (STRINGS, CELLO)
        for step in range(12)
    ]
    return [*pedal, *swell, *fade]


def _swell(beat: float) -> int:
    in_bar = (beat % BEATS_A_BAR) / BEATS_A_BAR
    breath = 1 - (2 * in_bar - 1) ** 2
    return round(between(66, 104, beat / BEATS) + 10 * breath)
