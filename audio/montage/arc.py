"""The shapes of care: how tempo, activity and loudness go through a session, and what its phases are called.

The U of psychomusical relaxation falls, rests and rises part of the way; the L of sleep falls and stays; the short one
meets an agitation where it is and settles; the breath keeps one pace. What they are worth to a person is for care to
find out: these are descriptions of sound.
"""

from typing import Final

import msgspec

from audio.montage.curve import Curve, curve

TEMPO_STEPS: Final = 4000
BED_TEMPO: Final = 54
UNDER_WORDS_DB: Final = -5.0
COME_S: Final = 5.0
Silences = tuple[tuple[float, float], ...]


class Stage(msgspec.Struct, frozen=True):
    """A named phase, from where it begins (0 to 1 of the session)."""

    name: str
    start: float


class Arc(msgspec.Struct, frozen=True):
    """`tempo` in beats a minute; `activity` from 0 (rest) to 1: density, register; `level_db` below the fullest."""

    minutes: float
    stages: tuple[Stage, ...]
    tempo: Curve
    activity: Curve
    level_db: Curve

    def mean_tempo(self) -> float:
        """Return the beats a minute over the whole."""
        steps = range(TEMPO_STEPS)
        return sum(self.tempo.at((step + 0.5) / TEMPO_STEPS) for step in steps) / TEMPO_STEPS

    def stage_at(self, at: float) -> int:
        """Return the index of the phase that holds this moment."""
        return max(index for index, stage in enumerate(self.stages) if stage.start <= at + 1e-9)


U = Arc(
    minutes=21.0,
    stages=(
        Stage("Accueil", 0.0),
        Stage("Descente", 0.10),
        Stage("Repos", 0.42),
        Stage("Remontée", 0.68),
        Stage("Retour", 0.90),
    ),
    tempo=curve((0.0, 80), (0.08, 80), (0.43, 50), (0.68, 50), (0.91, 65), (1.0, 65)),
    activity=curve((0.0, 1.0), (0.06, 1.0), (0.43, 0.04), (0.56, 0.0), (0.68, 0.04), (0.91, 0.62), (1.0, 0.6)),
    level_db=curve((0.0, -1.0), (0.05, 0.0), (0.44, -8.5), (0.56, -10.0), (0.68, -8.5), (0.92, -3.0), (1.0, -4.0)),
)

L = Arc(
    minutes=24.0,
    stages=(Stage("Accueil", 0.0), Stage("Descente", 0.10), Stage("Sommeil", 0.45), Stage("Vers le silence", 0.80)),
    tempo=curve((0.0, 64), (0.06, 64), (0.5, 46), (0.9, 42), (1.0, 42)),
    activity=curve((0.0, 0.62), (0.06, 0.62), (0.45, 0.1), (0.8, 0.0), (1.0, 0.0)),
    level_db=curve((0.0, -1.0), (0.04, 0.0), (0.45, -10.0), (0.78, -16.0), (1.0, -42.0)),
)

CRISIS = Arc(
    minutes=6.0,
    stages=(Stage("Rencontre", 0.0), Stage("Apaisement", 0.22), Stage("Ancrage", 0.62)),
    tempo=curve((0.0, 94), (0.16, 92), (0.62, 60), (1.0, 56)),
    activity=curve((0.0, 0.95), (0.16, 0.95), (0.64, 0.22), (1.0, 0.12)),
    level_db=curve((0.0, 0.0), (0.16, 0.0), (0.64, -7.0), (1.0, -10.0)),
)

BREATH = Arc(
    minutes=10.0,
    stages=(Stage("Installation", 0.0), Stage("Respiration", 0.1333333), Stage("Fin", 0.9333333)),
    tempo=curve((0.0, 60), (1.0, 60)),
    activity=curve((0.0, 0.45), (0.5, 0.3), (1.0, 0.3)),
    level_db=curve((0.0, -3.0), (0.06, 0.0), (0.5, -3.0), (0.93, -4.0), (1.0, -8.0)),
)


def bed_arc(duration_s: float, silences: Silences = ()) -> Arc:
    """Return the shape of a bed under a voice: it begins softly, keeps still, and leaves softly.

    It is written softer where words are, and comes forward slowly in each of `silences` (start and end, in seconds).
    """
    edge = min(0.2, 20.0 / duration_s)
    spoken = [(edge, UNDER_WORDS_DB), (1 - edge, UNDER_WORDS_DB)] if silences else [(edge, 0.0), (1 - edge, -1.0)]
    forward = [
        point
        for start_s, end_s in silences
        for point in _forward(start_s / duration_s, end_s / duration_s, COME_S / duration_s)
        if edge < point[0] < 1 - edge
    ]
    return Arc(
        minutes=duration_s / 60,
        stages=(Stage("Tapis", 0.0),),
        tempo=curve((0.0, BED_TEMPO), (1.0, BED_TEMPO)),
        activity=curve((0.0, 0.18), (1.0, 0.08)),
        level_db=curve((0.0, -10.0), *sorted([*spoken, *forward]), (1.0, -16.0)),
    )


def _forward(start: float, end: float, come: float) -> tuple[tuple[float, float], ...]:
    """Rise when the words are over, and be back before they begin again."""
    come = min(come, (end - start) / 3)
    return ((start, UNDER_WORDS_DB), (start + come, 0.0), (end - come, 0.0), (end, UNDER_WORDS_DB))
