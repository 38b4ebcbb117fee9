"""Listens to recordings before anything is made of them: form, length, clipping, loudness."""

from array import array
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from audio.errors import PackageError, RecordingError
from audio.loudness import Loudness, Meter
from audio.recording.truncation import is_cut_short
from audio.sound_file import SAMPLE_BYTES, SoundReader

FORMS = ("WAV", "RF64", "AIFF", "FLAC")
RATES_HZ = (44_100, 48_000)
STEREO = 2
DURATION_S_MIN = 10
DURATION_S_MAX = 4 * 3600  # what a plan may prescribe
SILENCE_LUFS = -60.0
# As many samples at full scale in a row are no music: at 20 Hz, the lowest that is heard, a whole wave has four.
CLIPPED_RUN = 6
FULL_SCALE = (0x7FFF0000, 0x7FFFFF00, 0x7FFFFFFF, -0x80000000, -0x7FFF0000, -0x7FFFFF00, -0x7FFFFFFF)
CLIPPED = tuple(array("i", [value] * CLIPPED_RUN).tobytes() for value in FULL_SCALE)
Progress = Callable[[str, float], None]


class Heard(msgspec.Struct, frozen=True):
    """Recordings that belong together: frames of each, one rate, loudness of the whole."""

    frames: tuple[int, ...]
    rate_hz: int
    loudness: Loudness

    @property
    def duration_s(self) -> float:
        return sum(self.frames) / self.rate_hz


def inspect(files: list[Path], progress: Progress) -> Heard:
    """Listen to all of it. Raises RecordingError with the first thing that is wrong."""
    forms = [_form(file) for file in files]
    rates_hz = {rate_hz for rate_hz, _ in forms}
    frames = [count for _, count in forms]
    if len(rates_hz) != 1:
        raise _refused("rates-differ", "The recordings have different rates", sorted(rates_hz), "one rate for all")
    rate_hz = rates_hz.pop()
    _long_enough(sum(frames) / rate_hz)
    meter, done = Meter(rate_hz, STEREO), 0
    for file, count in zip(files, frames, strict=True):
        for block in blocks(file, count, rate_hz):
            _not_clipped(file, block, done / rate_hz)
            meter.add(block)
            done += len(block) // (SAMPLE_BYTES * STEREO)
            progress("listening", done / sum(frames))
    loudness = meter.close()
    if loudness.integrated_lufs < SILENCE_LUFS:
        value = f"{loudness.integrated_lufs:.1f} LUFS"
        raise _refused("silent", "The recording is silent", value, f"more than {SILENCE_LUFS:.0f} LUFS")
    return Heard(tuple(frames), rate_hz, loudness)


def blocks(file: Path, frames: int, rate_hz: int) -> Iterator[bytes]:
    """Give exactly `frames` stereo frames, a second at a time, as S32. Raises RecordingError (truncated)."""
    left = frames
    try:
        with SoundReader(file) as sound:
            while left:
                block = sound.read(min(left, rate_hz))
                if not block:
                    raise _truncated(file)
                left -= len(block) // (SAMPLE_BYTES * STEREO)
                yield block
    except PackageError as error:
        raise _truncated(file) from error


def _form(file: Path) -> tuple[int, int]:
    """Return the rate and the frames of a recording whose form will do. Raises RecordingError."""
    try:
        cut = is_cut_short(file)
        with SoundReader(file) as sound:
            form, rate_hz, channels, frames = sound.form, sound.rate_hz, sound.channels, sound.frames
    except OSError as error:
        raise _refused("unreadable", "The recording cannot be read", f"{file}: {error.strerror}", "a file") from error
    except PackageError as error:
        raise _refused("unreadable", "This is no recording", file, f"{', '.join(FORMS)}") from error
    if form not in FORMS:
        raise _refused("form", "The recording has a lossy or unknown form", f"{file}: {form}", ", ".join(FORMS))
    if cut:
        raise _truncated(file)
    if rate_hz not in RATES_HZ:
        raise _refused("rate", "The recording has another rate", f"{file}: {rate_hz} Hz", "44100 or 48000 Hz")
    _in_stereo(file, channels)
    if frames == 0:
        raise _refused("empty", "The recording is empty", file, f"at least {DURATION_S_MIN} s")
    return rate_hz, frames


def _in_stereo(file: Path, channels: int) -> None:
    if channels == 1:
        what = "The recording is mono: in headphones it sits in the middle of the head"
        remedy = "Take the stereo original; a voice alone: place it in a stereo mix, with its room."
        raise _refused("mono", what, file, "2 channels", remedy)
    if channels != STEREO:
        value = f"{file}: {channels} channels"
        raise _refused("channels", "The recording is not in stereo", value, "2 channels", "Mix it down to stereo.")


def _long_enough(duration_s: float) -> None:
    within = f"{DURATION_S_MIN} s to {DURATION_S_MAX // 3600} hours"
    if duration_s < DURATION_S_MIN:
        raise _refused("too-short", "The recording is too short", f"{duration_s:.1f} s", within)
    if duration_s > DURATION_S_MAX:
        raise _refused("too-long", "The recording is too long", f"{duration_s / 3600:.1f} hours", within, "Cut it.")


def _not_clipped(file: Path, block: bytes, at_s: float) -> None:
    """Look for flat tops at full scale; those of a softer limiter are not seen."""
    samples = array("i", block)
    for channel in range(STEREO):
        one = samples[channel::STEREO].tobytes()
        if any(run in one for run in CLIPPED):
            value = f"{file}: {CLIPPED_RUN} samples in a row at full scale, near {at_s:.0f} s"
            remedy = "Take the recording before it was made loud, or record again with more headroom."
            raise _refused("clipped", "The recording is clipped", value, "peaks below full scale", remedy)


def _truncated(file: Path) -> RecordingError:
    what = "The recording is cut short, or was never finished"
    return _refused("truncated", what, file, "a file that holds all it announces", "Copy or export it again.")


def _refused(
    code: str, what: str, value: object, allowed: str, remedy: str = "Export the recording again."
) -> RecordingError:
    return RecordingError(f"recording-{code}", what, value=value, allowed=allowed, remedy=remedy)
