"""The catalogue: which montages there are, each with its shape, its players, its keys and its own motif."""

import msgspec

from audio.montage.arc import BREATH, CRISIS, Arc, L, U
from audio.montage.chords import Key
from audio.montage.ensembles import (
    BREATHING,
    GUITAR,
    GUITAR_AND_SEA,
    HARP_AND_FLUTE,
    HARP_AND_STRINGS,
    NIGHT_PIANO,
    PIANO_AND_STRINGS,
    SEA_AND_PADS,
    Ensemble,
)
from audio.montage.motif import Motif
from audio.package import Kind

C, D, E, F, G, A, B = 0, 2, 4, 5, 7, 9, 11
B_FLAT, E_FLAT, F_SHARP, A_FLAT = 10, 3, 6, 8
BREATH_BEATS = 10


class Session(msgspec.Struct, frozen=True):
    """One montage. `keys` are those of each phase of the arc, in their order."""

    name: str
    title: str
    kind: Kind
    arc: Arc
    ensemble: Ensemble
    beats_a_bar: int
    keys: tuple[tuple[Key, ...], ...]
    motif: Motif
    seed: int
    style: str

    @property
    def paced(self) -> bool:
        """Each bar is a breath."""
        return self.beats_a_bar == BREATH_BEATS


def keys_of(*phases: str) -> tuple[tuple[Key, ...], ...]:
    """Read "D ionian, B aeolian": the keys of one phase."""
    names = {
        "C": C,
        "D": D,
        "E": E,
        "F": F,
        "G": G,
        "A": A,
        "B": B,
        "Bb": B_FLAT,
        "Eb": E_FLAT,
        "F#": F_SHARP,
        "Ab": A_FLAT,
    }
    return tuple(
        tuple(Key(names[tonic], mode) for tonic, mode in (key.split() for key in phase.split(", "))) for phase in phases
    )


_ALL = (
    Session(
        "riviere",
        "La rivière\u00a0: piano et cordes",
        "relaxation",
        U,
        PIANO_AND_STRINGS,
        4,
        keys_of(
            "D ionian",
            "D ionian, B aeolian, G lydian, E dorian, G ionian",
            "D lydian, G lydian, D ionian",
            "B dorian, A mixolydian, G ionian",
            "D ionian",
        ),
        Motif(((1.5, 0), (0.5, 1), (2.0, 2), (1.0, 4), (1.0, 3), (1.5, 1), (0.5, None))),
        7,
        "piano et cordes",
    ),
    Session(
        "jardin",
        "Le jardin\u00a0: harpe et flûte",
        "relaxation",
        U,
        HARP_AND_FLUTE,
        3,
        keys_of(
            "G ionian",
            "G ionian, E aeolian, C lydian, A dorian, C ionian",
            "C lydian, F lydian, C lydian",
            "A dorian, D mixolydian, C ionian",
            "G ionian",
        ),
        Motif(((1.0, 0), (0.5, 2), (0.5, 3), (1.0, 4), (1.5, 5), (0.5, 4), (1.0, 2))),
        11,
        "harpe et flûte",
    ),
    Session(
        "estuaire",
        "L’estuaire\u00a0: guitare et mer",
        "relaxation",
        U,
        GUITAR_AND_SEA,
        4,
        keys_of(
            "A ionian",
            "A ionian, F# aeolian, D lydian, B dorian, D ionian",
            "D lydian, A mixolydian, D lydian",
            "E mixolydian, F# aeolian, D ionian",
            "A ionian",
        ),
        Motif(((1.0, 0), (1.0, 1), (1.5, 4), (0.5, 3), (1.0, 2), (0.5, 3), (0.5, 2), (1.5, 0), (0.5, None))),
        5,
        "guitare et mer",
    ),
    Session(
        "nuit",
        "La nuit\u00a0: mer et nappes",
        "sleep",
        L,
        SEA_AND_PADS,
        4,
        keys_of("F ionian", "F ionian, D aeolian, Bb lydian", "F lydian, Bb lydian, F ionian", "F lydian"),
        Motif(((2.0, 0), (1.0, 2), (1.0, 1), (3.0, 4), (1.0, None))),
        3,
        "mer et nappes",
    ),
    Session(
        "veilleuse",
        "La veilleuse\u00a0: piano et cordes",
        "sleep",
        L,
        NIGHT_PIANO,
        3,
        keys_of("E ionian", "E ionian, F# dorian, A lydian", "E lydian, A lydian, E ionian", "E ionian"),
        Motif(((2.0, 0), (1.0, 1), (2.0, 2), (1.0, None))),
        13,
        "piano et cordes",
    ),
    Session(
        "ancre",
        "L’ancre\u00a0: guitare",
        "crisis",
        CRISIS,
        GUITAR,
        4,
        keys_of("A aeolian", "A dorian, C ionian, F lydian", "C ionian"),
        Motif(((0.5, 0), (0.5, 1), (1.0, 2), (1.5, 4), (0.5, 3), (1.0, 2), (0.5, 1), (0.5, 2), (1.5, 0), (0.5, None))),
        17,
        "guitare",
    ),
    Session(
        "abri",
        "L’abri\u00a0: harpe et cordes",
        "crisis",
        CRISIS,
        HARP_AND_STRINGS,
        3,
        keys_of("E aeolian", "E dorian, G ionian, C lydian", "G ionian"),
        Motif(((1.5, 0), (0.5, 1), (1.0, 2), (1.0, 4), (1.0, 2), (1.0, 1))),
        19,
        "harpe et cordes",
    ),
    Session(
        "souffle",
        "Le souffle\u00a0: nappes et mer",
        "mediation",
        BREATH,
        BREATHING,
        BREATH_BEATS,
        keys_of("C ionian", "C ionian, A dorian, F lydian, G mixolydian, C lydian", "C ionian"),
        Motif(()),
        23,
        "nappes et mer",
    ),
)
SESSIONS = {session.name: session for session in _ALL}
