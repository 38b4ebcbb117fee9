"""What staff have to look at: held reports and the quarantine, latest first."""

from django.db.models import QuerySet

from clinic.results.models import LedgerRow, Quarantine


def held_rows() -> QuerySet[LedgerRow]:
    held = LedgerRow.objects.filter(state=LedgerRow.State.HELD).defer("payload")
    return held.select_related("device").order_by("-received_ms")


def set_aside() -> QuerySet[Quarantine]:
    return Quarantine.objects.defer("payload").order_by("-last_ms")
