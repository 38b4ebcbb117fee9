"""The only door to libebur128: integrated loudness and true peak by ITU-R BS.1770."""

import ctypes
import math

import msgspec

from audio.errors import MontageError

LIBRARY = "libebur128.so.1"
MODE_I = 5
MODE_TRUE_PEAK = 0x31
SAMPLE_BYTES = 4


class Loudness(msgspec.Struct, frozen=True):
    """Of a whole package."""

    integrated_lufs: float
    true_peak_dbtp: float


def measure(samples: bytes, rate_hz: int, channels: int) -> Loudness:
    """Measure interleaved S32 samples. Raises MontageError."""
    lib = _library()
    state = ctypes.c_void_p(lib.ebur128_init(channels, rate_hz, MODE_I | MODE_TRUE_PEAK))
    try:
        frames = len(samples) // (SAMPLE_BYTES * channels)
        _done(lib.ebur128_add_frames_int(state, samples, ctypes.c_size_t(frames)))
        integrated = ctypes.c_double()
        _done(lib.ebur128_loudness_global(state, ctypes.byref(integrated)))
        peak = max(_peak(lib, state, channel) for channel in range(channels))
    finally:
        lib.ebur128_destroy(ctypes.byref(state))
    return Loudness(integrated.value, 20 * math.log10(max(peak, 1e-6)))


def _peak(lib: ctypes.CDLL, state: ctypes.c_void_p, channel: int) -> float:
    peak = ctypes.c_double()
    _done(lib.ebur128_true_peak(state, channel, ctypes.byref(peak)))
    return peak.value


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


def _failed(value: str, remedy: str) -> MontageError:
    return MontageError("loudness", "Loudness was not measured", value=value, allowed="libebur128", remedy=remedy)
