"""A quantity over a montage: it passes by points, by smooth steps, and never overshoots them."""

from itertools import pairwise

import msgspec


class Point(msgspec.Struct, frozen=True):
    """`at` in 0 to 1 of the montage; `value` in the curve's own unit."""

    at: float
    value: float


class Curve(msgspec.Struct, frozen=True):
    """Between two points the way is a smooth step, so that nothing begins or ends abruptly."""

    points: tuple[Point, ...]

    def at(self, at: float) -> float:
        """Return the value at this moment (0 to 1); beyond the ends, the end's value."""
        if at <= self.points[0].at:
            return self.points[0].value
        for before, after in pairwise(self.points):
            if at <= after.at:
                part = (at - before.at) / (after.at - before.at)
                return before.value + (after.value - before.value) * part * part * (3 - 2 * part)
        return self.points[-1].value


def curve(*points: tuple[float, float]) -> Curve:
    """Return a curve by its (at, value) points."""
    return Curve(tuple(Point(*point) for point in points))


# The demonstration's minute, from 0 (rest) to 1 (welcome).
U = curve((0.0, 1.0), (0.15, 0.9), (0.5, 0.06), (0.66, 0.0), (0.9, 0.62), (1.0, 0.7))


def activity(at: float) -> float:
    """Return the activity of the demonstration's U at this moment."""
    return U.at(at)


def between(low: float, high: float, at: float) -> float:
    """Return a quantity that is `low` at rest and `high` at full activity."""
    return low + (high - low) * activity(at)
