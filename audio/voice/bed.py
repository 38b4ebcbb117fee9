"""The music under a voice: a sound file of known origin, or a session package."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

from audio.loudness import Meter
from audio.package import check
from audio.player.gain import to_stereo
from audio.sound_file import SoundReader
from audio.voice.errors import VoiceError

RATE_HZ = 48_000
Progress = Callable[[str, float], None]
SILENCE_LUFS = -60.0


class Bed:
    """Stereo at 48 kHz, at least as long as the voice: it is never repeated, because a seam is heard."""

    def __init__(self, path: Path, source: str = "") -> None:
        """Take a file, whose `source` (maker and licence) must be told, or a package, which tells its own.

        Raises VoiceError (bed-unsuitable) or PackageError.
        """
        self.path, self.source = (path, source) if path.is_file() else _of_package(path)
        if not self.source:
            raise _unsuitable("no source told", "the maker and the licence of every part", "Give --bed-source.")
        with SoundReader(self.path) as sound:
            self.frames, self._channels = sound.frames, sound.channels
            if sound.rate_hz != RATE_HZ or sound.channels > 2:
                form = f"{sound.rate_hz} Hz, {sound.channels} channels"
                raise _unsuitable(form, f"{RATE_HZ} Hz, mono or stereo", "Convert it.")
        with self.path.open("rb") as opened:
            self.sha256 = hashlib.file_digest(opened, "sha256").hexdigest()

    def loudness_lufs(self, frames: int) -> float:
        """Return the loudness of the first `frames` frames. Raises VoiceError for silence or too short a bed."""
        if self.frames < frames:
            lengths = f"{self.frames / RATE_HZ:.0f} s", f"at least {frames / RATE_HZ:.0f} s"
            raise _unsuitable(*lengths, "Take a longer montage.")
        meter = Meter(RATE_HZ, 2)
        for block in self.blocks(frames, RATE_HZ):
            meter.add(block)
        lufs = meter.close().integrated_lufs
        if lufs < SILENCE_LUFS:
            raise _unsuitable(f"{lufs:.1f} LUFS", "music that can be heard", "Leave --bed out for silence.")
        return lufs

    def blocks(self, frames: int, size: int) -> Iterator[bytes]:
        """Read the first `frames` frames as stereo S32, `size` frames at a time."""
        with SoundReader(self.path) as sound:
            for at in range(0, frames, size):
                block = sound.read(min(size, frames - at))
                yield block if self._channels == 2 else to_stereo(block)


def _of_package(path: Path) -> tuple[Path, str]:
    package = check(path)
    manifest = package.manifest
    return package.part_paths()[0], f"{manifest.title}, {manifest.licence} ({manifest.source})"


def _unsuitable(value: str, allowed: str, remedy: str) -> VoiceError:
    return VoiceError(
        "bed-unsuitable", "This music cannot lie under a voice", value=value, allowed=allowed, remedy=remedy
    )
