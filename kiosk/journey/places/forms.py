"""A form apart from a care: being filled in, and sent."""

from dataclasses import dataclass

from kiosk.journey.filling import Filling
from kiosk.journey.occasion import Occasion
from kiosk.journey.places import Elsewhere
from mqtt_bridge.contract.care import PlanReference
from mqtt_bridge.contract.stamp import Stamp


@dataclass(frozen=True)
class Form(Elsewhere):
    """One question of it, under the plan as it stood when it was begun."""

    occasion: Occasion
    plan: PlanReference
    asked: Stamp
    filling: Filling


@dataclass(frozen=True)
class FormSent(Elsewhere):
    """Thanks, and where the answers are. `occasion`: its id."""

    occasion: str
    plan: PlanReference
    since_ms: int
