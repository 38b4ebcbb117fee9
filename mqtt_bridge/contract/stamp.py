"""When something happened, told honestly on a machine without a clock chip.

Order comes from the sequence number of a report, never from the wall time. Durations come from the monotonic clock.
"""

from mqtt_bridge.contract.codec import Word


class Stamp(Word, frozen=True):
    """One instant, as the box knew it.

    wall_ms: milliseconds since 1970 UTC by the box's clock; trusted: whether that clock had been set by a known
    source since boot, or told by the clinic; boot: the kernel's boot id; monotonic_ms: milliseconds since that boot.
    machine_ms: what the machine's own clock said, where the clinic's signed time was taken in its stead (X5).
    """

    wall_ms: int
    trusted: bool
    boot: str
    monotonic_ms: int
    machine_ms: int | None = None
