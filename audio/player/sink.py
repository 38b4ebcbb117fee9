"""The port of a sound device, in ALSA's words."""

from collections.abc import Callable
from typing import Protocol

import msgspec


class Underrun(Exception):
    """The buffer ran empty. The block just offered was not taken; the stream is ready for it again."""


class Granted(msgspec.Struct, frozen=True):
    """What the device granted, which may differ from what was asked."""

    device: str
    rate_hz: int
    channels: int
    sample_bytes: int
    buffer_frames: int
    period_frames: int


def too_short(granted: Granted, buffer_ms: int) -> str:
    """What to say of a buffer of less than half of what was asked; empty otherwise. It still plays, and gaps sooner."""
    given_ms = granted.buffer_frames * 1000 // granted.rate_hz
    if given_ms * 2 >= buffer_ms:
        return ""
    return (
        f"{granted.device} gives a buffer of {given_ms} ms instead of {buffer_ms}: a busy machine will be heard. "
        "Name the card past dmix: plughw:CARD=<name>."
    )


class Sink(Protocol):
    """A device that is open for playback and never blocks. Every method may raise DeviceError (device-lost)."""

    @property
    def granted(self) -> Granted: ...

    def write(self, block: memoryview) -> int:
        """Return how many frames were taken, 0 when full. Raises Underrun when none were, for want of earlier ones."""

    def avail_frames(self) -> int:
        """Return how many frames are free. Raises Underrun when the buffer ran empty before the end."""

    def drain(self) -> None:
        """No more will be written: play what is there; `avail_frames` then reaches the buffer's size."""

    def rewind(self) -> None:
        """Throw away what waits and be as newly opened: nothing written, nothing drained."""

    def poll_fds(self) -> list[tuple[int, int]]:
        """Return (descriptor, poll mask) pairs to wait on for room."""

    def has_room(self, fired: list[tuple[int, int]]) -> bool:
        """Return whether what fired on `poll_fds` means room, or an underrun."""

    def close(self) -> None: ...


OpenSink = Callable[[str, int, int, int], Sink]
"""(device, rate_hz, channels, buffer_ms) -> an open device. Raises DeviceError (device-missing, device-unsuitable)."""
