"""The clinic's own clock, in the unit of the wire."""

import time


def now_ms() -> int:
    return time.time_ns() // 1_000_000
