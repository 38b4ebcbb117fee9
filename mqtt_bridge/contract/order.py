"""What the clinic tells the box: sealed to it, signed by the clinic, versioned, expiring."""

import msgspec

from mqtt_bridge.contract.care import CarePlan, Identifier, Practitioner
from mqtt_bridge.contract.codec import Count, Ordinal, Word
from mqtt_bridge.contract.packages import PackageOffer, PackageWithdrawn
from mqtt_bridge.contract.report import Epoch


class PlanOrder(Word, frozen=True, tag="plan"):
    """This plan replaces the one in force. None: no plan is in force any more."""

    plan: CarePlan | None


class ReportReference(Word, frozen=True):
    """One report of the box that receives the order; its epoch belongs to one stream."""

    epoch: Epoch
    seq: Ordinal


class ReadReceipt(Word, frozen=True, tag="read"):
    """Someone has read these reports. Reports and not sessions: what comes later has not been read yet."""

    reports: tuple[ReportReference, ...]
    reader: Practitioner
    reader_id: Identifier
    """Which Claire: two people may have one name and one role."""
    read_ms: Count


OrderContent = PlanOrder | ReadReceipt | PackageOffer | PackageWithdrawn


class Order(Word, frozen=True):
    """One order. `serial` grows with each order to a box; of two about one thing the higher serial is in force."""

    id: Identifier
    box: Identifier
    serial: Ordinal
    issued_ms: Count
    expires_ms: Count
    content: OrderContent


class OrderHead(msgspec.Struct, frozen=True):
    """What can be read of an order that cannot be read: which one it is, so that its refusal can be told."""

    id: Identifier
    box: Identifier
