"""Student's t distribution, by the standard library alone: its probabilities, and the quantile of an interval.

Source: NIST Digital Library of Mathematical Functions, 8.17 (incomplete beta function, continued fraction 8.17.22, by
Lentz's method) and the identity P(T <= t) = 1 - I_x(v/2, 1/2) / 2 with x = v / (v + t^2) for t >= 0 (26.7 of Abramowitz
and Stegun).
"""

from functools import cache
from math import exp, inf, lgamma, log

TERMS_MAX = 400
_TINY = 1e-300
_NEAR = 1e-14


def probability_below(t: float, freedom: float) -> float:
    """P(T <= t) of Student's t with `freedom` degrees of freedom, which is above 0."""
    upper = _beta(freedom / (freedom + t * t), freedom / 2, 0.5) / 2
    return 1 - upper if t >= 0 else upper


@cache
def quantile(probability: float, freedom: float) -> float:
    """The t below which T lies with `probability`, 0 < probability < 1. By halving; right to 1e-9."""
    if probability < 0.5:
        return -quantile(1 - probability, freedom)
    low, high = 0.0, 1.0
    while probability_below(high, freedom) < probability:
        low, high = high, high * 2
        if high > 1e12:
            return inf
    while high - low > 1e-10 * max(1.0, high):
        middle = (low + high) / 2
        low, high = (middle, high) if probability_below(middle, freedom) < probability else (low, middle)
    return (low + high) / 2


def _beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function I_x(a, b)."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(1 - x))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(x, a, b) / a
    return 1 - front * _fraction(1 - x, b, a) / b


def _fraction(x: float, a: float, b: float) -> float:
    """DLMF 8.17.22, evaluated by Lentz's method."""
    c, d = 1.0, _not_nothing(1 - (a + b) * x / (a + 1))
    d = 1 / d
    value = d
    for m in range(1, TERMS_MAX):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / _not_nothing(1 + term * d)
            c = _not_nothing(1 + term / c)
            value *= c * d
        if abs(c * d - 1) < _NEAR:
            break
    return value


def _not_nothing(number: float) -> float:
    return number if abs(number) > _TINY else _TINY
