"""The end of a loan: a box is revoked, wiped or taken back, and what its last word says of it."""

from django.db import transaction

from clinic.clock import now_ms
from clinic.errors import RecordError
from clinic.fleet.boxes import revoke
from clinic.fleet.models import Device, DeviceAssociation
from clinic.plans.models import Order
from clinic.plans.orders import Pen
from mqtt_bridge.contract.report import BoxWiped

REASON_RETURNED = "rendue"


def revoke_box(device: Device, reason: str, pen: Pen, *, wipe: bool) -> None:
    """Refuse it from now on; `wipe`: first it is told to destroy what it holds, and the door is left open for that."""
    with transaction.atomic():
        if wipe:
            pen.wipe(device)
            device.wipe_asked_ms = now_ms()
            device.save(update_fields=["wipe_asked_ms"])
        elif device.return_asked_ms is not None:
            device.return_asked_ms = None  # nobody waits for what it still holds
            device.save(update_fields=["return_asked_ms"])
        revoke(device, reason)


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
    fresh.wiped_ms, fresh.wiped_lost = fresh.wiped_ms or at_ms, told.lost
    fresh.save(update_fields=["wiped_ms", "wiped_lost"])
    if fresh.revoked_ms is None:
        revoke(fresh, REASON_RETURNED)
    DeviceAssociation.objects.filter(device=device, until_ms=None).update(until_ms=at_ms)
    return True
