"""What comes out of the real player's process on the paced device, to the bit."""

import itertools
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from audio.player.gain import STEP_FRAMES, factor_of
from audio.player.protocol import SetGain, Stop
from tests.audio.bedside import SESSION
from tests.audio.listening import FRAME_BYTES, RATE_HZ, ended, playing, resident_mib, until_played
from tests.support.paced.package import decoded, make_long_package, make_package
from tests.support.paced.player import RunningPlayer, start_player, wait_for
from tests.support.paced.sameness import same_as_package


@pytest.fixture
def fast(tmp_path: Path) -> Iterator[RunningPlayer]:
    with start_player(tmp_path / "player", speed=20, buffer_ms=2000) as running:
        yield running


@pytest.fixture
def player(tmp_path: Path) -> Iterator[RunningPlayer]:
    with start_player(tmp_path / "player", buffer_ms=500, device_wait_s_max=0.5) as running:
        yield running


def test_whole_and_bit_identical(fast: RunningPlayer, tmp_path: Path) -> None:
    package = make_package(tmp_path / "package", seconds=60, part_count=3)
    result = ended(playing(fast, package))
    assert (result.outcome, result.gaps_total) == ("heard_whole", len(fast.device.events("underrun")))
    assert result.frames_played == result.frames_total == 60 * RATE_HZ
    assert fast.device.played() == decoded(package)


@pytest.mark.slow
def test_a_session_of_20_minutes_is_the_gained_source_to_the_bit(tmp_path: Path) -> None:
    with start_player(tmp_path / "player", speed=150, buffer_ms=2000) as player:
        client = playing(player, make_long_package(tmp_path / "package", 1200), gain_db=-6.0)
        until_played(client, 60 * RATE_HZ)
        after_a_minute = resident_mib(player)
        result = ended(client)
        # At this speed the buffer lasts 13 ms: a busy machine makes gaps, and each is counted.
        assert (result.outcome, result.gaps_total) == ("heard_whole", len(player.device.events("underrun")))
        assert result.frames_played == 1200 * RATE_HZ
        assert same_as_package(player.device.out, tmp_path / "package", factor_of(-6.0))
        assert resident_mib(player) <= after_a_minute + 2


def test_44100_hz_mono(fast: RunningPlayer, tmp_path: Path) -> None:
    package = make_package(tmp_path / "package", seconds=5, rate_hz=44_100, channels=1)
    assert ended(playing(fast, package)).outcome == "heard_whole"
    assert fast.device.played() == decoded(package)


def test_shorter_than_the_buffer(player: RunningPlayer, tmp_path: Path) -> None:
    package = make_package(tmp_path / "package", seconds=0.1)
    result = ended(playing(player, package))
    assert (result.outcome, result.gaps_total) == ("heard_whole", 0)
    assert player.device.played() == decoded(package)


def test_stop_fades_for_300_ms(player: RunningPlayer, tmp_path: Path) -> None:
    package = make_package(tmp_path / "package", seconds=20, sound="constant")
    client = playing(player, package, RATE_HZ // 4)
    client.send(Stop(SESSION))
    result = ended(client)
    assert (result.outcome, result.gaps_total) == ("stopped", 0)
    played = player.device.played()
    assert result.frames_played == len(played) // FRAME_BYTES
    assert played[-FRAME_BYTES:] == bytes(FRAME_BYTES)
    assert largest_step(played) <= (8192 << 16) // 200  # 300 ms are 225 steps
    falling = [value for value, _ in struct.iter_unpack("<ii", played) if value != 8192 << 16]
    assert len(falling) == pytest.approx(0.3 * RATE_HZ, abs=2 * STEP_FRAMES)


def test_softer_without_a_click(player: RunningPlayer, tmp_path: Path) -> None:
    package = make_package(tmp_path / "package", seconds=2, sound="constant")
    client = playing(player, package)
    client.send(SetGain(SESSION, -20.0))
    assert wait_for(client, lambda status: status.gain_db == -20.0).phase == "playing"
    assert ended(client).outcome == "heard_whole"
    played = player.device.played()
    assert struct.unpack("<i", played[-4:])[0] == pytest.approx((8192 << 16) / 10, abs=2)
    assert largest_step(played) <= (8192 << 16) // 200


def largest_step(played: bytes) -> int:
    left: list[int] = [value for value, _ in struct.iter_unpack("<ii", played)]
    return max(abs(after - before) for before, after in itertools.pairwise(left))


def test_memory_without_numpy(player: RunningPlayer, tmp_path: Path) -> None:
    client = playing(player, make_package(tmp_path / "package", seconds=10), RATE_HZ)
    mapped = Path(f"/proc/{player.process.pid}/maps").read_text()
    assert "numpy" not in mapped
    assert resident_mib(player) <= 40
    client.close()
