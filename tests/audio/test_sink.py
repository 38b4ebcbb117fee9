"""A device that grants less than was asked."""

from audio.player.sink import Granted, too_short


def granted(buffer_frames: int) -> Granted:
    return Granted("sysdefault:CARD=Dac", 48_000, 2, 2, buffer_frames, buffer_frames // 2)


def test_a_buffer_of_less_than_half_is_told_with_the_remedy() -> None:
    assert too_short(granted(48_000), 1000) == ""
    assert too_short(granted(24_000), 1000) == ""
    told = too_short(granted(2_048), 1000)
    assert "42 ms instead of 1000" in told
    assert "plughw:CARD=" in told
