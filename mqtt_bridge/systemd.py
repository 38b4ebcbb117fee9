"""sd_notify(3): a process of ours tells systemd that it serves, and at each turn of its loop that it still turns."""

import contextlib
import os
import socket


class Systemd:
    """The unit that started us; outside systemd nothing is told."""

    def __init__(self) -> None:
        self._address = os.environ.get("NOTIFY_SOCKET", "").replace("@", "\0", 1)
        self._watchdog_us = int(os.environ.get("WATCHDOG_USEC", "0"))

    @property
    def turn_s_max(self) -> float:
        """No turn of the loop may wait longer than half of what the unit's watchdog allows; infinite without one."""
        return self._watchdog_us / 2e6 or float("inf")

    def ready(self) -> None:
        self._notify(b"READY=1")

    def starting(self) -> None:
        """Not ready, for want of what others bring, and not hung: TimeoutStartSec does not end who repeats this."""
        if self._watchdog_us:
            self._notify(b"EXTEND_TIMEOUT_USEC=%d" % self._watchdog_us)

    def alive(self) -> None:
        if self._watchdog_us:
            self._notify(b"WATCHDOG=1")

    def _notify(self, state: bytes) -> None:
        if self._address:
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as unit:
                unit.sendto(state, self._address)
