"""The styles: who plays. Volumes were set by ear and by measure, each player alone beside the others."""

from audio.montage.players import Player
from audio.montage.score import Instrument
from audio.montage.soundfont import BANK

Ensemble = tuple[Player, ...]

_SURF = (
    Player(Instrument(14, 0, 78, 64, 30, BANK), "waves", 60, 60, 127, struck=False),
    Player(Instrument(15, 1, 78, 64, 30, BANK), "waves", 60, 60, 127, struck=False),
)


def _strings(channel: int, volume: int, to_activity: float = 1.0) -> Player:
    return Player(Instrument(channel, 49, volume, 74, 84), "pad", 48, 79, 72, struck=False, to_activity=to_activity)


def _low(channel: int, program: int, volume: int) -> Player:
    return Player(Instrument(channel, program, volume, 50, 78), "bass", 36, 55, 70, struck=False)


_GRAND = Instrument(0, 0, 100, 58, 66)
_MELLOW = Instrument(0, 0, 96, 58, 74, 8)
PIANO_AND_STRINGS: Ensemble = (
    Player(_GRAND, "figure", 38, 74, 56, struck=True, from_activity=0.1, notes_a_bar=(2, 8), pedal=True),
    Player(_GRAND, "glint", 57, 77, 58, struck=True, to_activity=0.1, pedal=True),
    Player(_GRAND, "song", 66, 86, 78, struck=True, from_activity=0.5),
    Player(Instrument(4, 49, 92, 84, 84, 20), "song", 64, 83, 76, struck=False, from_activity=0.2, to_activity=0.8),
    Player(Instrument(3, 42, 74, 46, 80), "song", 50, 69, 78, struck=False, to_activity=0.6),
    _strings(1, 62),
    _low(2, 42, 66),
    Player(Instrument(5, 46, 94, 86, 88), "glint", 79, 100, 54, struck=True, from_activity=0.3),
)
HARP_AND_FLUTE: Ensemble = (
    Player(Instrument(0, 46, 92, 54, 72), "figure", 40, 79, 66, struck=True, notes_a_bar=(2, 6)),
    Player(Instrument(1, 73, 84, 70, 80), "song", 66, 86, 78, struck=False, from_activity=0.12),
    Player(Instrument(2, 71, 80, 46, 80), "song", 55, 76, 76, struck=False, from_activity=0.03, to_activity=0.75),
    _strings(3, 62),
    _low(4, 42, 58),
    Player(Instrument(5, 8, 76, 84, 88), "glint", 76, 98, 46, struck=True, to_activity=0.5),
)
GUITAR: Ensemble = (
    Player(Instrument(0, 24, 94, 60, 62), "picking", 40, 69, 70, struck=True, notes_a_bar=(2, 8)),
    Player(Instrument(1, 24, 110, 68, 66), "song", 62, 81, 84, struck=True, from_activity=0.3),
    Player(Instrument(3, 42, 72, 48, 80), "song", 48, 67, 76, struck=False, to_activity=0.45),
    Player(Instrument(2, 89, 62, 74, 80), "pad", 48, 76, 66, struck=False),
    _low(4, 43, 76),
)
GUITAR_AND_SEA: Ensemble = (*GUITAR, *_SURF)
HARP_AND_STRINGS: Ensemble = (
    Player(Instrument(0, 46, 92, 54, 72), "figure", 40, 79, 66, struck=True, notes_a_bar=(2, 6)),
    Player(Instrument(4, 49, 80, 84, 84, 20), "song", 64, 83, 76, struck=False, from_activity=0.3),
    Player(Instrument(3, 42, 74, 46, 80), "song", 50, 69, 78, struck=False, to_activity=0.7),
    _strings(1, 66),
    _low(2, 42, 66),
)
NIGHT_PIANO: Ensemble = (
    Player(_MELLOW, "figure", 40, 72, 54, struck=True, notes_a_bar=(1, 6), pedal=True),
    Player(_MELLOW, "song", 65, 84, 70, struck=True, pedal=True),
    _strings(1, 58),
    _low(2, 42, 54),
)
SEA_AND_PADS: Ensemble = (
    *_SURF,
    Player(Instrument(1, 89, 72, 60, 84), "pad", 48, 76, 70, struck=False),
    Player(Instrument(2, 53, 60, 76, 90), "pad", 55, 79, 62, struck=False, from_activity=0.05),
    _low(3, 43, 64),
    Player(_MELLOW, "song", 62, 82, 68, struck=True, from_activity=0.03, pedal=True),
    Player(Instrument(5, 11, 92, 80, 90), "glint", 60, 81, 50, struck=True, from_activity=0.02),
)
BREATHING: Ensemble = (
    *_SURF,
    Player(Instrument(1, 89, 84, 60, 84), "pad", 48, 76, 74, struck=False),
    Player(Instrument(2, 49, 60, 76, 84), "pad", 48, 79, 66, struck=False),
    _low(3, 43, 70),
    Player(Instrument(4, 46, 96, 56, 84), "breath", 60, 86, 58, struck=True),
)
UNDER_A_VOICE: dict[str, Ensemble] = {
    "pads": (
        Player(Instrument(1, 89, 84, 60, 84), "pad", 48, 74, 70, struck=False),
        Player(Instrument(2, 49, 60, 76, 84), "pad", 48, 74, 62, struck=False),
        _low(3, 43, 66),
    ),
    "sea": (*_SURF, Player(Instrument(1, 89, 84, 60, 84), "pad", 48, 74, 70, struck=False), _low(3, 43, 66)),
    "harp": (
        Player(Instrument(0, 46, 100, 54, 80), "figure", 43, 76, 56, struck=True, notes_a_bar=(2, 4)),
        _strings(1, 60),
        _low(2, 42, 60),
    ),
    "piano": (
        Player(_MELLOW, "figure", 43, 72, 50, struck=True, notes_a_bar=(2, 4), pedal=True),
        _strings(1, 60),
        _low(2, 42, 60),
    ),
}
