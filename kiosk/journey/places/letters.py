"""Where messages are read and written."""

from dataclasses import dataclass, field

from kiosk.journey.places import Elsewhere
from kiosk.journey.views import Layer


@dataclass(frozen=True)
class LetterList(Elsewhere):
    page: int = 0


@dataclass(frozen=True)
class LetterOpen(Elsewhere):
    """A message, the team's or one's own, by its id."""

    message: str
    page: int = 0


@dataclass(frozen=True)
class LetterWriting(Elsewhere):
    """What is written is on the disk too, for each person (`notes.Writing`)."""

    text: str = field(default="", repr=False)
    reply_to: str | None = None
    layer: Layer = "letters"
    phrases: bool = False


@dataclass(frozen=True)
class LetterSent(Elsewhere):
    """« Votre message est gardé », with its true state."""

    message: str
