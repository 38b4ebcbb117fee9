"""The only door to libebur128: integrated loudness and true peak by ITU-R BS.1770."""

import ctypes
import math

import msgspec

from audio.errors import LoudnessError

LIBRARY = "libebur128.so.1"
MODE_I = 5
MODE_TRUE_PEAK = 0x31
SAMPLE_BYTES = 4


class Loudness(msgspec.Struct, frozen=True):
    """Of a whole package."""

    integrated_lufs: float
    true_peak_dbtp: float


class Meter:
    """Measures samples as they come, whatever their length."""

    def __init__(self, rate_hz: int, channels: int) -> None:
        """Begin. Raises LoudnessError."""
        self._lib = _library()
        self._frame_bytes = SAMPLE_BYTES * channels
        self._channels = channels
        self._state = ctypes.c_void_p(self._lib.ebur128_init(channels, rate_hz, MODE_I | MODE_TRUE_PEAK))

    def add(self, samples: bytes) -> None:
        """Hear interleaved S32 samples. Raises LoudnessError."""
        frames = ctypes.c_size_t(len(samples) // self._frame_bytes)
        _done(self._lib.ebur128_add_frames_int(self._state, samples, frames))

    def close(self) -> Loudness:
        """Return what was heard, and end. Raises LoudnessError."""
        try:
            integrated = ctypes.c_double()
            _done(self._lib.ebur128_loudness_global(self._state, ctypes.byref(integrated)))
            peak = max(self._peak(channel) for channel in range(self._channels))
        finally:
            self._lib.ebur128_destroy(ctypes.byref(self._state))
        return Loudness(integrated.value, 20 * math.log10(max(peak, 1e-6)))

    def _peak(self, channel: int) -> float:
        peak = ctypes.c_double()
        _done(self._lib.ebur128_true_peak(self._state, channel, ctypes.byref(peak)))
        return peak.value


def measure(samples: bytes, rate_hz: int, channels: int) -> Loudness:
    """Measure interleaved S32 samples. Raises LoudnessError."""
    meter = Meter(rate_hz, channels)
    meter.add(samples)
    return meter.close()


def _done(code: int) -> None:
    if code:
        raise _failed(f"libebur128 answers {code}", "Look at the samples given to it.")


def _library() -> ctypes.CDLL:
    try:
        lib = ctypes.CDLL(LIBRARY)
    except OSError as error:
        raise _failed("libebur128 is not installed", "apt install libebur128-1") from error
    lib.ebur128_init.restype = ctypes.c_void_p
    lib.ebur128_init.argtypes = [ctypes.c_uint, ctypes.c_ulong, ctypes.c_int]
    lib.ebur128_add_frames_int.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t]
    lib.ebur128_true_peak.argtypes = [ctypes.c_void_p, ctypes.c_uint, ctypes.c_void_p]
    lib.ebur128_loudness_global.argtypes = [ctypes.c_void_p, ctypes.c_void_p]
    lib.ebur128_destroy.restype = None
    return lib


def _failed(value: str, remedy: str) -> LoudnessError:
    return LoudnessError("loudness", "Loudness was not measured", value=value, allowed="libebur128", remedy=remedy)
