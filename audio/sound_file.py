"""The only door to libsndfile (Debian's libsndfile1), by ctypes.

Not by soundfile: from 0.14 on it imports numpy, and its wheel decodes FLAC at half the speed of Debian's library.
"""

import ctypes
import functools
import os
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from audio.errors import AudioError, PackageError

SAMPLE_BYTES = 4
LIBRARY = "libsndfile.so.1"
READ, WRITE = 0x10, 0x20
PCM_16, PCM_24, FLOAT, DOUBLE = 0x0002, 0x0003, 0x0006, 0x0007
CONTAINER, CODING = 0x0FFF0000, 0x0000FFFF
FORMS = {0x010000: "WAV", 0x130000: "WAV", 0x220000: "RF64", 0x020000: "AIFF", 0x170000: "FLAC", 0x200000: "Ogg"}
FLAC, OPUS = 0x170000, 0x0064
SET_SCALE_FLOAT_INT_READ = 0x1014


class _Info(ctypes.Structure):
    """SF_INFO."""

    _fields_ = (
        ("frames", ctypes.c_int64),
        ("samplerate", ctypes.c_int),
        ("channels", ctypes.c_int),
        ("format", ctypes.c_int),
        ("sections", ctypes.c_int),
        ("seekable", ctypes.c_int),
    )


class SoundReader:
    """An audio file read as interleaved 32-bit samples.

    `form` is WAV, RF64, AIFF, FLAC, Ogg, Opus or "another". Floating point is scaled: its own peak is full scale.
    """

    def __init__(self, path: Path) -> None:
        """Open `path`. Raises PackageError (part-unreadable)."""
        self._path = path
        self._file, info = _open(path, READ, _Info())
        if self._file is None:
            raise self._unreadable()
        self.rate_hz: int = info.samplerate
        self.channels: int = info.channels
        self.frames: int = info.frames
        self.form: str = _form(info.format)
        if info.format & CODING in (FLOAT, DOUBLE):
            _library().sf_command(self._file, SET_SCALE_FLOAT_INT_READ, None, 1)
        self._buffer = ctypes.create_string_buffer(0)

    def read(self, frames: int) -> bytes:
        """Return at most `frames` frames as S32_LE; fewer only at the end of what can be decoded."""
        frame_bytes = SAMPLE_BYTES * self.channels
        if len(self._buffer) < frames * frame_bytes:
            self._buffer = ctypes.create_string_buffer(frames * frame_bytes)
        got = _library().sf_readf_int(self._file, self._buffer, frames)
        if got < 0 or (got < frames and _library().sf_error(self._file)):
            raise self._unreadable()
        return ctypes.string_at(self._buffer, got * frame_bytes)

    def seek(self, frame: int) -> None:
        if _library().sf_seek(self._file, frame, os.SEEK_SET) != frame:
            raise self._unreadable()

    def close(self) -> None:
        if self._file is not None:
            _library().sf_close(self._file)
        self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _unreadable(self) -> PackageError:
        return PackageError(
            "part-unreadable",
            "The audio cannot be decoded",
            value=f"{self._path}: {_complaint(self._file)}",
            allowed="FLAC or Opus",
            remedy="Install the package again.",
        )


class FlacWriter:
    """A FLAC file that grows block by block; not whole before `close`. 16 bits take S16_LE, 24 bits S32_LE samples."""

    def __init__(self, path: Path, rate_hz: int, channels: int, bits: Literal[16, 24] = 16) -> None:
        """Create `path`. Raises AudioError."""
        self._path = path
        self._frame_bytes = (2 if bits == 16 else SAMPLE_BYTES) * channels
        self._write = _library().sf_writef_short if bits == 16 else _library().sf_writef_int
        form = FLAC | (PCM_16 if bits == 16 else PCM_24)
        self._file, _ = _open(path, WRITE, _Info(0, rate_hz, channels, form, 0, 0))
        if self._file is None:
            raise self._unwritten()

    def write(self, samples: bytes) -> None:
        """Add interleaved samples. Raises AudioError."""
        frames = len(samples) // self._frame_bytes
        if self._write(self._file, samples, frames) != frames:
            raise self._unwritten()

    def close(self) -> None:
        """Finish the file. Raises AudioError."""
        file, self._file = self._file, None
        if file is not None and _library().sf_close(file):
            raise self._unwritten()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _unwritten(self) -> AudioError:
        value = f"{self._path}: {_complaint(self._file)}"
        return AudioError("encode", "FLAC was not written", value=value, allowed="space to write", remedy="Make room.")


def write_flac(path: Path, samples: bytes, rate_hz: int, channels: int) -> None:
    """Encode interleaved S16_LE samples as 16-bit FLAC. Raises AudioError."""
    with FlacWriter(path, rate_hz, channels) as file:
        file.write(samples)


def _open(path: Path, mode: int, info: _Info) -> tuple[int | None, _Info]:
    return _library().sf_open(os.fsencode(path), mode, ctypes.byref(info)), info


def _form(code: int) -> str:
    form = FORMS.get(code & CONTAINER, "another")
    return "Opus" if form == "Ogg" and code & CODING == OPUS else form


def _complaint(file: int | None) -> str:
    return str(_library().sf_strerror(file).decode(errors="replace"))


@functools.cache
def _library() -> ctypes.CDLL:
    try:
        lib = ctypes.CDLL(LIBRARY)
    except OSError as error:
        raise AudioError(
            "library-missing",
            "libsndfile is not installed",
            value=error,
            allowed=LIBRARY,
            remedy="apt install libsndfile1.",
        ) from error
    pointer, count = ctypes.c_void_p, ctypes.c_int64
    for name, result, arguments in (
        ("sf_open", pointer, [ctypes.c_char_p, ctypes.c_int, pointer]),
        ("sf_readf_int", count, [pointer, pointer, count]),
        ("sf_writef_short", count, [pointer, ctypes.c_char_p, count]),
        ("sf_writef_int", count, [pointer, ctypes.c_char_p, count]),
        ("sf_command", ctypes.c_int, [pointer, ctypes.c_int, pointer, ctypes.c_int]),
        ("sf_seek", count, [pointer, count, ctypes.c_int]),
        ("sf_error", ctypes.c_int, [pointer]),
        ("sf_strerror", ctypes.c_char_p, [pointer]),
        ("sf_close", ctypes.c_int, [pointer]),
    ):
        function = getattr(lib, name)
        function.restype, function.argtypes = result, arguments
    return lib
