"""Where a box is that greets and asks no more."""

from dataclasses import dataclass

from kiosk.journey.places import Elsewhere
from mqtt_bridge.contract.correspondence import StandingState


@dataclass(frozen=True)
class Stopped(Elsewhere):
    """Access or consent withdrawn, or the person has died. awake: somebody touched the dark screen."""

    state: StandingState
    awake: bool = False
