"""The card's own level, set at the start and before each opening: one that comes back is as it was measured on."""

import logging
from collections.abc import Callable
from typing import NamedTuple

from audio.player.headphones import control_of
from audio.player.sink import OpenSink, Sink

log = logging.getLogger("chevet.player")

SetLevel = Callable[[str, tuple[str, ...], int], str | None]
"""(ALSA control, mixer elements, percent) -> the first of them that the card has, now set; None: it has none."""


class Level(NamedTuple):
    """Whether the card's own level was set at the last opening, and how."""

    fine: bool
    told: str


class Levelled:
    """Opens the sink after the level. Where it cannot be set the sound plays at the card's own, and the log says so."""

    def __init__(
        self, open_sink: OpenSink, set_level: SetLevel, control: str | None, names: tuple[str, ...], percent: int | None
    ) -> None:
        """control: None takes that of the card that the device names. percent None: the card's level is left alone."""
        self._open, self._set = open_sink, set_level
        self._control, self._names, self._percent = control, names, percent
        self.level: Level | None = None
        """None: nothing was opened yet, or the card's level is left alone."""

    def begin(self, device: str) -> None:
        """At the start of the process: whoever plays first finds the level there. Nothing is said of a card to come."""
        if self._percent is not None and (level := self._level(device, self._percent)).fine:
            self._tell(level)

    def __call__(self, device: str, rate_hz: int, channels: int, buffer_ms: int) -> Sink:
        if self._percent is not None:
            self._tell(self._level(device, self._percent))
        return self._open(device, rate_hz, channels, buffer_ms)

    def _level(self, device: str, percent: int) -> Level:
        control = control_of(device) if self._control is None else self._control
        if not control:
            return Level(fine=False, told=f"{device} names no card, its own level stays")
        named = self._set(control, self._names, percent)
        if named is None:
            return Level(fine=False, told=f"{control} has none of {', '.join(self._names)}: it plays at its own level")
        return Level(fine=True, told=f"{named} of {control} at {percent} %")

    def _tell(self, level: Level) -> None:
        """Once for each new finding: it is set before every care."""
        if level != self.level:
            self.level = level
            log.info("level: %s", level.told)
