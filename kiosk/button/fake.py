"""A button in memory: it behaves, remembers its light, and is pressed by a call."""

import os
from contextlib import suppress

from kiosk.button.port import ButtonError, Edge, LightMode, Lines


class FakeButton:
    def __init__(self) -> None:
        self.lights: list[LightMode] = []
        self.down = self.broken = False
        self._edges: list[Edge] = []
        self._waiting = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)

    def push(self, at_ms: int) -> None:
        """Press and let go a tenth of a second later."""
        self._edges += [Edge(down=True, at_ms=at_ms), Edge(down=False, at_ms=at_ms + 100)]
        os.eventfd_write(self._waiting, 1)

    def hold(self, at_ms: int) -> None:
        """Press and keep it down."""
        self._edges.append(Edge(down=True, at_ms=at_ms))
        os.eventfd_write(self._waiting, 1)

    def fileno(self) -> int:
        return self._waiting

    def edges(self) -> list[Edge]:
        with suppress(BlockingIOError):
            os.eventfd_read(self._waiting)
        found, self._edges = self._edges, []
        return found

    def light(self, mode: LightMode) -> None:
        self.lights.append(mode)

    def look(self) -> Lines:
        if self.broken:
            raise ButtonError("the lines cannot be read: told so by a test")
        return Lines(self.down, "in memory")

    def close(self) -> None:
        os.close(self._waiting)
