"""After a care was stopped: why, if the person wants to say it."""

from dataclasses import dataclass

from kiosk.journey.places import Elsewhere
from kiosk.journey.session import Session
from mqtt_bridge.contract.stamp import Stamp


@dataclass(frozen=True)
class StoppedCare(Elsewhere):
    session: Session
    ended: Stamp
