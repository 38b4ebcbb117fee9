"""Someone has read what the person answered (X2): once for each session and reader, and the box is told."""

from collections.abc import Sequence

from django.db import transaction

from clinic.clock import now_ms
from clinic.fleet.models import Device
from clinic.people.models import Practitioner
from clinic.plans.orders import Pen
from clinic.results.models import Reading, Session
from mqtt_bridge.contract.order import ReadReceipt


def read_by(reader: Practitioner, shown: Sequence[int], pen: Pen) -> list[Reading]:
    """Mark the sessions (their keys) read for the first time by this reader, and order a receipt to each box."""
    if not _unread(reader, shown):
        return []
    with transaction.atomic():
        Practitioner.objects.select_for_update().get(pk=reader.pk)  # two tabs at once read once
        by_box: dict[str, list[Session]] = {}
        for session in _unread(reader, shown):
            by_box.setdefault(session.device_id, []).append(session)
        return [reading for sessions in by_box.values() for reading in _receipt(reader, sessions, pen)]


def _unread(reader: Practitioner, ids: Sequence[int]) -> list[Session]:
    return list(Session.objects.filter(pk__in=ids).exclude(readings__reader=reader).select_related("device"))


def _receipt(reader: Practitioner, sessions: list[Session], pen: Pen) -> list[Reading]:
    device: Device = sessions[0].device
    read_ms = now_ms()
    order = None
    if device.revoked_ms is None:
        names = tuple(session.session for session in sessions)
        order = pen.read(device, ReadReceipt(sessions=names, reader=reader.as_told, read_ms=read_ms))
    rows = [Reading(session=session, reader=reader, read_ms=read_ms, order=order) for session in sessions]
    return Reading.objects.bulk_create(rows)
