"""The only door to audioop: level and sample width, without numpy. At 0 dB not one bit is touched."""

import warnings

with warnings.catch_warnings():  # gone from the standard library in 3.13, where audioop-lts brings it back
    warnings.filterwarnings("ignore", message="'audioop' is deprecated", category=DeprecationWarning)
    import audioop

SAMPLE_BYTES = 4
Samples = bytes | memoryview
STEP_FRAMES = 64  # 1.3 ms at 48 kHz: the level moves in steps too small to be heard


def factor_of(gain_db: float) -> float:
    """Return the amplitude factor of a level in dB."""
    return float(10 ** (gain_db / 20))


def narrow(block: Samples) -> bytes:
    """Return S32 samples as S16, for a device that takes no more."""
    return audioop.lin2lin(block, SAMPLE_BYTES, 2)


def scale(samples: bytes, factor: float) -> bytes:
    """Return S32 samples at another level."""
    return samples if factor == 1.0 else audioop.mul(samples, SAMPLE_BYTES, factor)


def mix(one: bytes, other: bytes) -> bytes:
    """Return two stretches of S32 samples of the same length as one, each at its own level; too loud a sum is cut."""
    return audioop.add(one, other, SAMPLE_BYTES)


def to_stereo(samples: bytes) -> bytes:
    """Return mono S32 samples in both ears."""
    return audioop.tostereo(samples, SAMPLE_BYTES, 1, 1)


def widen(samples: Samples) -> bytes:
    """Return S16 samples as S32."""
    return audioop.lin2lin(samples, 2, SAMPLE_BYTES)


def at_rate(samples: bytes, from_hz: int, to_hz: int) -> bytes:
    """Return mono S16 samples at another rate, by straight lines between them: good enough for words."""
    return samples if from_hz == to_hz else audioop.ratecv(samples, 2, 1, from_hz, to_hz, None)[0]


def to_s16(samples: bytes) -> bytes:
    """Return S32 samples as S16, rounded to the nearest (where `narrow` cuts)."""
    half_step = audioop.bias(bytes(len(samples)), SAMPLE_BYTES, 1 << 15)
    return narrow(audioop.add(samples, half_step, SAMPLE_BYTES))


class Gain:
    """An amplitude factor that moves in a straight line to its target."""

    def __init__(self, channels: int, factor: float) -> None:
        self._frame_bytes = SAMPLE_BYTES * channels
        self._factor = self._target = factor
        self._steps_left = 0

    @property
    def ramp_frames(self) -> int:
        """Frames until the target is reached."""
        return self._steps_left * STEP_FRAMES

    def ramp_to(self, target: float, frames: int) -> None:
        self._target = target
        self._steps_left = max(1, frames // STEP_FRAMES)

    def apply(self, block: Samples) -> Samples:
        """Return whole S32 frames at the level of their moment."""
        at, pieces = 0, list[Samples]()
        while self._steps_left and at < len(block):
            end = at + STEP_FRAMES * self._frame_bytes
            pieces.append(_scaled(block[at:end], self._next_factor()))
            at = end
        pieces.append(_scaled(block[at:] if at else block, self._factor))
        return b"".join(pieces) if at else pieces[0]

    def _next_factor(self) -> float:
        self._factor += (self._target - self._factor) / self._steps_left
        self._steps_left -= 1
        if not self._steps_left:
            self._factor = self._target
        return self._factor


def _scaled(samples: Samples, factor: float) -> Samples:
    return samples if factor == 1.0 else audioop.mul(samples, SAMPLE_BYTES, factor)
