"""What the player decides, on a fake device and a clock that moves only when told."""

import struct
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audio.player.gain import factor_of, scale
from audio.player.preparing import NotOpened
from audio.player.protocol import (
    LINE_BYTES_MAX,
    Attend,
    Collect,
    PlayerStatus,
    Prepare,
    SetGain,
    Start,
    Status,
    Stop,
    encode,
)
from tests.audio.bedside import FRAME_BYTES, RATE_HZ, SESSION, Bedside

HUNG_MS = 3_000
"""Twice the buffer of 500 ms, and 2 s."""


@pytest.fixture
def bed(tmp_path: Path) -> Bedside:
    return Bedside(tmp_path)


def test_heard_whole_and_bit_identical(bed: Bedside) -> None:
    started = bed.start()
    assert started.first_frame_monotonic_ns == bed.clock.ns
    ended = bed.let_pass(3_100)
    assert (ended.phase, ended.outcome) == ("ended", "heard_whole")
    assert ended.frames_played == ended.frames_total == 3 * RATE_HZ
    assert bytes(bed.sink.written) == bed.samples
    assert bed.sink.closed
    assert bed.source.closed


def test_16_bit_device_gets_the_upper_half(tmp_path: Path) -> None:
    bed = Bedside(tmp_path, sample_bytes=2)
    bed.start()
    assert bed.let_pass(3_100).outcome == "heard_whole"
    upper = b"".join(bed.samples[at + 2 : at + 4] for at in range(0, len(bed.samples), 4))
    assert bytes(bed.sink.written) == upper


def test_frames_played_is_what_the_device_consumed(bed: Bedside) -> None:
    bed.start()
    for _ in range(20):
        status = bed.let_pass(100, step_ms=10)
        assert status.frames_played == bed.sink.consumed_frames


def test_no_frame_counts_before_the_device_has_consumed_it(bed: Bedside) -> None:
    assert bed.start().frames_played == 0
    assert len(bed.sink.written) == 24_000 * FRAME_BYTES


def test_an_underrun_is_counted_and_nothing_is_lost(bed: Bedside) -> None:
    bed.start()
    bed.let_pass(200)
    bed.clock.advance_ms(800)  # the process slept: 500 ms of buffer, less 0 to 50 ms
    status = bed.let_pass(50)
    assert status.gaps_total == 1
    assert status.gaps[0].kind == "underrun"
    assert 300 <= status.gaps[0].duration_ms <= 400
    ended = bed.let_pass(4_000)
    assert ended.outcome == "heard_whole"
    assert bytes(bed.sink.written) == bed.samples


def test_a_late_source_is_told_apart(bed: Bedside) -> None:
    bed.start()
    bed.source.late = True
    bed.let_pass(1_000)
    bed.source.late = False
    ended = bed.let_pass(4_000)
    assert ended.outcome == "heard_whole"
    assert [gap.kind for gap in ended.gaps] == ["starved"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(1, 1500), min_size=1, max_size=12))
def test_whatever_the_pace_nothing_is_lost_and_the_count_is_true(tmp_path: Path, pauses_ms: list[int]) -> None:
    bed = Bedside(Path(tempfile.mkdtemp(dir=tmp_path)), seconds=2.0)
    bed.start()
    before = 0
    for pause_ms in pauses_ms:
        bed.clock.advance_ms(pause_ms)
        bed.core.tick()
        status = bed.core.status()
        assert before <= status.frames_played <= len(bed.sink.written) // FRAME_BYTES
        assert bed.sink.closed or status.frames_played == bed.sink.consumed_frames
        before = status.frames_played
    ended = bed.let_pass(5_000)
    assert ended.outcome == "heard_whole"
    assert bytes(bed.sink.written) == bed.samples


