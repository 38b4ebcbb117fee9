"""Listens to a whole package: every frame can be decoded, and it is as loud as its manifest says.

The hearing dose is reckoned from the loudness that the manifest tells: whoever signs a package has measured it.
"""

from collections.abc import Callable, Iterator

from audio.errors import PackageError
from audio.package.checking import REBUILD
from audio.package.manifest import Manifest, Part
from audio.package.reading import Package

LOUDNESS_TOLERANCE_LU = 1.0
PEAK_TOLERANCE_DB = 0.5
FLOOR_LUFS = -70.0
SAMPLE_BYTES = 4
Progress = Callable[[str, float], None]


def decode_whole(package: Package, progress: Progress) -> None:
    """Decode every frame of a package that `check` has passed. Raises PackageError."""
    for _ in _blocks(package, progress, "decoding"):
        pass


def listen(package: Package, progress: Progress) -> None:
    """Decode every frame and measure. Raises PackageError (part-truncated, loudness-differs, peak-differs)."""
    from audio.loudness import Meter

    manifest = package.manifest
    meter = Meter(manifest.rate_hz, manifest.channels)
    for block in _blocks(package, progress, "measuring"):
        meter.add(block)
    heard = meter.close()
    _as_told(manifest, max(FLOOR_LUFS, heard.integrated_lufs), heard.true_peak_dbtp)


def _as_told(manifest: Manifest, loudness_lufs: float, true_peak_dbtp: float) -> None:
    if abs(loudness_lufs - manifest.loudness_lufs) > LOUDNESS_TOLERANCE_LU:
        raise _differs("loudness", f"{loudness_lufs:.1f} LUFS", f"{manifest.loudness_lufs:.1f} LUFS, as it says")
    if true_peak_dbtp > manifest.true_peak_dbtp + PEAK_TOLERANCE_DB:
        raise _differs("peak", f"{true_peak_dbtp:.1f} dBTP", f"at most {manifest.true_peak_dbtp:.1f} dBTP, as it says")


def _blocks(package: Package, progress: Progress, words: str) -> Iterator[bytes]:
    """Give each second of the package, part after part, as S32."""
    done = 0
    for part in package.manifest.parts:
        for block in _part_blocks(package, part):
            yield block
            done += len(block) // (SAMPLE_BYTES * package.manifest.channels)
            progress(words, min(done / package.manifest.frames, 0.999))
    progress(words, 1.0)


def _part_blocks(package: Package, part: Part) -> Iterator[bytes]:
    from audio.sound_file import SoundReader

    left, frame_bytes = part.frames, SAMPLE_BYTES * package.manifest.channels
    with SoundReader(package.path / part.file) as sound:
        while left:
            block = sound.read(min(left, package.manifest.rate_hz))
            if not block:
                raise _differs("part", f"{part.file} lacks {left} frames", f"{part.frames} frames", "truncated")
            left -= len(block) // frame_bytes
            yield block


def _differs(code: str, value: str, allowed: str, how: str = "differs") -> PackageError:
    what = f"The sound is not what the manifest says: {code}"
    return PackageError(f"{code}-{how}", what, value=value, allowed=allowed, remedy=REBUILD)
