"""The only door to libsamplerate (Debian's libsamplerate0, BSD-2-Clause): from a voice's rate to the house's."""

import ctypes
import functools

from audio.voice.errors import VoiceError

LIBRARY = "libsamplerate.so.0"
SINC_MEDIUM = 1  # 121 dB of signal to noise, three times as fast as the best
FLOAT_BYTES = 4


class _Data(ctypes.Structure):
    """SRC_DATA."""

    _fields_ = (
        ("data_in", ctypes.c_void_p),
        ("data_out", ctypes.c_void_p),
        ("input_frames", ctypes.c_long),
        ("output_frames", ctypes.c_long),
        ("input_frames_used", ctypes.c_long),
        ("output_frames_gen", ctypes.c_long),
        ("end_of_input", ctypes.c_int),
        ("src_ratio", ctypes.c_double),
    )


def resampled(samples: bytes, rate_hz: int, wanted_hz: int) -> bytes:
    """Return mono S16 samples as mono S32 at another rate. Raises VoiceError."""
    lib, frames = _library(), len(samples) // 2
    out_frames = -(-frames * wanted_hz // rate_hz)
    floats, out = (ctypes.create_string_buffer(count * FLOAT_BYTES + 1) for count in (frames, out_frames))
    lib.src_short_to_float_array(samples, floats, frames)
    data = _Data(
        data_in=ctypes.addressof(floats),
        data_out=ctypes.addressof(out),
        input_frames=frames,
        output_frames=out_frames,
        src_ratio=wanted_hz / rate_hz,
    )
    _done(lib.src_simple(ctypes.byref(data), SINC_MEDIUM, 1))
    whole = ctypes.create_string_buffer(data.output_frames_gen * FLOAT_BYTES)
    lib.src_float_to_int_array(out, whole, data.output_frames_gen)
    return whole.raw


def _done(code: int) -> None:
    if code:
        raise _failed(f"libsamplerate answers {code}", "Look at the samples given to it.")


@functools.cache
def _library() -> ctypes.CDLL:
    try:
        lib = ctypes.CDLL(LIBRARY)
    except OSError as error:
        raise _failed(error, "apt install libsamplerate0") from error
    lib.src_simple.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
    for name in ("src_short_to_float_array", "src_float_to_int_array"):
        function = getattr(lib, name)
        function.restype, function.argtypes = None, [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_int]
    return lib


def _failed(value: object, remedy: str) -> VoiceError:
    return VoiceError("resample", "The voice was not resampled", value=value, allowed=LIBRARY, remedy=remedy)
