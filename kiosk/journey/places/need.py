"""Between the questions and what follows: something else is proposed (A14)."""

from dataclasses import dataclass

from kiosk.journey.places import Elsewhere
from kiosk.journey.session import Session
from mqtt_bridge.contract.need import Need
from mqtt_bridge.contract.report import Evaluation


@dataclass(frozen=True)
class Needing(Elsewhere):
    """`given`: the answers that propose it, confirmed and written; `needs`: what is still proposed, help first."""

    session: Session
    given: Evaluation
    needs: tuple[Need, ...]
