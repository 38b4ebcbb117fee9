"""Telling boxes where the registrar and the shelf are: those enrolled before there was one, and all when it moves."""

from django.db import transaction

from clinic.fleet.models import Device
from clinic.home import Configuration
from clinic.plans.orders import Pen
from mqtt_bridge.contract.codec import encode
from mqtt_bridge.contract.order import Addresses

AT_ONCE_MAX = 100


def addresses_of(configuration: Configuration) -> Addresses | None:
    """None while the registrar has no port of its own: a box could not use it."""
    told = configuration
    if not told.registrar.port:
        return None
    return Addresses(
        registrar_host=told.registrar_host,
        registrar_port=told.registrar.port,
        shelf_host=told.shelf_host if told.shelf.port else "",
        shelf_port=told.shelf.port,
    )


def remembered(configuration: Configuration) -> str:
    """As `Device.addresses` keeps what a box was told; empty: nothing."""
    told = addresses_of(configuration)
    return encode(told).decode() if told else ""


def tell_addresses(pen: Pen, configuration: Configuration) -> list[str]:
    """Write the order to each box in service that was told something else; the boxes, so many at once at most."""
    told, known = addresses_of(configuration), remembered(configuration)
    if told is None:
        return []
    waiting = Device.objects.filter(revoked_ms=None, return_asked_ms=None).exclude(addresses=known).order_by("id")
    found = list(waiting[:AT_ONCE_MAX])
    for device in found:
        with transaction.atomic():
            pen.addresses(device, told)
            Device.objects.filter(pk=device.pk).update(addresses=known)
    return [device.id for device in found]
