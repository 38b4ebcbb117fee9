"""Notices that nothing moves any more: a device that hangs consumes nothing, and says nothing either."""

from audio.errors import DeviceError, PackageError
from audio.player.sink import Granted

HUNG_BUFFERS = 2
HUNG_MORE_S = 2.0  # a card that wakes from its sleep needs a moment
STARVED_S_MAX = 20.0


class Standstill:
    """How long not one frame was taken nor consumed. Begins with the first look."""

    def __init__(self, granted: Granted) -> None:
        self._device = granted.device
        self.hung_s_max = HUNG_BUFFERS * granted.buffer_frames / granted.rate_hz + HUNG_MORE_S
        self._moved_frames = 0
        self._moved_ns: int | None = None

    def look(self, moved_frames: int, now_ns: int, *, starved: bool) -> None:
        """Take in how many frames have moved so far, and whether there is nothing to write.

        Raises DeviceError (device-lost), or PackageError (part-slow) when the source is what stands still.
        """
        if self._moved_ns is None or moved_frames != self._moved_frames:
            self._moved_frames, self._moved_ns = moved_frames, now_ns
            return
        still_s = (now_ns - self._moved_ns) / 1e9
        if starved and still_s >= STARVED_S_MAX:
            raise _late(still_s)
        if not starved and still_s >= self.hung_s_max:
            raise self._hung(still_s)

    def _hung(self, still_s: float) -> DeviceError:
        return DeviceError(
            "device-lost",
            "The sound device hangs: it is there, and plays nothing",
            value=f"{self._device}: no frame for {still_s:.1f} s",
            allowed=f"{self.hung_s_max:.1f} s",
            remedy="Unplug it and plug it in again, then start the session again.",
        )


def _late(still_s: float) -> PackageError:
    return PackageError(
        "part-slow",
        "The audio could not be read in time",
        value=f"nothing for {still_s:.1f} s",
        allowed=f"{STARVED_S_MAX:.0f} s",
        remedy="Look at the storage of the box.",
    )
