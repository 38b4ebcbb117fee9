"""What the machine's start tells of the data partition's key: by what it was opened, or why it was not.

Written by firmware_config/image/tree/usr/lib/chevet/data-key, one line: KIND STATE.
"""

from dataclasses import dataclass
from pathlib import Path

SECRET = ("tpm2", "pi-otp")
"""Kinds that the card does not hold: the TPM of the machine, the Pi's one-time-programmable key."""
STAND_IN = "stand-in"
"""Known to everybody: of an emulator, and of partitions that were made before there was another."""
NONE = "none"
KINDS = (*SECRET, STAND_IN, NONE)
OPENED = "opened"
REFUSED = ("other", "unreachable", "not-written", "nothing")
"""Of another machine, or the chip was cleared; it does not answer; no key was ever written; there is no chip."""


@dataclass(frozen=True)
class DataKey:
    """kind: of KINDS; state: OPENED or of REFUSED."""

    kind: str
    state: str


def read(told: str) -> DataKey | None:
    """None where nothing is told: a laptop (an empty name), a start that did not come to the key, other words."""
    if not told:
        return None
    try:
        kind, state = Path(told).read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return None
    return DataKey(kind, state) if kind in KINDS and state in (OPENED, *REFUSED) else None
