"""How many messages are kept in one transaction, so that the lock is held about so long and no longer.

Learnt from the last one: what a message costs depends on the machine, the database and what is in it. A wrong guess is
forgotten within a few batches, as each may be twice the last.
"""

from collections.abc import Iterable

ODD_COST = 8
"""A message that is kept by itself costs about as much as so many that are written together."""
UNITS_MIN = 16
"""Fewer would not hold the lock much shorter: what a transaction costs by itself is as much. The first guess, too."""


class Pace:
    """lock_ms_max: how long a transaction may work before it commits; count_max: messages in one, at most."""

    def __init__(self, lock_ms_max: float, count_max: int) -> None:
        self._lock_ms_max, self._count_max = lock_ms_max, count_max
        self._units = float(UNITS_MIN)

    @property
    def room(self) -> int:
        """How many would fit of those that cost least."""
        return min(self._count_max, int(self._units))

    def fit(self, quick: Iterable[bool]) -> int:
        """How many of those that wait fit into the next transaction, in their order; at least one."""
        count, units = 0, 0.0
        for one in quick:
            units += 1 if one else ODD_COST
            if count == self._count_max or (count and units > self._units):
                break
            count += 1
        return count

    def took(self, quick: int, odd: int, work_ms: float) -> None:
        """What the last one took; it grows only by what has been tried."""
        units = quick + odd * ODD_COST
        wanted = units * self._lock_ms_max / max(work_ms, 0.01)
        if work_ms > self._lock_ms_max:
            self._units = max(float(UNITS_MIN), wanted)
        elif units >= self._units / 2:
            self._units = min(max(wanted, self._units), 2 * self._units, float(self._count_max * ODD_COST))
