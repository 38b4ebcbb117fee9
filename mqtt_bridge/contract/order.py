"""What the clinic tells the box: sealed to it, signed by the clinic, versioned, expiring."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from mqtt_bridge.contract.care import CarePlan, check_plan
from mqtt_bridge.contract.codec import ContractError, Count, Ordinal, Word
from mqtt_bridge.contract.correspondence import DeliveryTold, MessageToPatient, Standing
from mqtt_bridge.contract.identity import Identifier, Practitioner
from mqtt_bridge.contract.packages import PackageOffer, PackageWithdrawn
from mqtt_bridge.contract.report import Epoch


class PlanOrder(Word, frozen=True, tag="plan"):
    """These plans replace those in force on the box. None: no plan is in force any more.

    others: of the other residents of a shared box (A3). One order names all of them, so that one serial tells whether
    the box has what it should have.
    """

    plan: CarePlan | None
    others: Annotated[tuple[CarePlan, ...], Meta(max_length=11)] = ()

    @property
    def plans(self) -> tuple[CarePlan, ...]:
        """Every plan in force on the box, each of another person."""
        return (self.plan, *self.others) if self.plan else ()


def check_plans(order: PlanOrder) -> None:
    """Raise ContractError when the box could not follow these plans: one of them, or the one beside the other."""
    if order.plan is None and order.others:
        raise ContractError("an order without a plan has no others: name one of them first")
    people = [plan.patient.id for plan in order.plans]
    if len(set(people)) != len(people):
        raise ContractError(f"two plans of one person on one box in {people}")
    if order.others and any(plan.code is None for plan in order.plans):
        raise ContractError("on a shared box each person signs in: a plan without a code may be alone only")
    for plan in order.plans:
        check_plan(plan)


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


class WipeOrder(Word, frozen=True, tag="wipe"):
    """Stolen or lost: destroy everything at once, whatever is unsent, and the keys last."""


class ReturnOrder(Word, frozen=True, tag="return"):
    """The box is asked back: nothing more is begun; once everything is in the record, destroy it, the keys last."""


class RevokedOrder(Word, frozen=True, tag="revoked"):
    """The box is no longer linked: nothing done on it reaches anybody from now on. What it holds stays on it."""


Host = Annotated[str, Meta(min_length=1, max_length=253, pattern=r"\A[A-Za-z0-9._:-]+\Z")]
"""A name or an address."""
Port = Annotated[int, Meta(ge=1, le=65_535)]


class Addresses(Word, frozen=True, tag="addresses"):
    """Where the clinic's registrar is, which renews certificates, and its shelf; no shelf: as the box knows it.

    What either says is believed by its certificate. The broker's own address is in no order: a mistake in it would cut
    off the box that needs the next one.
    """

    registrar_host: Host
    registrar_port: Port
    shelf_host: Host | Literal[""] = ""
    shelf_port: Annotated[int, Meta(ge=0, le=65_535)] = 0


OrderContent = (
    PlanOrder
    | ReadReceipt
    | PackageOffer
    | PackageWithdrawn
    | MessageToPatient
    | DeliveryTold
    | Standing
    | WipeOrder
    | ReturnOrder
    | RevokedOrder
    | Addresses
)


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
