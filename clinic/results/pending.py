"""What boxes still keep that the ledger has not, by their last hello."""

from collections import Counter
from collections.abc import Iterable

from django.db.models import Count, QuerySet

from clinic.fleet.models import Device
from clinic.results.models import LedgerRow

AT_ONCE = 100
"""Parts of one question: SQLite takes 500."""
Epoch = tuple[str, str, str]
"""A box, a stream, an epoch."""


def pending_of(devices: Iterable[Device]) -> dict[str, int]:
    """Reports that each says to keep and that are not here; a box that has never said hello is not in it."""
    said = {device.id: device.hello.keeps for device in devices if hasattr(device, "hello")}
    kept = {(box, one["stream"], one["epoch"]): one["last"] for box, keeps in said.items() for one in keeps}
    here = _here(kept)
    missing: Counter[str] = Counter()
    for epoch, last in kept.items():
        missing[epoch[0]] += max(0, last - here.get(epoch, 0))
    return {box: missing[box] for box in said}


def _here(kept: dict[Epoch, int]) -> dict[Epoch, int]:
    """How many of each epoch's first `last` reports the ledger has. One question: each part is answered by the key."""
    parts = [_counted(epoch, last) for epoch, last in kept.items()]
    found: dict[Epoch, int] = {}
    for start in range(0, len(parts), AT_ONCE):
        first, *others = parts[start : start + AT_ONCE]
        for box, stream, epoch, number in first.union(*others, all=True):
            found[box, stream, epoch] = number
    return found


def _counted(epoch: Epoch, last: int) -> QuerySet[LedgerRow, tuple[str, str, str, int]]:
    box, stream, name = epoch
    rows = LedgerRow.objects.filter(device=box, stream=stream, epoch=name, seq__range=(1, last)).order_by()
    return rows.values_list("device_id", "stream", "epoch").annotate(Count("pk"))
