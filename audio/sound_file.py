"""The only door to soundfile (libsndfile). It never asks it for numpy: soundfile must be older than 0.14."""

from pathlib import Path
from types import TracebackType
from typing import Self

import soundfile

from audio.errors import PackageError

SAMPLE_BYTES = 4


class SoundReader:
    """An audio file read as interleaved 32-bit samples."""

    def __init__(self, path: Path) -> None:
        """Open `path`. Raises PackageError (part-unreadable)."""
        self._path = path
        try:
            self._file = soundfile.SoundFile(str(path))
        except (soundfile.SoundFileError, OSError) as error:
            raise self._unreadable(error) from error
        self.rate_hz: int = self._file.samplerate
        self.channels: int = self._file.channels
        self.frames: int = self._file.frames
        self.format: str = f"{self._file.format} {self._file.subtype}"

    def read(self, frames: int) -> bytes:
        """Return at most `frames` frames as S32_LE; fewer only at the end of what can be decoded."""
        try:
            return bytes(self._file.buffer_read(frames, dtype="int32"))
        except soundfile.SoundFileError as error:
            raise self._unreadable(error) from error

    def read_frames(self, frames: int) -> int:
        return len(self.read(frames)) // (SAMPLE_BYTES * self.channels)

    def seek(self, frame: int) -> None:
        try:
            self._file.seek(frame)
        except soundfile.SoundFileError as error:
            raise self._unreadable(error) from error

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _unreadable(self, error: Exception) -> PackageError:
        return PackageError(
            "part-unreadable",
            "The audio cannot be decoded",
            value=f"{self._path}: {error}",
            allowed="FLAC or Opus",
            remedy="Install the package again.",
        )


def write_flac(path: Path, samples: bytes, rate_hz: int, channels: int) -> None:
    """Encode interleaved S16_LE samples as 16-bit FLAC."""
    with soundfile.SoundFile(str(path), "w", rate_hz, channels, "PCM_16", format="FLAC") as file:
        file.buffer_write(samples, dtype="int16")
