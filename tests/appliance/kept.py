"""What one start leaves for the next: the steps of its journey, each with its place in the log of writes."""

import pickle
from collections.abc import Sequence
from pathlib import Path

from tests.appliance.resident import Step

STEPS = "steps.pickle"


def keep(folder: Path, steps: Sequence[Step]) -> None:
    (folder / STEPS).write_bytes(pickle.dumps(list(steps)))


def steps_of(folder: Path) -> list[Step]:
    """Raises FileNotFoundError: no journey was kept there."""
    found: list[Step] = pickle.loads((folder / STEPS).read_bytes())  # noqa: S301  # our own file of a moment ago
    return found
