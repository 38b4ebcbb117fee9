"""Between the questions and what follows: something else, or a carer, is proposed (A14)."""

from dataclasses import dataclass

from kiosk.journey.places import Elsewhere
from kiosk.journey.session import Session
from mqtt_bridge.contract.care import PlanReference
from mqtt_bridge.contract.need import Need
from mqtt_bridge.contract.report import Evaluation


@dataclass(frozen=True)
class Needing(Elsewhere):
    """`given`: the answers that propose it, confirmed and written; `needs`: what is still proposed, help first."""

    session: Session
    given: Evaluation
    needs: tuple[Need, ...]


@dataclass(frozen=True)
class Worrying(Elsewhere):
    """The same after a form apart from a care: a carer is proposed. `occasion`: its id; its answers are written."""

    occasion: str
    plan: PlanReference
    need: Need
