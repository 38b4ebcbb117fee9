"""The first hundred of something that may happen too often, and how often it happened."""

from typing import Generic, TypeVar

KEPT_MAX = 100

Kind = TypeVar("Kind")


class Tally(Generic[Kind]):
    """Each one is counted; the first KEPT_MAX are kept."""

    def __init__(self) -> None:
        self._kept: list[Kind] = []
        self.total = 0

    @property
    def kept(self) -> tuple[Kind, ...]:
        return tuple(self._kept)

    def add(self, one: Kind) -> None:
        self.total += 1
        if len(self._kept) < KEPT_MAX:
            self._kept.append(one)
