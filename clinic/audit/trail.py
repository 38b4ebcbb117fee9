"""Adding to the audit trail."""

import getpass
import os
from typing import Literal

from clinic.audit.chain import Chain
from clinic.audit.models import AuditEvent
from clinic.clock import now_ms

Action = Literal["read", "write", "refused", "break-glass", "sign-in", "sign-in-refused", "sign-out"]

_DETAIL_MAX = 500
_chains: dict[int, Chain] = {}
"""By process: a worker that was forked off writes a chain of its own."""


def record(agent: str, action: Action, detail: str, patient: str = "") -> None:
    """Add one event. It raises when it cannot be written: what is not audited does not happen."""
    event = AuditEvent(
        recorded_ms=now_ms(),
        agent=_printable(agent, 150),
        action=action,
        patient=_printable(patient, 64),
        detail=_printable(detail, _DETAIL_MAX),
    )
    _chains.setdefault(os.getpid(), Chain()).append(event)


def command_agent() -> str:
    """Who sits at the command line."""
    return f"command:{getpass.getuser()}"


def _printable(text: str, length_max: int) -> str:
    """As any database keeps it, so that it is read back as it was hashed."""
    kept = text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
    return kept[:length_max]
