"""The end of a loan: a box is revoked, wiped or taken back, and what its last word says of it."""

from django.db import transaction

from clinic.clock import now_ms
from clinic.errors import RecordError
from clinic.fleet.boxes import revoke
from clinic.fleet.models import Device, DeviceAssociation
from clinic.plans.in_force import plan_in_force, residents
from clinic.plans.models import Order
from clinic.plans.orders import ABOUT_THE_PLAN, Pen
from mqtt_bridge.contract.report import BoxWiped

REASON_RETURNED = "rendue"


def revoke_box(device: Device, reason: str, pen: Pen, *, wipe: bool) -> None:
    """Refuse it from now on; `wipe`: first it is told to destroy what it holds, and the door is left open for that.

    Without: it is told that it is no longer linked, and the door waits a few seconds for its word that it knows.
    """
    with transaction.atomic():
        if wipe:
            pen.wipe(device)
            device.wipe_asked_ms = now_ms()
        else:
            pen.revoked(device)
            device.return_asked_ms = None  # nobody waits for what it still holds
        device.save(update_fields=["wipe_asked_ms", "return_asked_ms"])
        revoke(device, reason)


def knows_since_ms(device: Device) -> int | None:
    """When the box said that it knows that it is no longer linked; None: nobody knows whether it does.

    It does not where it was not connected, or is of before there was this order, which it refused then.
    """
    told = Order.objects.filter(device=device, kind=Order.Kind.REVOKED, accepted=True)
    return told.order_by("received_ms").values_list("received_ms", flat=True).first()


def plays_until_ms(device: Device) -> int | None:
    """Until when a box that is told nothing more may go on playing, by the plans that it may have; None: it has none.

    Its last plan that it has confirmed, and what was written since: that may have reached it, or not.
    """
    if knows_since_ms(device) is not None:
        return None
    ends: list[int] = []
    for order in Order.objects.filter(device=device, kind__in=ABOUT_THE_PLAN).order_by("-serial"):
        if order.accepted is not False:
            ends += [order.expires_ms] if order.kind == Order.Kind.PLAN else _ends_of_others(device)
        if order.accepted:
            break
    return max((end_ms for end_ms in ends if end_ms > now_ms()), default=None)


def _ends_of_others(device: Device) -> list[int]:
    """A stop leaves the plans of a shared box's other residents."""
    plans = [plan_in_force(patient, device) for patient in residents(device)]
    return [plan.content.period.end_ms for plan in plans if plan is not None]


def take_back(device: Device, pen: Pen) -> None:
    """Ask it back: it is wiped once everything is in the record. Raises RecordError: it was asked already."""
    if device.return_asked_ms is not None:
        raise RecordError(f"the box {device.id} is asked back already")
    with transaction.atomic():
        pen.give_back(device)
        device.return_asked_ms = now_ms()
        device.save(update_fields=["return_asked_ms"])


def wiped(device: Device, told: BoxWiped, at_ms: int) -> bool:
    """Its proof has come: the loan is over. False: this clinic has not ordered it."""
    kinds = (Order.Kind.WIPE, Order.Kind.RETURN)
    order = Order.objects.filter(device=device, order=told.order, kind__in=kinds).first()
    if order is None:
        return False
    order.accepted, order.received_ms = True, order.received_ms or at_ms
    order.save(update_fields=["accepted", "received_ms"])
    fresh = Device.objects.select_for_update().get(pk=device.pk)
    fresh.wiped_ms = fresh.wiped_ms or at_ms
    fresh.wiped_lost, fresh.wiped_uncounted = told.lost, told.uncounted
    fresh.save(update_fields=["wiped_ms", "wiped_lost", "wiped_uncounted"])
    if fresh.revoked_ms is None:
        revoke(fresh, REASON_RETURNED)
    DeviceAssociation.objects.filter(device=device, until_ms=None).update(until_ms=at_ms)
    return True
