"""What the clinic tells the box: sealed to it, signed by the clinic, versioned, expiring."""

from typing import Annotated

from msgspec import Meta

from mqtt_bridge.contract.care import CarePlan, Identifier, Practitioner
from mqtt_bridge.contract.codec import Word
from mqtt_bridge.contract.report import Epoch


class PlanOrder(Word, frozen=True, tag="plan"):
    """This plan replaces the one in force. None: no plan is in force any more."""

    plan: CarePlan | None


class ReportReference(Word, frozen=True):
    """One report of the box that receives the order; its epoch belongs to one stream."""

    epoch: Epoch
    seq: Annotated[int, Meta(ge=1)]


class ReadReceipt(Word, frozen=True, tag="read"):
    """Someone has read these reports. Reports and not sessions: what comes later has not been read yet."""

    reports: tuple[ReportReference, ...]
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
