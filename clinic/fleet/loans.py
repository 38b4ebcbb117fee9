"""Where each box is in its loan: one word, and the times that led to it."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from clinic.fleet.models import Device

State = Literal["lent", "asked-back", "to-be-wiped", "wiped", "revoked", "returned", "ready"]
"""lent: in service; asked-back: it drains and wipes itself; to-be-wiped: stolen or lost, at its next contact; wiped: it
has proved it; revoked: refused, what it holds is still on it; returned: in our hands; ready: and disinfected."""
TIMES = ("enrolled_ms", "return_asked_ms", "wipe_asked_ms", "revoked_ms", "wiped_ms", "closed_ms", "returned_ms",
         "disinfected_ms")  # fmt: skip


@dataclass(frozen=True)
class Loan:
    device: Device
    state: State
    since_ms: int
    patients: tuple[str, ...]
    """For whom it is; for whom it was, once the loan is over."""

    def as_dict(self) -> dict[str, object]:
        times = {name: getattr(self.device, name) for name in TIMES}
        return {
            "box": self.device.id,
            "state": self.state,
            "patients": list(self.patients),
            "lost_reports": self.device.wiped_lost,
            "lost_uncounted": self.device.wiped_uncounted,
            "reason": self.device.revoked_reason,
            "twin_ms": self.device.twin_ms,
            **times,
        }

    @staticmethod
    def when(at_ms: int) -> str:
        return dt.datetime.fromtimestamp(at_ms / 1000, dt.UTC).isoformat(timespec="seconds")


def state_of(device: Device) -> tuple[State, int]:
    """The state and since when."""
    steps: list[tuple[int | None, State]] = [
        (device.disinfected_ms, "ready"),
        (device.returned_ms, "returned"),
        (device.wiped_ms, "wiped"),
        (device.wipe_asked_ms, "to-be-wiped"),
        (device.revoked_ms, "revoked"),
        (device.return_asked_ms, "asked-back"),
    ]
    for at_ms, state in steps:
        if at_ms is not None:
            return state, at_ms
    return "lent", device.enrolled_ms


def loans() -> list[Loan]:
    found = Device.objects.prefetch_related("associations").order_by("id")
    return [Loan(device, *state_of(device), _whose(device)) for device in found]


def _whose(device: Device) -> tuple[str, ...]:
    rows = list(device.associations.all())
    now = [row.patient_id for row in rows if row.until_ms is None]
    last_ms = max((row.until_ms or 0 for row in rows), default=0)
    return tuple(now or sorted({row.patient_id for row in rows if row.until_ms == last_ms}))
