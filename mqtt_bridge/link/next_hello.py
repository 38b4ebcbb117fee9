"""When the next hello is said, on the box's monotonic clock: soon while something is missing, else now and then."""

from mqtt_bridge.contract.stamp import Stamp

ANSWER_MS = 5_000
HELLO_MS_MIN, HELLO_MS_MAX = 2_000, 120_000
QUIET_HELLO_MS = 15 * 60_000
"""Even with nothing to send: for the time, and for orders that the broker forgot."""
MISSED_MS = 30_000
"""Until what was not taken is asked for again; twice as long each time that it is not, up to the quiet hello."""


class NextHello:
    """One hello is planned at any time; what happens moves it."""

    def __init__(self) -> None:
        self._at_ms = 0
        self._wait_ms = HELLO_MS_MIN
        self._missed, self._missed_wait_ms = False, MISSED_MS

    def left_ms(self, now: Stamp) -> int:
        return max(0, self._at_ms - now.monotonic_ms)

    def comes(self, now: Stamp) -> bool:
        """Whether it is time; then the one after it waits longer, unless an answer comes."""
        if now.monotonic_ms < self._at_ms:
            return False
        self._wait_ms = min(self._wait_ms * 2, HELLO_MS_MAX)
        return True

    def said(self, now: Stamp) -> None:
        self._at_ms = now.monotonic_ms + max(self._wait_ms, HELLO_MS_MIN)
        if self._missed:
            self._missed, self._missed_wait_ms = False, min(self._missed_wait_ms * 2, QUIET_HELLO_MS)

    def connected(self) -> None:
        self._wait_ms = HELLO_MS_MIN

    def unanswered(self, now: Stamp, *, accepted: bool) -> None:
        """The broker has said what it did with a row, and the clinic's database nothing yet."""
        # No sooner than answers have taken of late: each hello more would only stand in the queue, too.
        self._plan(now, max(ANSWER_MS, self._wait_ms) if accepted else self._wait_ms)

    def missed(self, now: Stamp) -> None:
        """A letter was not taken: a hello brings it again."""
        self._missed = True
        self._plan(now, self._missed_wait_ms)

    def taken(self) -> None:
        """A letter was taken, or what had kept one from it is over: what is missed next is asked for soon."""
        self._missed_wait_ms = MISSED_MS

    def answered(self, round_trip_ms: int) -> None:
        """With nothing lost: the next one is not asked sooner than this one was answered."""
        self._wait_ms = min(max(round_trip_ms, HELLO_MS_MIN), HELLO_MS_MAX)

    def rest(self, now: Stamp) -> None:
        """The clinic's database has all that was sent."""
        self._at_ms = now.monotonic_ms + (self._missed_wait_ms if self._missed else QUIET_HELLO_MS)

    def _plan(self, now: Stamp, wait_ms: int) -> None:
        self._at_ms = min(self._at_ms, now.monotonic_ms + wait_ms)
