"""Bars laid over an arc: where each beat falls, and the tempo map with its rubato."""

import math
from itertools import accumulate, pairwise

import msgspec

from audio.montage.arc import Arc

PHRASE_BARS = 4
PERIOD_BARS = 2 * PHRASE_BARS
RUBATO = 0.03  # a phrase leans forward in its middle and gives the time back
BREATHS = (0.04, 0.11)  # how much the last beats of an opening and of a closing phrase hold back
BREATH_BEATS = 2
FINAL_RUBATO_BEATS = 8
FINAL_SLOWNESS = 0.3


class Grid(msgspec.Struct, frozen=True):
    """`moments[beat]` is where in the arc (0 to 1) a beat falls; `tempi` are (beat, beats a minute)."""

    beats_a_bar: int
    bars: int
    moments: tuple[float, ...]
    tempi: tuple[tuple[float, float], ...]

    @property
    def beats(self) -> int:
        return self.bars * self.beats_a_bar

    def at(self, beat: float) -> float:
        """Return where in the arc a beat falls."""
        whole = min(max(int(beat), 0), self.beats - 1)
        before, after = self.moments[whole], self.moments[whole + 1]
        return min(1.0, before + (after - before) * (beat - whole))

    def bpm_at(self, beat: float) -> float:
        """Return the tempo played at a beat."""
        return self.tempi[min(max(int(beat), 0), len(self.tempi) - 1)][1]

    def beats_in(self, beat: float, seconds: float) -> float:
        """Return how many beats last so many seconds here."""
        return seconds * self.bpm_at(beat) / 60


def lay(arc: Arc, beats_a_bar: int, bars_in: int = PERIOD_BARS, rubato: float = RUBATO) -> Grid:
    """Lay whole periods (`bars_in` bars each) over the arc; its length is rounded up to them."""
    mean = arc.mean_tempo()
    bars = math.ceil(round(arc.minutes * mean / beats_a_bar / bars_in, 3)) * bars_in
    minutes = bars * beats_a_bar / mean
    even = [arc.tempo.at(0.0)]
    moments = [0.0]
    for _ in range(bars * beats_a_bar):
        moments.append(moments[-1] + 1 / arc.tempo.at(moments[-1]) / minutes)
        even.append(arc.tempo.at(moments[-1]))
    scale = 1 / moments[-1]
    places = _leaning(even[:-1], beats_a_bar * PHRASE_BARS, rubato)
    return Grid(beats_a_bar, bars, tuple(min(1.0, moment * scale) for moment in moments), tuple(places))


def _leaning(even: list[float], phrase_beats: int, rubato: float) -> list[tuple[float, float]]:
    leans = [lean for breath in BREATHS for lean in _leans(phrase_beats, rubato, breath if rubato else 0.0)]
    return [
        (float(beat), round(bpm * leans[beat % len(leans)] * _farewell(beat, len(even), rubato), 3))
        for beat, bpm in enumerate(even)
    ]


def _leans(beats: int, rubato: float, breath: float) -> list[float]:
    """Return the factor of each beat of a phrase; it takes as long as it would without."""
    leans = [1 + rubato * math.sin(math.pi * beat / beats) for beat in range(beats)]
    for beat in range(max(0, beats - BREATH_BEATS), beats):
        leans[beat] *= 1 - breath * (beat - beats + BREATH_BEATS + 1) / BREATH_BEATS
    mean = sum(1 / lean for lean in leans) / beats
    return [lean * mean for lean in leans]


def _farewell(beat: int, beats: int, rubato: float) -> float:
    left = beats - beat
    return 1 - FINAL_SLOWNESS * (1 - left / FINAL_RUBATO_BEATS) if rubato and left < FINAL_RUBATO_BEATS else 1.0


class Clock:
    """Seconds of every beat, read from a tempo map once."""

    def __init__(self, tempi: tuple[tuple[float, float], ...]) -> None:
        self._tempi = tempi
        self._starts = [0.0, *accumulate((b[0] - a[0]) * 60 / a[1] for a, b in pairwise(tempi))]

    def seconds(self, beat: float) -> float:
        """Return the moment of a beat (the map has one tempo for each beat)."""
        index = min(max(int(beat), 0), len(self._tempi) - 1)
        start, bpm = self._tempi[index]
        return self._starts[index] + (beat - start) * 60 / bpm
