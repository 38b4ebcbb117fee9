"""Adding to the audit trail."""

import getpass
from typing import Literal

from clinic.audit.models import AuditEvent
from clinic.clock import now_ms

Action = Literal["read", "write", "refused", "sign-in", "sign-in-refused", "sign-out"]

_DETAIL_MAX = 500


def record(agent: str, action: Action, detail: str, patient: str = "") -> None:
    """Add one event. It raises when it cannot be written: what is not audited does not happen."""
    AuditEvent.objects.create(
        recorded_ms=now_ms(),
        agent=_printable(agent, 150),
        action=action,
        patient=_printable(patient, 64),
        detail=_printable(detail, _DETAIL_MAX),
    )


def command_agent() -> str:
    """Who sits at the command line."""
    return f"command:{getpass.getuser()}"


def _printable(text: str, length_max: int) -> str:
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")[:length_max]
