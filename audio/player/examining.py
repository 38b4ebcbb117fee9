"""The card as a self-test sees it: it opens, and takes its level. Nothing is played, and it is given back at once."""

from collections.abc import Callable

from audio.errors import DeviceError
from audio.player.level import Levelled
from audio.player.protocol import Examined
from audio.player.words import RATE_HZ

CHANNELS, BUFFER_MS = 2, 500
LookAtCard = Callable[[bool], Examined]
"""(whether the card is open already) -> what was seen."""


class CardLook:
    """By the very door that a care's sound goes through."""

    def __init__(self, device: str, sink: Levelled) -> None:
        self._device, self._sink = device, sink

    def __call__(self, is_open: bool) -> Examined:  # noqa: FBT001
        card, told = (True, f"{self._device} is in use") if is_open else self._opened()
        level = self._sink.level
        if level is None:
            return Examined(card=card, card_told=told)
        return Examined(card=card, card_told=told, level=level.fine, level_told=level.told)

    def _opened(self) -> tuple[bool, str]:
        try:
            sink = self._sink(self._device, RATE_HZ, CHANNELS, BUFFER_MS)
        except DeviceError as error:
            return False, str(error)
        granted = sink.granted
        sink.close()
        return True, f"{self._device} opens: {granted.rate_hz} Hz, {granted.channels} channels"
