"""Keys, modes and the chords that grow on their degrees."""

import msgspec

MODES = {
    "ionian": (0, 2, 4, 5, 7, 9, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "aeolian": (0, 2, 3, 5, 7, 8, 10),
}
# The scale steps above the root. A suspension has its fourth in the place of the third.
FORMS = {"": (0, 2, 4), "7": (0, 2, 4, 6), "9": (0, 2, 4, 8), "4": (0, 3, 4), "74": (0, 3, 4, 6), "6": (0, 2, 4, 5)}
SEMITONE = 1
LEADING = 11


class Key(msgspec.Struct, frozen=True):
    """`tonic` is a pitch class (C is 0)."""

    tonic: int
    mode: str

    def pitch_class(self, step: int) -> int:
        """Return the pitch class of a scale step (0 is the tonic; any integer)."""
        return (self.tonic + MODES[self.mode][step % 7]) % 12

    def pitches(self, low: int, high: int) -> list[int]:
        """Return the MIDI notes of the scale from `low` to `high`."""
        scale = {self.pitch_class(step) for step in range(7)}
        return [pitch for pitch in range(low, high + 1) if pitch % 12 in scale]


class Chord(msgspec.Struct, frozen=True):
    """A chord on a degree (0 to 6). `bend` alters its third: +1 makes a dominant in minor, -1 a minor fourth degree."""

    degree: int
    form: str = ""
    bend: int = 0


class Sonority(msgspec.Struct, frozen=True):
    """What sounds: the bass, the tones that must be there and those that may, as pitch classes.

    `leading` wants to rise by a semitone, `falling` (a seventh, a suspended fourth) to fall by a step.
    """

    root: int
    bass: int
    needed: tuple[int, ...]
    free: tuple[int, ...]
    leading: int | None
    falling: tuple[int, ...]

    @property
    def tones(self) -> frozenset[int]:
        return frozenset((*self.needed, *self.free))


def sound(key: Key, chord: Chord, bass: int | None = None) -> Sonority:
    """Return the sonority of a chord in a key, over `bass` (a pitch class) or over its root."""
    root, *others = (_tone(key, chord, step) for step in _form(key, chord))
    below = root if bass is None else bass
    fifth = _tone(key, chord, 4)
    needed = [tone for tone in others if tone not in (fifth, below)]
    if below != root:
        needed.append(root)
    falling = [_tone(key, chord, step) for step in (3, 6) if step in FORMS[chord.form]]
    leading = next((tone for tone in (root, *others) if (tone - key.tonic) % 12 == LEADING), None)
    free = tuple(dict.fromkeys(tone for tone in (fifth, root) if tone not in needed))
    return Sonority(root, below, tuple(needed), free, leading if chord.degree in (4, 6) else None, tuple(falling))


def third(key: Key, chord: Chord) -> int:
    """Return the pitch class of the chord's third."""
    return _tone(key, chord, 2)


def _form(key: Key, chord: Chord) -> tuple[int, ...]:
    """A ninth a semitone above the root would grate: such a degree keeps its triad."""
    ninth = (key.pitch_class(chord.degree + 1) - key.pitch_class(chord.degree)) % 12
    return FORMS["" if chord.form == "9" and ninth == SEMITONE else chord.form]


def _tone(key: Key, chord: Chord, step: int) -> int:
    return (key.pitch_class(chord.degree + step) + (chord.bend if step == 2 else 0)) % 12
