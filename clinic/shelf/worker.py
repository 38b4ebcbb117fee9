"""The shelf's threads: a stranger's for a handshake and a head, a box's for as long as its archive takes.

A box has a few at a time, by its certificate: one that was taken over must not keep the shelf from the others.
"""

from typing import Any

from clinic.door_worker import DoorWorker, Share
from clinic.web_worker import last_word

OF_A_BOX_MAX = 4
"""A box fetches one archive at a time; a connection that its network has lost counts until it stalls for too long."""
_BUSY = "This box has too many requests under way: ask again when one of them has ended.\n"


class ShelfWorker(DoorWorker):
    def __init__(self, *words: Any, **named: Any) -> None:
        super().__init__(*words, **named)
        self._boxes = Share(OF_A_BOX_MAX)

    def handle_request(self, req: Any, conn: Any) -> Any:
        box = name_of(conn.sock)
        if not self._boxes.enter(box):
            conn.sock.sendall(last_word("429 Too Many Requests", _BUSY))
            return False
        self.let_in(conn)
        try:
            return super().handle_request(req, conn)
        finally:
            self._boxes.leave(box)


def name_of(sock: Any) -> str:
    """The common name of the certificate that opened the connection, which our authority alone signs; empty: none."""
    certificate = sock.getpeercert() or {}
    names = [value for part in certificate.get("subject", ()) for name, value in part if name == "commonName"]
    return names[0] if len(names) == 1 else ""
