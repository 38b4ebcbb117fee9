"""What could not be read: looked at, and set aside with a reason. What comes again comes back to the list."""

from django.db.models import F, Q, QuerySet

from clinic.clock import now_ms
from clinic.coordination.models import Disposition
from clinic.errors import RecordError
from clinic.people.models import Practitioner
from clinic.results.models import LedgerRow, Quarantine
from clinic.results.to_check import held_rows, set_aside

REASON_MIN, REASON_MAX = 5, 500
DONE_SHOWN_MAX = 50

AGAIN = Q(disposition__at_ms__lt=F("last_ms"))
"""It came once more after somebody had set it aside."""


def held_to_check() -> QuerySet[LedgerRow]:
    return held_rows().filter(disposition=None)


def aside_to_check() -> QuerySet[Quarantine]:
    return set_aside().filter(Q(disposition=None) | AGAIN)


def looked_at() -> QuerySet[Disposition]:
    """The last ones first."""
    found = Disposition.objects.select_related("row__device", "aside", "by").defer("row__payload", "aside__payload")
    return found.order_by("-at_ms", "-pk")[:DONE_SHOWN_MAX]


def dispose(found: LedgerRow | Quarantine, by: Practitioner, reason: str) -> Disposition:
    """Off the list, and kept. Raises RecordError: no reason that another could understand."""
    said = reason.strip()
    if len(said) < REASON_MIN:
        raise RecordError(f"say why it is set aside, in {REASON_MIN} letters at least")
    which = {"row": found} if isinstance(found, LedgerRow) else {"aside": found}
    kept, _ = Disposition.objects.update_or_create(
        **which, defaults={"reason": said[:REASON_MAX], "by": by, "at_ms": now_ms()}
    )
    return kept
