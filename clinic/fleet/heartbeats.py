"""What a box says of itself: the last word of each, and a day of those before."""

from collections.abc import Iterable

from django.db.models import Count, Max

from clinic.fleet.boots import is_news
from clinic.fleet.models import Device, Heartbeat
from clinic.fleet.silence import Contact
from mqtt_bridge.contract.wire import BoxState

KEPT_MAX = 96
"""Of each box: a day at its rhythm."""


def keep(device: Device, state: BoxState, received_ms: int) -> bool:
    """Keep what a box says of itself; False when it is no news: a broker may repeat what a box once said."""
    told = state.equipment
    if told is None or not is_news(device.id, state.boot, "state_ms", told.at.monotonic_ms, received_ms):
        return False
    tested = told.tested
    Heartbeat.objects.create(
        device=device,
        received_ms=received_ms,
        wall_ms=told.at.wall_ms if told.at.machine_ms is None else told.at.machine_ms,
        trusted=told.at.trusted and told.at.machine_ms is None,
        boot=state.boot,
        monotonic_ms=told.at.monotonic_ms,
        every_s=told.every_s,
        version=state.version,
        system=told.system,
        pending=told.pending,
        free_mb=told.free_mb,
        temperature_c=told.temperature_c,
        kiosk=told.kiosk,
        player=told.player,
        machine_off_ms=told.machine_off_ms,
        certificate_ms=told.certificate_ms,
        tested_wall_ms=tested.made.wall_ms if tested else None,
        tested_fine=list(tested.fine) if tested else [],
        tested_failed=list(tested.failed) if tested else [],
    )
    _forget_old(device)
    return True


def last(device: Device) -> Heartbeat | None:
    return device.heartbeats.order_by("-id").first()


def contact_of(device: Device, pending: int) -> Contact:
    """How the box was heard. pending: reports that it says to keep and that are not here."""
    gone_ms = device.state_ms if device.alive is False else None
    return Contact(device.last_seen_ms, gone_ms, device.every_s, pending)


def last_of_each(devices: Iterable[Device]) -> dict[str, Heartbeat]:
    """By the box: one question for all."""
    newest = Heartbeat.objects.filter(device__in=list(devices)).values("device").annotate(last=Max("id"))
    return {one.device_id: one for one in Heartbeat.objects.filter(id__in=[row["last"] for row in newest])}


def starts_of_each(devices: Iterable[Device], since_ms: int) -> dict[str, int]:
    """How often each has been started anew, as its heartbeats since then tell."""
    told = Heartbeat.objects.filter(device__in=list(devices), received_ms__gte=since_ms).values("device")
    return {row["device"]: row["boots"] - 1 for row in told.annotate(boots=Count("boot", distinct=True))}


def _forget_old(device: Device) -> None:
    kept = device.heartbeats.order_by("-id").values_list("id", flat=True)[:KEPT_MAX]
    if len(ids := list(kept)) == KEPT_MAX:
        device.heartbeats.filter(id__lt=ids[-1]).delete()
