"""The place of an ingest process among those of its clinic, and with it its MQTT client id.

Two processes under one client id would take the broker's session from each other for ever. An id made anew at each
start would leave a session behind each time, and the broker would fill it with every later message until it expires
(after a day; never under MQTT 3.1.1). So a process takes the lowest place that nobody holds on this machine: its id is
its own while it lives, and the same again after a restart, when the broker hands over what it kept meanwhile.
"""

import fcntl
import os
import re
import socket
from typing import Self

from clinic.errors import HomeError
from clinic.home import Home

PLACES_MAX = 8


class Place:
    """Held until `close`, or until the process ends in whatever way: the lock is the kernel's."""

    def __init__(self, number: int, descriptor: int) -> None:
        self.number, self._descriptor = number, descriptor

    @classmethod
    def take(cls, home: Home) -> Self:
        """The lowest free place. Raises HomeError when PLACES_MAX processes run."""
        for number in range(1, PLACES_MAX + 1):
            try:
                descriptor = os.open(home.place(number), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o640)
            except OSError as error:
                raise HomeError(f"{home.place(number)}: {error.strerror}; the home must be writable") from error
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
            else:
                return cls(number, descriptor)
        raise HomeError(f"{PLACES_MAX} ingest processes run in {home.folder} already: stop one")

    def client_id(self, clinic: str) -> str:
        """With the machine's name: a home may be shared by several, or copied."""
        plain = re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname())
        return f"chevet-{clinic}-ingest-{plain}-{self.number}"

    def urgent_id(self, clinic: str) -> str:
        """Of its second connection: what presses has a session, and so a queue, of its own at the broker."""
        return f"{self.client_id(clinic)}-urgent"

    def close(self) -> None:
        os.close(self._descriptor)
