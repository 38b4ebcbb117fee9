"""The port of a headphone socket that tells whether a plug is in it. Being out never stops the sound."""

import re
from collections.abc import Callable, Sequence
from typing import Protocol

from audio.player.protocol import Headphones

_JACK = re.compile(r"\b(headphones?\b.*|headset) jack$", re.IGNORECASE)
_CARD = re.compile(r"[:,]CARD=([^,]+)")


class JackWatch(Protocol):
    """What the card reports of its headphone sockets. It never raises: a card that went away is `unknown`."""

    def look(self) -> Headphones:
        """Take in what was reported since the last look, without waiting; return how it is now."""

    def poll_fds(self) -> list[tuple[int, int]]:
        """Return (descriptor, poll mask) pairs that fire on a change; none where nothing is reported."""

    def close(self) -> None: ...


OpenJack = Callable[[str, str | None], JackWatch]
"""(device, control or None) -> a watch on the card's headphone sockets. It does not raise."""


class NoJack:
    """A device that reports nothing of its plug."""

    def look(self) -> Headphones:
        return "unknown"

    def poll_fds(self) -> list[tuple[int, int]]:
        return []

    def close(self) -> None: ...


def is_headphone_jack(control: str) -> bool:
    """Return whether a control's name is a headphone socket's, by the kernel's naming ("Front Headphone Jack").

    A "Phantom Jack" stands for a socket that cannot tell: it always says that a plug is in.
    """
    return bool(_JACK.search(control)) and "phantom" not in control.lower()


def control_of(device: str) -> str | None:
    """Return the ALSA control of the card that a PCM names (`sysdefault:CARD=Headphones`), None when it names none."""
    card = _CARD.search(device)
    return f"hw:CARD={card[1]}" if card else None


def summed_up(plugs: Sequence[bool]) -> Headphones:
    """Whether a plug is in any of the card's sockets."""
    if not plugs:
        return "unknown"
    return "in" if any(plugs) else "out"
