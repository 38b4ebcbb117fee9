"""What the registrar does beside answering: it looks again and again, also while database or broker are away."""

import logging
import time
from collections.abc import Callable

from django.db import DatabaseError, InterfaceError, close_old_connections

LOOK_S, AGAIN_S_MAX = 5.0, 60.0
"""Between two looks; what fails is tried ever more seldom, once a minute at last."""
log = logging.getLogger(__name__)


class Watch:
    """One thing that is looked after. `what`: why it is told when it fails."""

    def __init__(self, turn: Callable[[], object], what: str) -> None:
        self._turn, self._what = turn, what
        self._wait_s, self._due_s = LOOK_S, 0.0

    def look(self, now_s: float) -> None:
        """Do it when it is due. What is no fault of ours is told, and tried again."""
        if now_s < self._due_s:
            return
        try:
            self._turn()
            self._wait_s = LOOK_S
        except (DatabaseError, InterfaceError, OSError, ValueError) as error:
            self._wait_s = min(2 * self._wait_s, AGAIN_S_MAX)
            log.error("%s; tried again in %.0f s: %s", self._what, self._wait_s, error)  # noqa: TRY400
        self._due_s = now_s + self._wait_s


def watch(*things: Watch) -> None:
    """A thread's work, for ever."""
    while True:
        for thing in things:
            thing.look(time.monotonic())
        close_old_connections()
        time.sleep(LOOK_S)
