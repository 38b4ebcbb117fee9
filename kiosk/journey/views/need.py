"""The need of the moment, help, and why a care was stopped.

Targets: the tiles' own, `keep`, `ask`, `done`, `skip`, `reason:<code>`.
"""

from dataclasses import dataclass
from typing import Literal

from kiosk.journey.views.care import Tile

Sent = Literal["no", "pending", "arrived", "read"]


@dataclass(frozen=True)
class NeedView:
    """What the answers propose, with the reason in a sentence; `keep`: the care that was chosen, or to go on."""

    title: str
    reason: str
    offers: tuple[Tile, ...]
    keep: Tile


@dataclass(frozen=True)
class HelpView:
    """First that the box does not call for rescue and what to do, also offline; then the request and its true state.

    lines: what to do. ask: « Prévenir un soignant », empty once asked. state: the truth in words. place of `sent`: for
    the mark beside it.
    """

    title: str
    lines: tuple[str, ...]
    ask: str
    state: str
    sent: Sent
    done: str


@dataclass(frozen=True)
class StopWhyView:
    """Asked once, after a care was stopped; it may be left unanswered."""

    question: str
    reasons: tuple[Tile, ...]
    skip: str
