"""To which boxes the broker's door is open, and to which it is to be closed now."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from clinic.clock import now_ms
from clinic.fleet.models import Device

PROVED_MS = 7 * 24 * 3_600_000
"""A box that has proved to be wiped needs the answer to it, to destroy its keys. Nothing else is taken from it."""

TOLD_MS = 15_000
"""A box that is left as it is learns first that it is no longer linked: so long the door waits for its word that it
knows, and no longer, whoever holds it."""


def being_told(at_ms: int) -> QuerySet[Device]:
    """Revoked boxes that may have heard of it by now and have not said so. One that was never heard cannot."""
    asked = Device.objects.filter(orders__kind="revoked", orders__received_ms=None, wipe_asked_ms=None, closed_ms=None)
    return asked.filter(revoked_ms__gt=at_ms - TOLD_MS, revoked_ms__lte=at_ms).exclude(last_seen_ms=None)


def due(at_ms: int) -> QuerySet[Device]:
    """Revoked boxes whose door is open still, and has to be closed: none of these is to be wiped, or told, first."""
    proved = Q(wiped_ms__lt=at_ms - PROVED_MS)
    no_wipe = Q(wipe_asked_ms=None, return_asked_ms=None, wiped_ms=None)
    found = Device.objects.filter(proved | no_wipe, closed_ms=None).exclude(revoked_ms=None)
    return found.exclude(pk__in=being_told(at_ms).values("pk")).order_by("id")


def open_to(at_ms: int) -> list[str]:
    """Who may come in: a stolen box, too, until it has proved that it is wiped."""
    closing = due(at_ms).values("id")
    return list(
        Device.objects.filter(closed_ms=None).exclude(id__in=closing).order_by("id").values_list("id", flat=True)
    )


def note_closed(boxes: Iterable[Device]) -> list[str]:
    """The broker refuses them from now on; the boxes."""
    names = [device.id for device in boxes]
    Device.objects.filter(id__in=names, closed_ms=None).update(closed_ms=now_ms())
    return names
