"""The level moves without a step that can be heard, and 0 dB touches nothing."""

import random
import struct

from hypothesis import given
from hypothesis import strategies as st

from audio.player.gain import STEP_FRAMES, Gain, factor_of, to_s16

LOUD = 1 << 29


def constant(frames: int) -> bytes:
    return struct.pack("<i", LOUD) * frames


def values(block: bytes | memoryview) -> list[int]:
    return [value for (value,) in struct.iter_unpack("<i", block)]


def test_0_db_is_bit_identical() -> None:
    block = random.Random(1).randbytes(4 * 2 * 4800)  # noqa: S311
    assert Gain(2, factor_of(0.0)).apply(block) is block


@given(st.floats(-40, 0), st.floats(-40, 0), st.lists(st.integers(1, 5000), min_size=1, max_size=8))
def test_a_ramp_has_no_step_larger_than_its_share(before_db: float, after_db: float, blocks: list[int]) -> None:
    gain = Gain(1, factor_of(before_db))
    gain.ramp_to(factor_of(after_db), 14_400)
    steps_max = 14_400 // STEP_FRAMES
    share = abs(factor_of(after_db) - factor_of(before_db)) * LOUD / steps_max
    heard = [value for frames in blocks for value in values(gain.apply(constant(frames)))]
    before = factor_of(before_db) * LOUD
    for value in heard:
        assert abs(value - before) <= share + 2
        before = value


def test_a_ramp_ends_on_its_target() -> None:
    gain = Gain(1, 1.0)
    gain.ramp_to(factor_of(-20.0), 4800)
    gain.apply(constant(4800))
    assert gain.ramp_frames == 0
    assert values(gain.apply(constant(1))) == [int(LOUD * factor_of(-20.0))]


def test_s16_is_rounded_to_the_nearest_and_never_wraps() -> None:
    samples = struct.pack("<4i", 0x0000_7FFF, 0x0000_8000, 0x7FFF_FFFF, -0x8000_0000)
    assert struct.unpack("<4h", to_s16(samples)) == (0, 1, 0x7FFF, -0x8000)
