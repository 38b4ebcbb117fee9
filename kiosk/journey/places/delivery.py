"""Where medicines are asked for (C6)."""

from dataclasses import dataclass, field

from kiosk.journey.places import Elsewhere
from kiosk.journey.views import Layer


@dataclass(frozen=True)
class DeliveryShown(Elsewhere):
    pass


@dataclass(frozen=True)
class DeliveryNote(Elsewhere):
    """A word for the team before the request goes; it may stay empty."""

    text: str = field(default="", repr=False)
    layer: Layer = "letters"
    phrases: bool = False
