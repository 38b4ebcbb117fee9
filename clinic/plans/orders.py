"""Writing an order: numbered, sealed to its box, signed by the clinic, kept until the box has it."""

import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, fields

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery

from clinic.clock import now_ms
from clinic.errors import RecordError
from clinic.fleet.models import Device
from clinic.plans.in_force import plans_of_others
from clinic.plans.models import CarePlan, Order
from mqtt_bridge.clinic_letters import write_order
from mqtt_bridge.clinic_store import Has
from mqtt_bridge.contract.codec import BYTES_MAX, encode
from mqtt_bridge.contract.correspondence import DeliveryTold, MessageToPatient, Standing
from mqtt_bridge.contract.order import (
    Addresses,
    OrderContent,
    PlanOrder,
    ReadReceipt,
    ReturnOrder,
    RevokedOrder,
    WipeOrder,
)
from mqtt_bridge.contract.order import Order as ContractOrder
from mqtt_bridge.contract.packages import PackageOffer, PackageWithdrawn
from mqtt_bridge.seal import SecretKeys

DAY_MS = 86_400_000
OFFER_DAYS = 365
WORDS_DAYS = 365
"""A box may be without a network for months; what was written to the person still comes."""
LEAVE_DAYS = 10 * 365
"""A stolen box that is switched on again after years is wiped all the same."""
ABOUT_THE_PLAN = (Order.Kind.PLAN, Order.Kind.STOP)


class Pen:
    """Writes the orders of one clinic, under its keys."""

    def __init__(self, clinic: str, keys: SecretKeys) -> None:
        self._clinic, self._keys = clinic, keys

    def plan(self, care_plan: CarePlan) -> Order:
        """The plan replaces the person's former one; those of the box's other residents go with it.

        The order lives as long as the longest of them. Raises RecordError: too much for one order.
        """
        with transaction.atomic():
            _one_at_a_time(care_plan.device)
            others = plans_of_others(care_plan.device, care_plan.patient)
            return self._plans(Order.Kind.PLAN, care_plan, [care_plan, *others])

    def stop(self, device: Device, stopped: CarePlan) -> Order:
        """The person's plan is in force no more, those of others on the box stay.

        Valid at least as long as the plan that it stops.
        """
        with transaction.atomic():
            _one_at_a_time(device)
            return self._plans(Order.Kind.STOP, stopped, plans_of_others(device, stopped.patient))

    def _plans(self, kind: Order.Kind, about: CarePlan, plans: list[CarePlan]) -> Order:
        contents = [plan.content for plan in plans]
        word = PlanOrder(plan=contents[0], others=tuple(contents[1:])) if contents else PlanOrder(plan=None)
        ends_ms = [content.period.end_ms for content in (*contents, about.content)]
        floor_ms = now_ms() + 365 * DAY_MS if kind == Order.Kind.STOP else 0
        return self._write(about.device, kind, word, max([floor_ms, *ends_ms]), about)

    def read(self, device: Device, receipt: ReadReceipt) -> Order:
        with transaction.atomic():
            return self._write(device, Order.Kind.READ, receipt, now_ms() + 90 * DAY_MS)

    def offer(self, device: Device, package: PackageOffer) -> Order:
        with transaction.atomic():
            return self._write(device, Order.Kind.OFFER, package, now_ms() + OFFER_DAYS * DAY_MS)

    def withdraw(self, device: Device, package: PackageWithdrawn) -> Order:
        with transaction.atomic():
            return self._write(device, Order.Kind.WITHDRAW, package, now_ms() + OFFER_DAYS * DAY_MS)

    def message(self, device: Device, message: MessageToPatient) -> Order:
        with transaction.atomic():
            return self._write(
                device, Order.Kind.MESSAGE, message, now_ms() + WORDS_DAYS * DAY_MS, whose=message.patient
            )

    def delivery(self, device: Device, told: DeliveryTold) -> Order:
        with transaction.atomic():
            return self._write(device, Order.Kind.DELIVERY, told, now_ms() + WORDS_DAYS * DAY_MS, whose=told.patient)

    def standing(self, device: Device, standing: Standing, expires_ms: int) -> Order:
        with transaction.atomic():
            return self._write(device, Order.Kind.STANDING, standing, expires_ms, whose=standing.patient)

    def wipe(self, device: Device) -> Order:
        """To a box that is revoked, which is sent no other order."""
        with transaction.atomic():
            return self._write(device, Order.Kind.WIPE, WipeOrder(), now_ms() + LEAVE_DAYS * DAY_MS)

    def revoked(self, device: Device) -> Order:
        """To a box that is revoked and not wiped: the last order that it is sent, before the door is closed."""
        with transaction.atomic():
            return self._write(device, Order.Kind.REVOKED, RevokedOrder(), now_ms() + LEAVE_DAYS * DAY_MS)

    def addresses(self, device: Device, told: Addresses) -> Order:
        with transaction.atomic():
            return self._write(device, Order.Kind.ADDRESSES, told, now_ms() + LEAVE_DAYS * DAY_MS)

    def give_back(self, device: Device) -> Order:
        with transaction.atomic():
            return self._write(device, Order.Kind.RETURN, ReturnOrder(), now_ms() + LEAVE_DAYS * DAY_MS)

    def _write(
        self,
        device: Device,
        kind: Order.Kind,
        content: OrderContent,
        expires_ms: int,
        care_plan: CarePlan | None = None,
        whose: str | None = None,
    ) -> Order:
        _one_at_a_time(device)
        last = Order.objects.filter(device=device).order_by("-serial").first()
        order = ContractOrder(
            id=uuid.uuid4().hex,
            box=device.id,
            serial=_next_serial(last),
            issued_ms=now_ms(),
            expires_ms=expires_ms,
            content=content,
        )
        letter = write_order(self._clinic, encode(order), device.id, device.keys, self._keys)
        if len(letter) > BYTES_MAX:
            raise RecordError(
                f"the {kind} is {len(letter)} bytes, and a box reads at most {BYTES_MAX} at once: take out forms, "
                "lessons or cares, or put fewer residents on one box"
            )
        return Order.objects.create(
            order=order.id,
            device=device,
            serial=order.serial,
            kind=kind,
            care_plan=care_plan,
            patient_id=whose,
            letter=letter,
            digest=letter_digest(letter),
            issued_ms=order.issued_ms,
            expires_ms=expires_ms,
        )


