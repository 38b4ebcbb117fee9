"""The only door to ALSA (pyalsaaudio 0.11)."""

import contextlib
import errno
import logging

import alsaaudio

from audio.errors import DeviceError
from audio.player.sink import Granted, Underrun, too_short

PERIODS = 2  # few wakes: half the buffer is written at a time
SAMPLE_BYTES = {"S32_LE": 4, "S16_LE": 2}
log = logging.getLogger(__name__)


class AlsaSink:
    """A named ALSA device, open for playback without blocking."""

    def __init__(self, device: str, rate_hz: int, channels: int, buffer_ms: int) -> None:
        """Raises DeviceError (device-missing when it is not there or busy, device-unsuitable)."""
        period_frames = rate_hz * buffer_ms // 1000 // PERIODS
        for name in ("S32_LE", "S16_LE"):
            self._pcm = _open(device, name, rate_hz, channels, period_frames)
            self._granted = _granted(self._pcm, device)
            if _suits(self._pcm, name, self._granted, rate_hz, channels):
                break
            self._pcm.close()
        else:
            raise _unsuitable(self._granted, rate_hz, channels)
        short = too_short(self._granted, buffer_ms)
        if short:
            log.warning(short)
        self._draining = False

    @property
    def granted(self) -> Granted:
        return self._granted

    def write(self, block: memoryview) -> int:
        try:
            written: int = self._pcm.write(block)
        except alsaaudio.ALSAAudioError as error:
            raise self._lost(error) from error
        if written == -errno.EPIPE:
            raise Underrun
        return written

    def avail_frames(self) -> int:
        avail: int = self._pcm.avail()
        if avail >= 0:
            return avail
        if self._draining and self._pcm.state() in (alsaaudio.PCM_STATE_SETUP, alsaaudio.PCM_STATE_XRUN):
            return self._granted.buffer_frames
        if avail == -errno.EPIPE:
            raise Underrun
        raise self._lost(errno.errorcode.get(-avail, str(avail)))

    def drain(self) -> None:
        self._draining = True
        with contextlib.suppress(alsaaudio.ALSAAudioError):  # EAGAIN: it drains; anything else shows in avail_frames
            self._pcm.drain()

    def rewind(self) -> None:
        try:
            self._pcm.drop()  # and prepares
        except alsaaudio.ALSAAudioError as error:
            raise self._lost(error) from error
        self._draining = False

    def poll_fds(self) -> list[tuple[int, int]]:
        try:
            return list(self._pcm.polldescriptors())
        except alsaaudio.ALSAAudioError:
            return []  # seen: dmix has none once it has run dry; `avail_frames` tells what happened

    def has_room(self, fired: list[tuple[int, int]]) -> bool:
        try:
            return bool(self._pcm.polldescriptors_revents(fired))
        except alsaaudio.ALSAAudioError:
            return True  # the next write tells what happened

    def close(self) -> None:
        with contextlib.suppress(alsaaudio.ALSAAudioError):  # gone, or closed already
            self._pcm.drop()  # `close` drains first: with some plugins that waits, for ever when the device hangs
        self._pcm.close()

    def _lost(self, error: object) -> DeviceError:
        return DeviceError(
            "device-lost",
            "The sound device went away",
            value=f"{self._granted.device}: {error}",
            allowed="a device that stays plugged in",
            remedy="Look at its cable, then start the session again.",
        )


def set_level(control: str, names: tuple[str, ...], percent: int) -> str | None:
    """Set and unmute the first of these mixer elements that the card has; return its name, None when it has none."""
    for name in names:
        try:
            mixer = alsaaudio.Mixer(name, device=control)
        except alsaaudio.ALSAAudioError:
            continue  # no such element, or no such card
        try:
            mixer.setvolume(percent)
            with contextlib.suppress(alsaaudio.ALSAAudioError):  # an element without a switch
                mixer.setmute(0)
        except alsaaudio.ALSAAudioError:
            continue  # one without a level
        finally:
            mixer.close()
        return name
    return None


def _open(device: str, name: str, rate_hz: int, channels: int, period_frames: int) -> alsaaudio.PCM:
    try:
        return alsaaudio.PCM(
            alsaaudio.PCM_PLAYBACK,
            alsaaudio.PCM_NONBLOCK,
            device=device,
            rate=rate_hz,
            channels=channels,
            format=getattr(alsaaudio, f"PCM_FORMAT_{name}"),
            periodsize=period_frames,
            periods=PERIODS,
        )
    except alsaaudio.ALSAAudioError as error:
        raise DeviceError(
            "device-missing",
            "The sound device cannot be opened",
            value=error,
            allowed="a PCM that ALSA knows and that is free",
            remedy="Plug it in, or choose another: chevet-audio devices.",
        ) from error


def _granted(pcm: alsaaudio.PCM, device: str) -> Granted:
    info = pcm.info()
    return Granted(
        device=device,
        rate_hz=info["rate"],
        channels=info["channels"],
        sample_bytes=SAMPLE_BYTES.get(info["format_name"], 0),
        buffer_frames=info["buffer_size"],
        period_frames=info["period_size"],
    )


def _suits(pcm: alsaaudio.PCM, name: str, granted: Granted, rate_hz: int, channels: int) -> bool:
    """ALSA may grant another format than asked, without an error."""
    same = (granted.rate_hz, granted.channels) == (rate_hz, channels)
    return same and bool(pcm.info()["format_name"] == name)


def _unsuitable(granted: Granted, rate_hz: int, channels: int) -> DeviceError:
    return DeviceError(
        "device-unsuitable",
        "The sound device cannot play this package",
        value=granted,
        allowed=f"{rate_hz} Hz, {channels} channels, S32_LE or S16_LE",
        remedy="Name it through ALSA's conversions: plughw:CARD=<name>.",
    )


def device_names() -> list[str]:
    """Return the names of the playback devices that ALSA knows, as the configuration would write them."""
    return list(alsaaudio.pcms(alsaaudio.PCM_PLAYBACK))
