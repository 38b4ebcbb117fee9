"""The certificates that boxes were given, and the list of those that open nothing any more."""

from collections.abc import Collection

from django.db.models import Q

from clinic.clock import now_ms
from clinic.errors import RecordError
from clinic.fleet.models import Certificate, Device
from mqtt_bridge.authority import Facts

RENEWALS_A_DAY_MAX = 10
DAY_MS = 86_400_000


class TooManyRenewals(RecordError):
    """A box that asks for a certificate again and again is broken, or somebody plays with its key."""


def note(device: Device, facts: Facts) -> Certificate:
    """Keep what was issued: without its serial it could not be revoked."""
    return Certificate.objects.create(
        serial=facts.serial, device=device, issued_ms=now_ms(), not_after_ms=facts.not_after_ms
    )


_TO_BE_WIPED = Q(wiped_ms=None, closed_ms=None) & ~Q(wipe_asked_ms=None)
"""A stolen box that comes out of a drawer after two years must come in once more: its order to wipe waits there."""


def may_renew(box: str) -> Device:
    """The box that asks for a new certificate. Raises RecordError: not enrolled, revoked, or too often today."""
    device = Device.objects.filter(Q(revoked_ms=None) | _TO_BE_WIPED, id=box).first()
    if device is None:
        raise RecordError(f"box {box!r} is not enrolled here, or is revoked")
    today = Certificate.objects.filter(device=device, issued_ms__gt=now_ms() - DAY_MS).count()
    if today > RENEWALS_A_DAY_MAX:
        raise TooManyRenewals(f"box {box!r} has had {today} certificates in a day: look at it")
    return device


def revoked(closing: Collection[Device] = ()) -> list[tuple[str, int]]:
    """(serial, revoked at) of every certificate of the boxes whose door is closed, or is being closed now."""
    whose = Q(device__in=[one.pk for one in closing]) | ~Q(device__closed_ms=None)
    found = Certificate.objects.filter(whose).select_related("device").order_by("serial")
    return [(one.serial, one.device.revoked_ms or 0) for one in found]