def _one_at_a_time(device: Device) -> None:
    """Serials of a box are given one at a time, and what is in force on it is asked by one at a time."""
    Device.objects.select_for_update().get(id=device.id)


def _next_serial(last: Order | None) -> int:
    """Beyond the last one, and never below the clock: a database that was put back must not count again."""
    return max(last.serial + 1 if last else 1, now_ms())


def letter_digest(letter: bytes) -> str:
    return hashlib.sha256(letter).hexdigest()


_FOR_IT = (
    Q(device__revoked_ms=None)
    | Q(kind=Order.Kind.WIPE, device__wiped_ms=None)
    | Q(kind=Order.Kind.REVOKED, device__closed_ms=None)
)
"""A revoked box is told nothing but to wipe itself, and that until it has; or that it is revoked, while it can hear."""


def letters_after(box: str, has: Has, at_ms: int) -> Iterator[bytes]:
    """The letters of the orders that the box has still to receive, not expired, lowest serial first.

    Beyond the highest that the box holds; and those below it that it has never confirmed: one that a
    broker lost may be followed by one that arrived. Of those about the plan the last one only, and that one until the
    box holds it: a box that has lost what it confirmed may be given a later order first.
    """
    plan = Q(kind__in=ABOUT_THE_PLAN, serial__gt=has.plan) & (Q(accepted=None) | Q(accepted=True))
    missing = Q(serial__gt=has.through) | Q(received_ms=None) | plan
    due = _not_superseded(Order.objects.filter(missing, _FOR_IT, device_id=box, expires_ms__gt=at_ms)).order_by(
        "serial"
    )
    return (bytes(letter) for letter in due.values_list("letter", flat=True))


def unsent(at_ms: int, limit: int) -> list[tuple[str, bytes]]:
    """(box, letter) of the orders that no broker has taken yet, oldest first."""
    due = Order.objects.filter(_FOR_IT, sent_ms=None, received_ms=None, expires_ms__gt=at_ms)
    return [
        (box, bytes(letter))
        for box, letter in _not_superseded(due).order_by("id").values_list("device_id", "letter")[:limit]
    ]


def _not_superseded(orders: QuerySet[Order]) -> QuerySet[Order]:
    """A box that has lost its plan must not begin a care that was stopped, were it for a moment.

    A later plan supersedes even when it has expired, or the box has refused it: it is the clinician's last word.
    """
    plans = Order.objects.filter(device=OuterRef("device"), kind__in=ABOUT_THE_PLAN).order_by("-serial")
    last = Subquery(plans.values("serial")[:1])
    return orders.filter(~Q(kind__in=ABOUT_THE_PLAN) | Q(serial=last))


def mark_sent(digest: str, at_ms: int) -> None:
    Order.objects.filter(digest=digest, sent_ms=None).update(sent_ms=at_ms)


@dataclass(frozen=True)
class Way:
    """How far an order has come: `accepted` False with its `reason` where the box refused it."""

    sent_ms: int | None
    received_ms: int | None
    accepted: bool | None
    reason: str


_WAY = tuple(field.name for field in fields(Way))


def with_the_way(plans: QuerySet[CarePlan]) -> QuerySet[CarePlan]:
    """Each with how far the last order about plans has come to its box: the plans of all its residents are in it."""
    last = Order.objects.filter(device=OuterRef("device"), kind__in=ABOUT_THE_PLAN).order_by("-serial")
    return plans.annotate(**{f"order_{name}": Subquery(last.values(name)[:1]) for name in ("pk", *_WAY)})


def way_of(plan: CarePlan) -> Way | None:
    """Of one that `with_the_way` found; None: nothing was ever ordered."""
    told = vars(plan)
    return Way(*(told[f"order_{name}"] for name in _WAY)) if told["order_pk"] is not None else None
