"""The box's clocks, and whether its wall clock may be believed."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from mqtt_bridge.contract.stamp import Stamp

Trust = Literal["timesync", "always", "never"]
"""timesync: systemd-timesyncd has set the clock since boot. always: a machine with a clock chip. never: none."""

TRUST_CHOICES: tuple[Trust, ...] = ("timesync", "always", "never")
_SYNCHRONIZED = Path("/run/systemd/timesync/synchronized")
_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")

Clock = Callable[[], Stamp]


def system_clock(trust: Trust) -> Clock:
    """A clock that stamps with the machine's own wall time, boot id and CLOCK_BOOTTIME."""
    boot = _BOOT_ID.read_text().strip()

    def now() -> Stamp:
        trusted = trust == "always" or (trust == "timesync" and _SYNCHRONIZED.exists())
        since_boot_ms = time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
        return Stamp(wall_ms=time.time_ns() // 1_000_000, trusted=trusted, boot=boot, monotonic_ms=since_boot_ms)

    return now
