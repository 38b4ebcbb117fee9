"""Words at their level, frame by frame: alone on a device, or laid over music that goes on."""

from audio.player.gain import SAMPLE_BYTES, STEP_FRAMES, Gain, at_rate, factor_of, mix, to_stereo, widen
from audio.player.sink import Granted
from audio.player.words import RATE_HZ, Words

HUSH_MS = 40
"""How long words take to fall silent: a cut would click."""
S16_BYTES = 2


class Speech:
    """What is left to say, as a device of `granted` takes it (S32 before narrowing)."""

    def __init__(self, words: Words, granted: Granted, gain_db: float) -> None:
        self._samples = memoryview(at_rate(words.samples, RATE_HZ, granted.rate_hz))
        self._channels, self._rate_hz = granted.channels, granted.rate_hz
        self._gain = Gain(1, factor_of(gain_db))

    @property
    def frames_left(self) -> int:
        return len(self._samples) // S16_BYTES

    def take(self, frames: int) -> bytes:
        """Return the next frames, interleaved S32; fewer at the end."""
        piece, self._samples = self._samples[: frames * S16_BYTES], self._samples[frames * S16_BYTES :]
        mono = bytes(self._gain.apply(widen(piece)))
        return mono if self._channels == 1 else to_stereo(mono)

    def over(self, music: bytes | memoryview) -> bytes:
        """Return the music with the next words in it: whole S32 frames, as many as came."""
        said = self.take(len(music) // (SAMPLE_BYTES * self._channels))
        return mix(bytes(music), said + bytes(len(music) - len(said)))

    def hush(self) -> None:
        """Fall silent, softly and at once."""
        frames = self._rate_hz * HUSH_MS // 1000 // STEP_FRAMES * STEP_FRAMES
        self._samples = self._samples[: frames * S16_BYTES]
        self._gain.ramp_to(0.0, frames)
