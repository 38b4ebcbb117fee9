"""How much one care changes one indicator of one person: the mean change, its interval, and what may be believed.

The belief borrows from nothing but the person's own answers. Prior: a Normal-Inverse-Gamma that is worth one imagined
session without any change, with a spread of 2 points:

    s2 ~ Inverse-Gamma(A0, B0),  mean | s2 ~ Normal(M0, s2 / K0),  change ~ Normal(mean, s2)

After n changes with mean c and sum of squares SS about it (Gelman et al., Bayesian Data Analysis, 3rd ed., 3.3;
Murphy, Conjugate Bayesian analysis of the Gaussian distribution, 2007, 3):

    Kn = K0 + n                 Mn = (K0 M0 + n c) / Kn
    An = A0 + n / 2             Bn = B0 + SS / 2 + K0 n (c - M0)^2 / (2 Kn)

and the mean's belief is Student's t with 2 An degrees of freedom about Mn, scale sqrt(Bn / (An Kn)).

What it does not know: sessions of one person resemble each other, so that the interval is rather too narrow than too
wide; and nobody chose by lot when a care was listened to, so that a change is not all the care's (regression to the
mean).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean

from clinic.results.student import probability_below, quantile

K0, M0, A0, B0 = 1.0, 0.0, 1.0, 4.0
"""The prior: one imagined session, no change, and a spread of 2 points (B0 / A0 = 2 points squared)."""
COVERED = 0.95
SESSIONS_MIN = 6
"""Below, nothing is said of an effect."""
WIDTH_MAX = 4.0
"""Nor where the 95 % of the belief is wider than 4 points of 10."""


@dataclass(frozen=True)
class Interval:
    low: float
    high: float

    @property
    def width(self) -> float:
        return self.high - self.low


@dataclass(frozen=True)
class Belief:
    """What the person's own answers let one believe of the mean change: Student's t."""

    middle: float
    scale: float
    freedom: float

    @property
    def interval(self) -> Interval:
        """The mean change lies in it with a probability of 95 %, under the prior above."""
        half = quantile((1 + COVERED) / 2, self.freedom) * self.scale
        return Interval(self.middle - half, self.middle + half)

    def below(self, change: float) -> float:
        """The probability that the mean change is below `change`."""
        return probability_below((change - self.middle) / self.scale, self.freedom)

    def above(self, change: float) -> float:
        return 1 - self.below(change)


@dataclass(frozen=True)
class Estimate:
    """Of the changes (after minus before, in points). `interval` None: one change alone has none."""

    number: int
    mean: float
    interval: Interval | None
    belief: Belief

    @property
    def knows_enough(self) -> bool:
        return self.number >= SESSIONS_MIN and self.belief.interval.width <= WIDTH_MAX


def estimate(changes: Sequence[float]) -> Estimate | None:
    """None without any change."""
    if not changes:
        return None
    n, mean = len(changes), fmean(changes)
    squares = sum((change - mean) ** 2 for change in changes)
    return Estimate(n, mean, _interval(n, mean, squares), believe(n, mean, squares))


def believe(n: int, mean: float, squares: float) -> Belief:
    """squares: the sum of squares of the changes about their mean."""
    k = K0 + n
    a, b = A0 + n / 2, B0 + squares / 2 + K0 * n * (mean - M0) ** 2 / (2 * k)
    return Belief(middle=(K0 * M0 + n * mean) / k, scale=sqrt(b / (a * k)), freedom=2 * a)


def _interval(n: int, mean: float, squares: float) -> Interval | None:
    """Student's: mean +- t s / sqrt(n)."""
    if n < 2:
        return None
    half = quantile((1 + COVERED) / 2, n - 1) * sqrt(squares / (n - 1) / n)
    return Interval(mean - half, mean + half)
