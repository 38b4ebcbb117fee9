"""What the clinic tells the box: sealed to it, signed by the clinic, versioned, expiring."""

from typing import Annotated

from msgspec import Meta

from mqtt_bridge.contract.care import CarePlan, Identifier, Practitioner
from mqtt_bridge.contract.codec import Word


class PlanOrder(Word, frozen=True, tag="plan"):
    """This plan replaces the one in force. None: no plan is in force any more."""

    plan: CarePlan | None


class ReadReceipt(Word, frozen=True, tag="read"):
    """Someone has read what the person answered in these sessions."""

    sessions: tuple[Identifier, ...]
    reader: Practitioner
    read_ms: int


class Order(Word, frozen=True):
    """One order. `serial` grows with each order to a box; of two orders of one kind the higher serial is in force."""

    id: Identifier
    box: Identifier
    serial: Annotated[int, Meta(ge=1)]
    issued_ms: int
    expires_ms: int
    content: PlanOrder | ReadReceipt
