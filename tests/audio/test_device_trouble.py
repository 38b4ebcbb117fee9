"""A sound device that stalls, goes away, comes late, hangs: the real player's process tells each for what it is."""

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from audio.player.protocol import Collect, Prepare, Start, Stop
from tests.audio.bedside import SESSION
from tests.audio.listening import FRAME_BYTES, RATE_HZ, ended, playing, ready
from tests.support.paced.package import decoded, make_package
from tests.support.paced.player import RunningPlayer, start_player, wait_for

HANGS = 1e-6
"""The speed of a device that takes what its buffer holds, then a frame every 20 s."""


@pytest.fixture
def player(tmp_path: Path) -> Iterator[RunningPlayer]:
    with start_player(tmp_path / "player", buffer_ms=500, device_wait_s_max=0.5) as running:
        yield running


def test_a_forced_underrun_is_counted_and_the_source_is_whole(player: RunningPlayer, tmp_path: Path) -> None:
    package = make_package(tmp_path / "package", seconds=3)
    client = playing(player, package, RATE_HZ // 2)
    player.device.stall()
    assert wait_for(client, lambda status: status.gaps_total == 1).gaps[0].kind == "underrun"
    result = ended(client)
    assert (result.outcome, result.gaps_total) == ("heard_whole", 1)
    assert len(player.device.events("underrun")) == 1
    assert player.device.played() == decoded(package)


def test_a_stopped_process_counts_its_silence_in_milliseconds(player: RunningPlayer, tmp_path: Path) -> None:
    package = make_package(tmp_path / "package", seconds=3)
    client = playing(player, package, RATE_HZ // 2)
    player.kill(signal.SIGSTOP)
    time.sleep(1.0)  # twice the buffer: only time can empty it
    player.kill(signal.SIGCONT)
    result = ended(client)
    (underrun,) = player.device.events("underrun")
    again = player.device.events("start")[1]
    silence_ms = (again.monotonic_ns - underrun.monotonic_ns) / 1e6
    assert result.gaps_total == 1
    assert result.gaps[0].at_frame == underrun.frames
    assert result.gaps[0].duration_ms == pytest.approx(
        silence_ms, abs=200
    )  # a busy machine; to the millisecond: test_position
    assert player.device.played() == decoded(package)


def test_a_device_that_vanishes_while_playing(player: RunningPlayer, tmp_path: Path) -> None:
    client = playing(player, make_package(tmp_path / "package", seconds=20), RATE_HZ // 2)
    player.device.vanish()
    result = ended(client)
    assert (result.outcome, result.cause) == ("failed", "device-lost")
    heard = len(player.device.played()) // FRAME_BYTES
    assert RATE_HZ // 2 <= result.frames_played <= heard
    player.device.come_back()
    client.send(Collect(SESSION))
    wait_for(client, lambda status: status.phase == "idle")
    assert ready(player, make_package(tmp_path / "again", seconds=1)) is not None


def test_a_device_that_is_not_there(player: RunningPlayer, tmp_path: Path) -> None:
    player.device.vanish()
    client = player.connect()
    client.send(Prepare(session=SESSION, package=str(make_package(tmp_path / "package"))))
    result = ended(client)
    assert (result.outcome, result.cause) == ("failed", "device-missing")
    assert result.detail is not None
    assert "chevet-audio devices" in result.detail


def test_a_device_that_appears_late_is_waited_for(tmp_path: Path) -> None:
    with start_player(tmp_path / "player", device_wait_s_max=30) as player:
        player.device.vanish()
        client = player.connect()
        client.send(Prepare(session=SESSION, package=str(make_package(tmp_path / "package"))))
        wait_for(client, lambda status: status.phase == "preparing")
        player.device.come_back()
        wait_for(client, lambda status: status.phase == "ready")


def test_a_device_that_hangs_is_let_go(tmp_path: Path) -> None:
    with start_player(tmp_path / "player", speed=HANGS, buffer_ms=100) as player:
        client = ready(player, make_package(tmp_path / "package", seconds=20))
        client.send(Start(SESSION))
        result = ended(client)
        assert (result.outcome, result.cause, result.frames_played) == ("failed", "device-lost", 0)
        assert player.device.events("close")
        client.send(Collect(SESSION))
        wait_for(client, lambda status: status.phase == "idle")


def test_stop_ends_though_the_device_hangs(tmp_path: Path) -> None:
    with start_player(tmp_path / "player", speed=HANGS, buffer_ms=100) as player:
        client = ready(player, make_package(tmp_path / "package", seconds=20))
        client.send(Start(SESSION))
        client.send(Stop(SESSION))
        assert ended(client).cause == "device-lost"


def test_asked_to_end_while_the_device_hangs_it_says_its_last_word(tmp_path: Path) -> None:
    with start_player(tmp_path / "player", speed=HANGS, buffer_ms=2000) as player:
        client = ready(player, make_package(tmp_path / "package", seconds=20))
        client.send(Start(SESSION))
        wait_for(client, lambda status: status.phase == "playing")
        player.kill(signal.SIGTERM)
        result = ended(client)
        # Asked a second too late, by a machine that is busy, it has found by itself that the device hangs.
        told = (("interrupted", "player-stopped"), ("failed", "device-lost"))
        assert (result.outcome, result.cause) in told
        assert player.process.wait(60) == 0
