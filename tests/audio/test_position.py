"""The arithmetic of what was heard, against every order of events."""

from hypothesis import given
from hypothesis import strategies as st

from audio.player.position import Position

RATE_HZ, BUFFER_FRAMES = 48_000, 24_000
written = st.tuples(st.just("wrote"), st.integers(0, BUFFER_FRAMES))
observed = st.tuples(st.just("observed"), st.integers(-100, 3 * BUFFER_FRAMES))
dry = st.tuples(st.just("dry"), st.just(0))


@given(st.lists(st.one_of(written, observed, dry), max_size=50))
def test_never_more_than_written_never_less_than_before(steps: list[tuple[str, int]]) -> None:
    position, before, now_ns = Position(RATE_HZ), 0, 1
    for name, value in steps:
        now_ns += 1_000_000
        if name == "wrote":
            position.wrote(value, now_ns)
        elif name == "observed":
            position.observe(value, BUFFER_FRAMES, now_ns)
        else:
            position.ran_dry()
        assert before <= position.played_frames <= position.written_frames
        before = position.played_frames


@given(st.integers(1, BUFFER_FRAMES), st.integers(0, 2_000_000_000))
def test_the_moment_of_silence_lies_between_the_last_look_and_now(frames: int, later_ns: int) -> None:
    position = Position(RATE_HZ)
    position.wrote(frames, 1_000)
    position.observe(BUFFER_FRAMES - frames, BUFFER_FRAMES, 1_000)
    assert 1_000 <= position.dry_at_ns(1_000 + later_ns) <= 1_000 + later_ns


def test_a_frame_counts_when_the_device_has_consumed_it() -> None:
    position = Position(RATE_HZ)
    position.wrote(10_000, 1)
    position.observe(BUFFER_FRAMES - 4_000, BUFFER_FRAMES, 2)
    assert position.played_frames == 6_000
