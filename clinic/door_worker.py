"""gunicorn's threaded worker where strangers come, to registrar and shelf: none may keep the threads for themselves.

A few connections that say little and never end would hold every thread, and no box would be enrolled or served.
"""

import threading
from collections import Counter
from typing import Any

from clinic.web_worker import WebWorker, closed

DOOR_S_MAX = 20.0
"""From the first byte of a request to its last, the handshake too. A box that is cut off asks again."""
STALLED_S_MAX = 120.0
"""For 16 KiB of an answer. Slower is no network that an archive could come through."""
OF_AN_ADDRESS_MAX = 16
"""Connections at a time. A whole care home may stand behind one address; a box needs one, for a tenth of a second."""


class Share:
    """How many of one name are served at a time."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._here: Counter[str] = Counter()
        self._lock = threading.Lock()

    def enter(self, name: str) -> bool:
        """Whether one more is served; if so, it counts until it leaves."""
        with self._lock:
            served = self._here[name] < self._most
            self._here[name] += served
            return served

    def leave(self, name: str) -> None:
        with self._lock:
            self._here[name] -= 1
            if not self._here[name]:
                del self._here[name]


class DoorWorker(WebWorker):
    """Each address has its share of the threads, until `let_in` or the end of the turn."""

    read_s_max = DOOR_S_MAX
    send_s_max = STALLED_S_MAX

    def __init__(self, *words: Any, **named: Any) -> None:
        super().__init__(*words, **named)
        self._addresses = Share(OF_AN_ADDRESS_MAX)

    def handle(self, conn: Any) -> Any:
        conn.knocks = self._addresses.enter(str(conn.client[0]))
        if not conn.knocks:
            conn.sock.close()
            closed(conn)
            return False
        try:
            return super().handle(conn)
        finally:
            self.let_in(conn)

    def let_in(self, conn: Any) -> None:
        """It is no stranger's any more, or over."""
        if conn.knocks:
            conn.knocks = False
            self._addresses.leave(str(conn.client[0]))