def test_stop_fades_and_says_stopped(bed: Bedside) -> None:
    bed.start()
    bed.let_pass(1_000)
    assert bed.ask(Stop(SESSION)).phase == "fading"
    ended = bed.let_pass(1_000)
    assert (ended.phase, ended.outcome, ended.cause) == ("ended", "stopped", None)
    assert ended.frames_played == len(bed.sink.written) // FRAME_BYTES
    assert 1.2 * RATE_HZ < ended.frames_played < 2.0 * RATE_HZ  # 1 s, at most the buffer and a block, then 300 ms
    assert bytes(bed.sink.written[-FRAME_BYTES:]) == bytes(FRAME_BYTES)


def test_a_fade_is_not_undone(bed: Bedside) -> None:
    bed.start()
    bed.ask(Stop(SESSION))
    bed.ask(SetGain(SESSION, 0.0))
    assert bed.refused(Start(SESSION)) == "already-started"
    assert bed.let_pass(2_000).outcome == "stopped"


def test_each_change_of_level_is_told_with_its_frame(bed: Bedside) -> None:
    bed.prepare()
    bed.ask(SetGain(SESSION, -12.0))
    bed.ask(Start(SESSION))
    bed.let_pass(1_000)
    bed.ask(SetGain(SESSION, -20.0))
    bed.ask(SetGain(SESSION, -20.0))
    status = bed.let_pass(100)
    assert [change.gain_db for change in status.level_changes] == [-12.0, -20.0]
    before, after = (change.at_frame for change in status.level_changes)
    assert (before, status.level_changes_total) == (0, 2)
    ended = bed.let_pass(3_000)
    written = struct.unpack(f"<{ended.frames_total * 2}i", bed.sink.written)
    expected = struct.unpack(f"<{ended.frames_total * 2}i", scale(bed.samples, factor_of(-12.0)))
    assert written[: 2 * after] == expected[: 2 * after]
    assert written[2 * after :] != expected[2 * after :]
    assert ended.level_changes == status.level_changes


def test_hundreds_of_changes_of_level_are_counted_and_the_first_hundred_kept(bed: Bedside) -> None:
    bed.start()
    for turn in range(250):
        bed.ask(SetGain(SESSION, -1.0 - turn % 2))
    status = bed.core.status()
    assert (len(status.level_changes), status.level_changes_total) == (100, 250)
    assert len(encode(status)) < LINE_BYTES_MAX / 4


def test_a_level_that_nobody_can_hear_any_more_is_no_change(bed: Bedside) -> None:
    bed.start()
    bed.ask(Stop(SESSION))
    assert bed.ask(SetGain(SESSION, -20.0)).level_changes_total == 0


def test_stop_in_the_last_moment_is_still_whole_when_all_was_heard(bed: Bedside) -> None:
    bed.start()
    bed.let_pass(2_900)
    bed.ask(Stop(SESSION))
    ended = bed.let_pass(1_000)
    assert (ended.outcome == "heard_whole") == (ended.frames_played == ended.frames_total)


