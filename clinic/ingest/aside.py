"""What came for the boxes of other processes: kept in memory, unread, for as long as its owner may turn out to be dead.

It was settled at the broker, which has it for its owner too, as long as that has not kept it. What is forgotten here
before it is taken over is brought by the broker when its owner is back, or by the box, which asks at its next hello.
"""

from collections import deque
from collections.abc import Callable

from mqtt_bridge.mqtt.port import Delivered

S_MAX = 30.0
"""Longer than a lease, a beat, a lock that a hung process held, and a connection that was dead unnoticed, together."""
BYTES_MAX = 32 * 1024 * 1024
MESSAGE_BYTES = 1024
"""What one weighs here beside its payload."""


class Aside:
    """Oldest first; the oldest go where there are too many."""

    def __init__(self, s_max: float = S_MAX, bytes_max: int = BYTES_MAX) -> None:
        self._s_max, self._bytes_max, self._bytes = s_max, bytes_max, 0
        self._messages: deque[tuple[float, Delivered]] = deque()

    def put(self, message: Delivered, now_s: float) -> None:
        self._messages.append((now_s, message))
        self._bytes += _weight(message)
        self.forget(now_s)

    def take(self, is_mine: Callable[[str], bool]) -> list[Delivered]:
        """Those that are ours now; the others stay."""
        kept = [one for one in self._messages if not is_mine(one[1].topic)]
        ours = [message for _, message in self._messages if is_mine(message.topic)]
        self._messages, self._bytes = deque(kept), sum(_weight(message) for _, message in kept)
        return ours

    def forget(self, now_s: float) -> None:
        """What its owner must have kept by now."""
        while self._messages and (now_s - self._messages[0][0] > self._s_max or self._bytes > self._bytes_max):
            self._bytes -= _weight(self._messages.popleft()[1])


def _weight(message: Delivered) -> int:
    return len(message.payload) + MESSAGE_BYTES
