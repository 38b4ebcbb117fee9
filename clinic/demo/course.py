"""The course of one invented person, drawn from a seed: what they answer before, after, and on the next days.

Nothing here is taken from patients or from a study: the effects are drawn so that every page has something to show.
"""

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass

DAY_MS, HOUR_MS, MINUTE_MS = 86_400_000, 3_600_000, 60_000
ITEMS = ("angoisse", "anxiete", "douleur", "agitation", "plaisir")
Scores = tuple[int | None, ...]
"""In the order of ITEMS; None: declined."""
BACK_TO_USUAL = 0.3
"""How much of what is unusual before a care is gone after it, whatever the care: regression to the mean."""
COMMENTS_BEFORE = (
    "J’ai mal dormi.", "La nuit a été longue.", "J’ai froid aux mains.", "Ma fille vient demain.",
    "Le ventre me tire.", "Je suis inquiète pour les résultats.", "Un peu mieux qu’hier.",
)  # fmt: skip
COMMENTS_AFTER = (
    "Merci.", "J’ai revu le jardin de mon père.", "Je me suis endormie un moment.", "Un peu trop fort au début.",
    "C’était long aujourd’hui.", "La douleur était plus loin.", "J’aimerais l’écouter avec ma fille.",
)  # fmt: skip


@dataclass(frozen=True)
class Care:
    """One of the catalogue's: what it is called, how long it is, when it is usually listened to."""

    id: str
    title: str
    kind: str
    duration_s: int
    hours: tuple[int, int]
    level_dba: float


CATALOGUE = (
    Care("riviere", "Relaxation : la rivière", "relaxation", 1200, (9, 18), 68.0),
    Care("nuit", "Pour la nuit", "sleep", 1500, (20, 22), 60.0),
    Care("apaiser", "Apaiser une angoisse", "crisis", 480, (8, 21), 66.0),
    Care("souffle", "Le souffle", "sophrology", 900, (9, 19), 62.0),
    Care("foret", "Images guidées : la forêt", "mediation", 1080, (10, 19), 66.0),
)

# How a care changes each of ITEMS at once, before chance: helps, helps a little, does nothing, makes worse.
_EFFECTS = (
    (-1.4, -1.5, -1.9, -1.2, 1.3),
    (-0.6, -0.8, -0.7, -0.5, 0.6),
    (0.0, -0.1, 0.0, 0.1, 0.0),
    (0.5, 0.6, 0.7, 0.9, -0.5),
)
_WEIGHTS = (5, 4, 2, 1)


@dataclass(frozen=True)
class Prescribed:
    care: Care
    effect: tuple[float, ...]
    lasting_days: float
    liked: bool


@dataclass(frozen=True)
class Listened:
    """One session, `at_ms` at its beginning. `played`: the share that was heard."""

    care: Care
    at_ms: int
    before: Scores | None
    after: Scores | None
    outcome: str
    cause: str
    played: float
    gaps_ms: tuple[int, ...]
    answered_by: str
    comment_before: str
    comment_after: str
    level_dba: float
    dose_week_percent: float
    stop_reason: str
    days: tuple[tuple[int, Scores], ...]
    """What was answered on the days after: (which day, scores)."""


