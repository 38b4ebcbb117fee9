"""Who is in front of the box (A3).

Targets: `service`, `person:<patient id>`, `picture:<name>`, `key:<digit>`, `key:backspace`, `back`, `help`.
"""

from dataclasses import dataclass

from kiosk.journey.views.care import Tile


@dataclass(frozen=True)
class WhoView:
    """The residents of a shared box. Nothing of anybody's but the name by which they chose to be addressed."""

    title: str
    subtitle: str
    people: tuple[Tile, ...]
    help: str
    more: str = ""
    staff: str = ""
    """Label of the small target `service`; empty while somebody's questions wait here."""


@dataclass(frozen=True)
class CodeView:
    """A person's code: pictures in order, or digits. How many were entered is shown, never which.

    pictures: names of the twelve, the same order each time (a hand learns it); empty for digits. wait: why it cannot
    be entered now, and for how long; then nothing but `back` and `help` can be touched. wrong: said once, calmly.
    """

    title: str
    detail: str
    pictures: tuple[str, ...]
    entered: int
    length: int
    back: str
    help: str
    wrong: str = ""
    wait: str = ""
