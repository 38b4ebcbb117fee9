"""Someone has read what the person answered (X2): once for each report and reader, and the box is told.

Reports and not sessions: what arrives after the page was opened has not been read.
"""

from collections.abc import Collection

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from clinic.clock import now_ms
from clinic.fleet.models import Device
from clinic.people.models import Practitioner
from clinic.plans.orders import Pen
from clinic.results.models import Evaluation, FormResponse, LedgerRow, Listening, Reading, Session
from mqtt_bridge.contract.order import ReadReceipt, ReportReference


def mark_read(reader: Practitioner, shown: Collection[int], pen: Pen) -> list[Reading]:
    """Mark these reports (keys of their ledger rows) read by this reader, and order a receipt to each box.

    The readings that are new. One transaction for each box, so that it never waits for one box while it holds another.
    """
    boxes = {row.device_id for row in _unread(reader, shown)}
    return [reading for box in sorted(boxes) for reading in _receipt(reader, box, shown, pen)]


def unread_whole(reader: Practitioner) -> QuerySet[Session]:
    """The sessions with a report that this reader has not read."""
    unread = _has_unread(Listening, reader) | _has_unread(Evaluation, reader)
    return Session.objects.filter(unread)


def unread_form_responses(reader: Practitioner) -> QuerySet[FormResponse]:
    """The forms apart from a care that this reader has not read."""
    read = Reading.objects.filter(row=OuterRef("row"), reader=reader)
    return FormResponse.objects.filter(~Exists(read))


def unread_forms_of(reader: Practitioner, patient: str) -> QuerySet[FormResponse]:
    """Those that this reader has not read, the newest first."""
    return unread_form_responses(reader).filter(patient=patient).order_by("-received_ms", "-pk")


def _has_unread(kind: type[Listening | Evaluation], reader: Practitioner) -> Exists:
    """A range from a number to itself: for `=` PostgreSQL hashes every report there is, ten times slower."""
    read = Reading.objects.filter(row=OuterRef("row"), reader=reader)
    its_own = Q(session__gte=OuterRef("pk"), session__lte=OuterRef("pk"))
    return Exists(kind._default_manager.filter(its_own, ~Exists(read)))  # noqa: SLF001  # public


def _unread(reader: Practitioner, rows: Collection[int]) -> list[LedgerRow]:
    found = LedgerRow.objects.filter(pk__in=rows).exclude(readings__reader=reader)
    return list(found.only("device_id", "epoch", "seq").order_by("pk"))


def receipt(reader: Practitioner, reports: tuple[ReportReference, ...], read_ms: int) -> ReadReceipt:
    """As the box is told: a first name, a role, and which of those who share them; not the name of an account."""
    return ReadReceipt(reports=reports, reader=reader.as_told, reader_id=reader.told_id, read_ms=read_ms)


def _receipt(reader: Practitioner, box: str, shown: Collection[int], pen: Pen) -> list[Reading]:
    with transaction.atomic():
        Practitioner.objects.select_for_update().get(pk=reader.pk)  # two tabs at once read once
        rows = [row for row in _unread(reader, shown) if row.device_id == box]
        if not rows:
            return []
        device, read_ms, order = Device.objects.get(pk=box), now_ms(), None
        if device.revoked_ms is None:
            reports = tuple(ReportReference(epoch=row.epoch, seq=row.seq) for row in rows)
            order = pen.read(device, receipt(reader, reports, read_ms))
        return Reading.objects.bulk_create(
            Reading(row=row, reader=reader, read_ms=read_ms, order=order) for row in rows
        )
