"""One care chosen by the person."""

from dataclasses import dataclass

from kiosk.journey.draft import Volume
from mqtt_bridge.contract.care import PlanReference, ServiceRequest
from mqtt_bridge.contract.forms import Questionnaire


@dataclass(frozen=True)
class Session:
    """One care chosen by the person, with the prescription as it stood when they chose it.

    volume: settled when it is made ready.
    """

    id: str
    request: ServiceRequest
    form: Questionnaire
    plan: PlanReference
    volume: Volume | None = None
