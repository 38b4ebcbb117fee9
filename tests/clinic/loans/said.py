"""What a box says at the end of its loan, and what the clinic has of it then."""

from clinic.clock import now_ms
from clinic.fleet.models import Device
from clinic.plans.orders import letters_after
from mqtt_bridge.clinic_store import Has
from mqtt_bridge.contract.report import BoxWiped
from tests.clinic.box import stamp
from tests.clinic.conftest import Clinic


def wiped(clinic: Clinic, order: str, lost: int = 0, *, uncounted: bool = False) -> bytes:
    return clinic.box.report(BoxWiped(order=order, began=stamp(), ended=stamp(), lost=lost, uncounted=uncounted))


def order_of(clinic: Clinic) -> str:
    """The id of the last order to the box, as the box reads it."""
    return clinic.box.order(list(letters_after("box-12", Has(), now_ms()))[-1]).id


def fresh(clinic: Clinic) -> Device:
    return Device.objects.get(pk=clinic.device.pk)
