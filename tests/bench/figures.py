"""A measured figure beside its limit and its peers, and what a handful of samples says."""

import math
import statistics
from collections.abc import Sequence
from typing import Literal, Self

import msgspec

Verdict = Literal["pass", "FAIL", "told"]
"""told: a figure without a limit."""


class Peer(msgspec.Struct, frozen=True):
    """Somebody else's figure for the same thing, measured in the same run."""

    name: str
    value: float


class Spread(msgspec.Struct, frozen=True):
    """What samples say; percentiles by the nearest rank, so that each is a value that happened."""

    count: int
    least: float
    median: float
    p95: float
    p99: float
    most: float
    halves: tuple[float, float]
    """The medians of the first and of the second half: how far apart they are is the noise."""

    @classmethod
    def of(cls, samples: Sequence[float]) -> Self:
        if len(samples) < 2:
            raise ValueError(f"{len(samples)} samples: a spread needs 2 or more")
        middle = len(samples) // 2
        return cls(
            count=len(samples),
            least=min(samples),
            median=statistics.median(samples),
            p95=percentile(samples, 95),
            p99=percentile(samples, 99),
            most=max(samples),
            halves=(statistics.median(samples[:middle]), statistics.median(samples[middle:])),
        )


class Figure(msgspec.Struct, frozen=True):
    """`limit`: None when it is only told. `under`: the limit itself is too much already."""

    name: str
    title: str
    value: float
    unit: str
    how: str
    limit: float | None = None
    under: bool = False
    peers: tuple[Peer, ...] = ()
    spread: Spread | None = None
    note: str = ""

    @property
    def verdict(self) -> Verdict:
        if self.limit is None:
            return "told"
        kept = self.value < self.limit if self.under else self.value <= self.limit
        return "pass" if kept else "FAIL"

    @property
    def ratios(self) -> tuple[float | None, ...]:
        """To each peer; None beside a peer that needed nothing."""
        return tuple(self.value / peer.value if peer.value else None for peer in self.peers)


def percentile(samples: Sequence[float], percent: float) -> float:
    """The nearest rank: the smallest sample that at least `percent` of them do not exceed."""
    return sorted(samples)[max(0, math.ceil(percent / 100 * len(samples)) - 1)]


def missed(figures: Sequence[Figure]) -> list[Figure]:
    return [figure for figure in figures if figure.verdict == "FAIL"]