def test_a_device_that_vanishes(bed: Bedside) -> None:
    bed.start()
    bed.let_pass(1_000)
    bed.sink.vanish()
    ended = bed.let_pass(50)
    assert (ended.outcome, ended.cause) == ("failed", "device-lost")
    assert ended.frames_played <= bed.sink.consumed_frames
    assert ended.frames_played == pytest.approx(RATE_HZ, abs=RATE_HZ // 10)


def test_a_device_that_hangs_is_noticed(bed: Bedside) -> None:
    bed.start()
    bed.let_pass(1_000)
    bed.sink.hang()
    assert bed.let_pass(HUNG_MS - 100).phase == "playing"
    ended = bed.let_pass(200)
    assert (ended.outcome, ended.cause, ended.gaps_total) == ("failed", "device-lost", 0)
    assert ended.detail is not None
    assert "hangs" in ended.detail
    assert ended.frames_played == bed.sink.consumed_frames == RATE_HZ
    assert bed.sink.closed


def test_stop_ends_though_the_device_hangs(bed: Bedside) -> None:
    bed.start()
    bed.let_pass(1_000)
    bed.sink.hang()
    bed.ask(Stop(SESSION))
    ended = bed.let_pass(HUNG_MS + 50)
    assert (ended.outcome, ended.cause) == ("failed", "device-lost")


def test_a_device_that_hangs_in_its_last_frames_is_noticed(bed: Bedside) -> None:
    bed.start()
    bed.let_pass(2_900)
    bed.sink.hang()
    ended = bed.let_pass(HUNG_MS + 50)
    assert (ended.outcome, ended.cause) == ("failed", "device-lost")
    assert ended.frames_played == bed.sink.consumed_frames < ended.frames_total


def test_hours_of_being_ready_are_no_hanging_device(bed: Bedside) -> None:
    bed.prepare()
    bed.clock.advance_ms(3_600_000)
    bed.ask(Start(SESSION))
    assert bed.let_pass(3_100).outcome == "heard_whole"


def test_a_long_sleep_of_the_process_is_no_hanging_device(bed: Bedside) -> None:
    bed.start()
    bed.let_pass(500)
    bed.clock.advance_ms(60_000)
    ended = bed.let_pass(4_000)
    assert (ended.outcome, ended.gaps_total) == ("heard_whole", 1)


def test_a_device_that_fires_for_nothing_is_looked_at_all_the_same(bed: Bedside) -> None:
    bed.start()
    assert not bed.core.worth_a_tick([])
    bed.clock.advance_ms(1_000)
    assert bed.core.worth_a_tick([])


def test_a_source_that_comes_back_in_time_is_a_gap(bed: Bedside) -> None:
    bed.start()
    bed.source.late = True
    assert bed.let_pass(15_000).phase == "playing"
    bed.source.late = False
    ended = bed.let_pass(4_000)
    assert (ended.outcome, [gap.kind for gap in ended.gaps]) == ("heard_whole", ["starved"])


def test_a_source_that_never_comes_back_is_told(bed: Bedside) -> None:
    bed.start()
    bed.let_pass(500)
    bed.source.late = True
    ended = bed.let_pass(25_000)
    assert (ended.outcome, ended.cause) == ("failed", "package-damaged")
    assert ended.detail is not None
    assert "part-slow" in ended.detail
    assert ended.frames_played == len(bed.sink.written) // FRAME_BYTES


def test_stop_ends_though_nothing_can_be_read(bed: Bedside) -> None:
    bed.start()
    bed.source.late = True
    bed.let_pass(2_000)
    bed.ask(Stop(SESSION))
    ended = bed.let_pass(500 + 300 + HUNG_MS + 50)
    assert (ended.outcome, ended.cause) == ("stopped", None)


def test_audio_that_turns_out_damaged(bed: Bedside) -> None:
    bed.start()
    bed.let_pass(500)
    bed.source.damaged = True
    ended = bed.let_pass(500)
    assert (ended.outcome, ended.cause) == ("failed", "package-damaged")
    assert ended.detail is not None
    assert "part-truncated" in ended.detail


def test_what_could_not_be_opened(bed: Bedside) -> None:
    ended = bed.not_prepared(NotOpened("device-missing", "not there"))
    assert (ended.phase, ended.outcome, ended.cause) == ("ended", "failed", "device-missing")
    assert bed.collect() == PlayerStatus()


def test_nobody_there_for_two_minutes(tmp_path: Path) -> None:
    bed = Bedside(tmp_path, seconds=140.0)
    bed.start()
    bed.core.clients(attending=0)
    assert bed.let_pass(119_900).phase == "playing"
    assert bed.let_pass(200).phase == "fading"
    ended = bed.let_pass(4_500)
    assert (ended.outcome, ended.cause) == ("interrupted", "kiosk-away")
    assert ended.frames_played < ended.frames_total


def test_somebody_comes_back_in_time(tmp_path: Path) -> None:
    bed = Bedside(tmp_path, seconds=4.0)
    bed.start()
    bed.core.clients(attending=0)
    bed.clock.advance_ms(1)
    bed.core.clients(attending=1)
    assert bed.core.wait_s_max() is not None
    assert bed.let_pass(5_000).outcome == "heard_whole"


def test_ready_without_a_kiosk_is_no_interrupted_session(bed: Bedside) -> None:
    bed.prepare()
    bed.core.clients(attending=0)
    assert bed.let_pass(121_000, step_ms=1_000) == PlayerStatus()
    assert bed.sink.closed
    assert bed.source.closed


def test_preparing_without_a_kiosk_is_given_up(bed: Bedside) -> None:
    bed.ask(Prepare(session=SESSION, package=str(bed.package.path)))
    bed.core.clients(attending=0)
    assert bed.let_pass(121_000, step_ms=1_000) == PlayerStatus()
    assert bed.preparation.cancelled


def test_a_kiosk_that_comes_back_to_a_forgotten_care_prepares_it_again(bed: Bedside) -> None:
    bed.prepare()
    bed.core.clients(attending=0)
    bed.let_pass(121_000, step_ms=1_000)
    bed.core.clients(attending=1)
    assert bed.prepare().phase == "ready"
    assert len(bed.orders) == 2


def test_a_result_waits_for_its_kiosk_however_long_it_is_away(bed: Bedside) -> None:
    bed.start()
    bed.core.clients(attending=0)
    assert bed.let_pass(300_000, step_ms=400).outcome == "heard_whole"
    assert bed.core.wait_s_max() is None


def test_a_device_that_ran_dry_has_nothing_to_wait_on_and_is_looked_at_at_once(bed: Bedside) -> None:
    """As dmix: it has no descriptors then, and the care must not end by that."""
    bed.start()
    playing_s = bed.core.wait_s_max()
    bed.sink.underrun()
    dry_s = bed.core.wait_s_max()
    assert playing_s is not None
    assert dry_s is not None
    assert 0 < dry_s < playing_s / 10
    ended = bed.let_pass(5_000)
    assert ended.outcome == "heard_whole"
    assert ended.gaps_total == 1


def test_a_device_that_does_not_fire_before_it_is_dry_leaves_no_gap(bed: Bedside) -> None:
    """Found in the emulator: its card fired at a period's end, and a few frames written in between put that off."""
    bed.start()
    while bed.ask(Status()).phase != "ended":
        wait_s = bed.core.wait_s_max()
        assert wait_s is not None
        status = bed.let_pass(1000 * wait_s, step_ms=1000 * wait_s)
    assert (status.outcome, status.gaps_total) == ("heard_whole", 0)


def test_the_loop_never_spins_while_nobody_is_there(tmp_path: Path) -> None:
    bed = Bedside(tmp_path, seconds=140.0)
    bed.start()
    bed.core.clients(attending=0)
    seen = set()
    while (status := bed.let_pass(100)).phase != "ended":
        wait_s = bed.core.wait_s_max()
        assert wait_s is not None
        assert wait_s > 0, status.phase
        seen.add(status.phase)
    assert seen == {"playing", "fading"}
    assert bed.core.wait_s_max() is None


def test_what_is_refused(bed: Bedside) -> None:
    other = Prepare(session="s2", package=str(bed.package.path))
    assert bed.refused(Start(SESSION)) == "unknown-session"
    assert bed.refused(Prepare(session="s2", package="relative")) == "path-not-absolute"
    bed.ask(Prepare(session=SESSION, package=str(bed.package.path)))
    assert bed.refused(Start(SESSION)) == "not-ready"
    bed.preparation.end = None
    bed.ask(Status())
    bed.core.tick()
    assert bed.refused(other) == "busy"
    assert bed.refused(Collect(SESSION)) == "nothing-to-collect"


def test_what_is_refused_while_playing(bed: Bedside) -> None:
    bed.start()
    assert bed.refused(Start(SESSION)) == "already-started"
    assert bed.refused(Start("s2")) == "unknown-session"
    assert bed.refused(Stop("s2")) == "unknown-session"
    assert bed.refused(SetGain("s2", -3.0)) == "unknown-session"
    assert bed.refused(Prepare(session="s2", package="/p")) == "busy"
    assert bed.refused(Collect(SESSION)) == "nothing-to-collect"
    again = bed.ask(Prepare(session=SESSION, package=str(bed.package.path)))
    assert again.phase == "playing"


def test_the_result_is_kept_until_it_is_collected(bed: Bedside) -> None:
    bed.start()
    bed.let_pass(4_000)
    assert bed.refused(Prepare(session="s2", package="/p")) == "busy"
    assert bed.ask(Prepare(session=SESSION, package="/p")).outcome == "heard_whole"
    assert bed.ask(SetGain(SESSION, -10.0)).gain_db == 0.0
    assert bed.ask(Stop(SESSION)).outcome == "heard_whole"
    assert bed.collect() == PlayerStatus()
    assert bed.refused(Collect(SESSION)) == "unknown-session"


def test_stop_while_preparing(bed: Bedside) -> None:
    bed.ask(Prepare(session=SESSION, package=str(bed.package.path)))
    ended = bed.ask(Stop(SESSION))
    assert (ended.phase, ended.outcome, ended.frames_played) == ("ended", "stopped", 0)
    assert bed.preparation.cancelled


@pytest.mark.parametrize("phase", ["preparing", "ready", "playing", "fading", "ended"])
def test_preparing_again_is_answered_by_the_status_in_every_phase(bed: Bedside, phase: str) -> None:
    bring_to(bed, phase)
    before = bed.core.status()
    assert before.phase == phase
    assert bed.ask(Prepare(session=SESSION, package=str(bed.package.path), gain_db=before.gain_db)) == before
    assert len(bed.orders) == 1


@pytest.mark.parametrize("phase", ["preparing", "ready", "playing", "fading", "ended"])
def test_what_has_not_begun_begins_at_the_level_that_a_kiosk_reckoned_anew(bed: Bedside, phase: str) -> None:
    bring_to(bed, phase)
    before = bed.core.status()
    again = bed.ask(Prepare(session=SESSION, package=str(bed.package.path), gain_db=-20.0))
    if phase in ("playing", "fading", "ended"):
        assert again == before
        return
    assert (again.phase, again.gain_db) == (phase, -20.0)
    bed.preparation.end = bed.opened
    bed.core.tick()
    bed.ask(Start(SESSION))
    bed.let_pass(1_000)
    assert bytes(bed.sink.written) == scale(bed.samples[: len(bed.sink.written)], factor_of(-20.0))


def bring_to(bed: Bedside, phase: str) -> None:
    bed.ask(Prepare(session=SESSION, package=str(bed.package.path)))
    if phase != "preparing":
        bed.preparation.end = bed.opened
        bed.core.tick()
    if phase in ("playing", "fading", "ended"):
        bed.ask(Start(SESSION))
        bed.let_pass(500)
    if phase in ("fading", "ended"):
        bed.ask(Stop(SESSION))
    if phase == "ended":
        bed.let_pass(2_000)


def test_attending_changes_nothing_and_is_answered_by_the_status(bed: Bedside) -> None:
    assert bed.ask(Attend()) == PlayerStatus()
    assert bed.start() == bed.ask(Attend())


def test_asked_to_end_before_the_start_is_no_interrupted_session(bed: Bedside) -> None:
    bed.prepare()
    bed.core.stop()
    assert bed.core.status() == PlayerStatus()
    assert bed.sink.closed


def test_a_fade_that_the_end_of_the_process_cuts_keeps_its_reason(bed: Bedside) -> None:
    bed.start()
    bed.ask(Stop(SESSION))
    bed.core.close()
    ended = bed.core.status()
    assert (ended.phase, ended.outcome, ended.cause) == ("ended", "stopped", None)


def test_the_process_is_asked_to_end(bed: Bedside) -> None:
    bed.start()
    bed.core.stop()
    ended = bed.let_pass(1_500)
    assert (ended.outcome, ended.cause) == ("interrupted", "player-stopped")


def test_the_interface_has_no_pause() -> None:
    from audio.player import protocol

    assert not [name for name in dir(protocol) if "pause" in name.lower() or "resume" in name.lower()]
