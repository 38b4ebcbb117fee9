"""What the shell needs of the button: a descriptor to wait on, its edges, and its light."""

from dataclasses import dataclass
from typing import Literal, Protocol

LightMode = Literal["off", "on", "breathing"]


@dataclass(frozen=True)
class Edge:
    """The contact closed (`down`) or opened, at an instant of CLOCK_BOOTTIME."""

    down: bool
    at_ms: int


@dataclass(frozen=True)
class Lines:
    """What was just read. down: the contact is closed; told: which lines of which chip these are, for staff."""

    down: bool
    told: str


class Button(Protocol):
    def fileno(self) -> int:
        """Readable while edges wait."""

    def edges(self) -> list[Edge]:
        """What the contact did since the last call, oldest first; never waits."""

    def light(self, mode: LightMode) -> None: ...
    def look(self) -> Lines:
        """Read the lines of the contact and of the light now. Raises ButtonError."""

    def close(self) -> None: ...


class ButtonError(Exception):
    """The button cannot be used as the configuration asks."""