class Course:
    """One person's year. The same seed and instant give the same course."""

    def __init__(self, seed: str) -> None:
        self._chance = random.Random(seed)  # noqa: S311  # invented people, the same each time
        chance = self._chance
        self.usual = [chance.uniform(3.0, 6.5) for _ in ITEMS[:4]] + [chance.uniform(2.0, 5.0)]
        self.answers_well = chance.uniform(0.9, 0.99)
        self.prescribed = [self._prescribed(care) for care in chance.sample(CATALOGUE, chance.choice((2, 3, 3, 4)))]

    def _prescribed(self, care: Care) -> Prescribed:
        chance = self._chance
        [effect] = chance.choices(_EFFECTS, weights=_WEIGHTS)
        own = tuple(one + chance.gauss(0, 0.25) for one in effect)
        return Prescribed(care, own, chance.uniform(0.6, 2.5), liked=effect[2] <= 0 and chance.random() < 0.9)

    def sessions(self, number: int, first_ms: int, last_ms: int) -> Iterator[Listened]:
        """So many, spread over the time, the earliest first."""
        chance, span_days = self._chance, max(1, (last_ms - first_ms) // DAY_MS)
        drift = [0.0] * len(ITEMS)
        day_before = -1
        for day in sorted(chance.choices(range(span_days), k=number)):
            if day != day_before:
                drift = [0.96 * one + chance.gauss(0, 0.35) for one in drift]
                day_before = day
            yield self._session(first_ms + day * DAY_MS, last_ms, drift)

    def _session(self, day_ms: int, last_ms: int, drift: list[float]) -> Listened:
        chance = self._chance
        one = chance.choice(self.prescribed)
        care, (first, last) = one.care, one.care.hours
        midnight_ms = day_ms - day_ms % DAY_MS
        at_ms = midnight_ms + chance.randrange(first, last) * HOUR_MS + chance.randrange(60) * MINUTE_MS
        at_ms = min(at_ms, last_ms - chance.randrange(4 * HOUR_MS))
        state = [usual + drifted + chance.gauss(0, 1.3) for usual, drifted in zip(self.usual, drift, strict=True)]
        outcome, cause, played = self._outcome(liked=one.liked)
        before = self._scores(state)
        asked_after = outcome != "failed" and chance.random() < self.answers_well
        moved = self._moved(state, one, played)
        gaps = tuple(chance.randrange(60, 900) for _ in range(chance.choice((1, 2)))) if chance.random() < 0.06 else ()
        return Listened(
            care=care,
            at_ms=at_ms,
            before=before,
            after=self._scores(moved) if asked_after else None,
            outcome=outcome,
            cause=cause,
            played=played,
            gaps_ms=gaps,
            answered_by=chance.choices(("self", "with-relative", "relative", "carer"), weights=(82, 8, 4, 6))[0],
            comment_before=chance.choice(COMMENTS_BEFORE) if chance.random() < 0.06 else "",
            comment_after=chance.choice(COMMENTS_AFTER) if chance.random() < 0.09 else "",
            level_dba=round(care.level_dba + chance.uniform(-2, 3), 1),
            dose_week_percent=round(chance.uniform(0.4, 9.0), 2),
            stop_reason=chance.choice(("tired", "dislike", "disturbed", "pain")) if outcome == "stopped" else "",
            days=self._days(state, one) if chance.random() < 0.6 else (),
        )

    def _outcome(self, *, liked: bool) -> tuple[str, str, float]:
        chance = self._chance
        drawn = chance.random()
        if drawn < (0.05 if liked else 0.32):
            return "stopped", "patient", chance.uniform(0.05, 0.7)
        if drawn > 0.985:
            return "interrupted", "power-lost", chance.uniform(0.1, 0.9)
        if drawn > 0.978:
            return "failed", "device-missing", 0.0
        return "heard_whole", "", 1.0

    def _moved(self, state: list[float], one: Prescribed, played: float) -> list[float]:
        share = min(1.0, played * 1.5)
        return [
            now + effect * share + BACK_TO_USUAL * (usual - now) + self._chance.gauss(0, 0.7)
            for now, effect, usual in zip(state, one.effect, self.usual, strict=True)
        ]

    def _days(self, state: list[float], one: Prescribed) -> tuple[tuple[int, Scores], ...]:
        """The effect fades; the rest goes back to the usual."""
        chance = self._chance
        return tuple((day, self._scores(self._later(state, one, day))) for day in (1, 3) if chance.random() < 0.7)

    def _later(self, state: list[float], one: Prescribed, day: int) -> list[float]:
        left = math.exp(-day / one.lasting_days)
        return [
            usual + (now - usual) * 0.5**day + effect * left + self._chance.gauss(0, 1.0)
            for now, effect, usual in zip(state, one.effect, self.usual, strict=True)
        ]

    def _scores(self, state: list[float]) -> Scores:
        chance = self._chance
        return tuple(None if chance.random() < 0.03 else max(0, min(10, round(one))) for one in state)
