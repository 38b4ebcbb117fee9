"""Where nobody is signed in, or somebody is about to be, or to go."""

from dataclasses import dataclass, field
from typing import Any

from kiosk.journey.places import Elsewhere


@dataclass(frozen=True)
class Who(Elsewhere):
    """« Qui est là ? » under: a Resting whose questions wait for their person; any other place is left."""

    page: int = 0
    under: Any = None


@dataclass(frozen=True)
class Entering(Elsewhere):
    """A person's code. then: target of home that it was asked for. checking: so many were entered as it has."""

    patient: str
    then: str = ""
    entered: tuple[str, ...] = field(default=(), repr=False)
    checking: bool = False
    wrong: bool = False
    looked_ms: int = 0
    """When the wait that is shown was last reckoned."""
    under: Any = None


@dataclass(frozen=True)
class Leaving(Elsewhere):
    """« Êtes-vous encore là ? » over the place where nobody has touched anything for long."""

    under: Any
    since_ms: int
