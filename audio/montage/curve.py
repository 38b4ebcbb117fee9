"""The U of psychomusical relaxation: activity falls, rests, and rises again part of the way."""

from itertools import pairwise

import msgspec


class Point(msgspec.Struct, frozen=True):
    """`at` in 0 to 1 of the montage, `activity` from 0 (rest) to 1 (welcome)."""

    at: float
    activity: float


U = (Point(0.0, 1.0), Point(0.15, 0.9), Point(0.5, 0.06), Point(0.66, 0.0), Point(0.9, 0.62), Point(1.0, 0.7))


def activity(at: float) -> float:
    """Return the activity of the U at this moment, by smooth steps between its points."""
    for before, after in pairwise(U):
        if at <= after.at:
            part = (at - before.at) / (after.at - before.at)
            return before.activity + (after.activity - before.activity) * part * part * (3 - 2 * part)
    return U[-1].activity


def between(low: float, high: float, at: float) -> float:
    """Return a quantity that is `low` at rest and `high` at full activity."""
    return low + (high - low) * activity(at)
