"""From a rendered WAV to the FLAC of a package: one gain for the whole, block by block, so that memory stays flat."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from audio.errors import MontageError
from audio.loudness import Loudness, Meter
from audio.player.gain import factor_of, scale, to_s16
from audio.sound_file import FlacWriter, SoundReader

RATE_HZ: Final = 48_000
CHANNELS: Final = 2
LOUDNESS_LUFS = -23.0  # EBU R 128
TRUE_PEAK_DBTP_MAX = -1.0
SILENCE_LUFS = -60.0
CLIPPED_DBTP = 0.0
BLOCK_FRAMES = RATE_HZ
FRAME_BYTES = 4 * CHANNELS


def blocks(sound: Path, frames: int) -> Iterator[bytes]:
    """Give exactly `frames` frames of a file as S32 blocks, with silence after its end."""
    with SoundReader(sound) as reader:
        for start in range(0, frames, BLOCK_FRAMES):
            wanted = min(BLOCK_FRAMES, frames - start)
            samples = reader.read(wanted)
            yield samples + bytes(wanted * FRAME_BYTES - len(samples))


def loudness_of(sound: Path, frames: int) -> Loudness:
    """Measure a file's first `frames` frames. Raises MontageError."""
    meter = Meter(RATE_HZ, CHANNELS)
    for block in blocks(sound, frames):
        meter.add(block)
    return meter.close()


def level(rendered: Path, flac: Path, frames: int) -> None:
    """Encode `frames` frames at the package's loudness; a U stays a U. Raises MontageError."""
    factor = factor_of(_gain_db(loudness_of(rendered, frames)))
    with FlacWriter(flac, RATE_HZ, CHANNELS) as file:
        for block in blocks(rendered, frames):
            file.write(to_s16(scale(block, factor)))


def _gain_db(before: Loudness) -> float:
    if before.integrated_lufs < SILENCE_LUFS:
        raise MontageError(
            "silent",
            "The montage is silent",
            value=f"{before.integrated_lufs} LUFS",
            allowed=f"more than {SILENCE_LUFS} LUFS",
            remedy="Look at the soundfont: it may lack the instruments.",
        )
    gain_db = LOUDNESS_LUFS - before.integrated_lufs
    peak_dbtp = before.true_peak_dbtp + gain_db
    if peak_dbtp > TRUE_PEAK_DBTP_MAX or before.true_peak_dbtp >= CLIPPED_DBTP:
        raise MontageError(
            "true-peak",
            "The montage would clip, or be too near to it",
            value=f"{peak_dbtp:.1f} dBTP, rendered at {before.true_peak_dbtp:.1f} dBTP",
            allowed=f"at most {TRUE_PEAK_DBTP_MAX} dBTP, rendered below {CLIPPED_DBTP:.1f}",
            remedy="Soften the loudest notes of the score.",
        )
    return gain_db
