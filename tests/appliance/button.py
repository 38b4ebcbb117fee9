"""The box's button: an input line of the emulator's PL061, low when it is pressed.

A reset of the machine forgets what the line is at (QEMU 10.0, hw/gpio/pl061.c: its reset puts `data` to 0), and low is
pressed: after each start that the box makes by itself the line is driven again, or the contact would stay closed.
"""

from typing import Protocol

LINE = 5
"""Of the PL061; 3 is the machine's power key."""


class _Monitor(Protocol):
    def path_of(self, kind: str) -> str: ...
    def times(self, event: str) -> int: ...


class _Lines(Protocol):
    def line(self, device: str, number: int, *, high: bool) -> None: ...


class Button:
    """Not pressed from its making on."""

    def __init__(self, monitor: _Monitor, lines: _Lines) -> None:
        self._monitor, self._lines = monitor, lines
        self._pins = monitor.path_of("pl061")
        self._resets = monitor.times("RESET")
        self.hold(down=False)

    def hold(self, *, down: bool) -> None:
        """Raises EmulatorError."""
        self._down = down
        self._lines.line(self._pins, LINE, high=not down)

    def keep(self) -> None:
        """As it was held, if the machine was reset since. Raises EmulatorError."""
        resets = self._monitor.times("RESET")
        if resets != self._resets:
            self._resets = resets
            self.hold(down=self._down)
