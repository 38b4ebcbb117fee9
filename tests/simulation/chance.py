"""Where every accident comes from: one seed. And the trace that two runs of one seed must share."""

import hashlib
import random
from typing import TypeVar

T = TypeVar("T")


class Chance(random.Random):
    """Nothing in the simulation is drawn from anywhere else."""

    def happens(self, probability: float) -> bool:
        return self.random() < probability

    def pick(self, *choices: T) -> T:
        return choices[self.randrange(len(choices))]

    def weighed(self, weights: dict[str, float]) -> str:
        return self.choices(list(weights), list(weights.values()))[0]

    def token(self, size_bytes: int) -> str:
        """In the place of `secrets.token_hex`."""
        return self.randbytes(size_bytes).hex()


class Trace:
    """What happened, a line each. `digest` is the same for two runs of one seed."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, at_ms: int, who: str, what: str) -> None:
        self.lines.append(f"{at_ms / 1000:14.3f}  {who:<8} {what}")

    @property
    def digest(self) -> str:
        return hashlib.sha256("\n".join(self.lines).encode()).hexdigest()[:16]
