"""A line of the log that a stranger can cause, at most once a minute: nobody may fill the clinic's disk with it."""

import logging
import threading
import time

EVERY_S = 60.0


class Seldom:
    """Says the first, counts the others, and says with the next one how many there were."""

    def __init__(self, log: logging.Logger, every_s: float = EVERY_S) -> None:
        self._log, self._every_s = log, every_s
        self._said_s: float | None = None
        self._unsaid = 0
        self._lock = threading.Lock()

    def warning(self, words: str) -> None:
        with self._lock:
            now_s = time.monotonic()
            if self._said_s is not None and now_s - self._said_s < self._every_s:
                self._unsaid += 1
                return
            more, self._unsaid, self._said_s = self._unsaid, 0, now_s
        self._log.warning("%s%s", words, f" (and {more} more refusals since the last such line)" if more else "")
