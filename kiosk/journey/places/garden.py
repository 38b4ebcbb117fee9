"""The person looks at their own progress (A13)."""

from dataclasses import dataclass

from kiosk.journey.places import Elsewhere


@dataclass(frozen=True)
class Strolling(Elsewhere):
    """`page` of the answers before and after."""

    page: int = 0
