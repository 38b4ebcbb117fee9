"""sd_notify(3): tells systemd that the player is ready and alive. Does nothing outside systemd."""

import contextlib
import os
import socket


class Systemd:
    """The unit that started us, if one did."""

    def __init__(self) -> None:
        self._address = os.environ.get("NOTIFY_SOCKET", "").replace("@", "\0", 1)
        watchdog_us = int(os.environ.get("WATCHDOG_USEC", "0"))
        self._turn_s_max = watchdog_us / 2e6 or None

    def ready(self) -> None:
        self._notify(b"READY=1")

    def alive(self) -> float | None:
        """Pat the watchdog; return how soon the next one is due."""
        if self._turn_s_max is not None:
            self._notify(b"WATCHDOG=1")
        return self._turn_s_max

    def _notify(self, state: bytes) -> None:
        if not self._address:
            return
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.sendto(state, self._address)
