"""The real player's process on the paced device: real ALSA, real sockets, real signals."""

import itertools
import signal
import socket
import stat
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from audio.client import PlayerClient, PlayerGone
from audio.package import read
from audio.player.loop import STOP_S_MAX
from audio.player.protocol import (
    Attend,
    Collect,
    PlayerStatus,
    Prepare,
    SetGain,
    Start,
    Status,
    Stop,
    decode_answer,
)
from audio.player.server import CLIENTS_MAX
from tests.support.paced.package import decoded, make_package
from tests.support.paced.player import RunningPlayer, start_player, wait_for, wait_refused

SESSION = "s1"
RATE_HZ, FRAME_BYTES = 48_000, 8
HANGS = 1e-6
"""The speed of a device that takes what its buffer holds, then a frame every 20 s."""


@pytest.fixture
def player(tmp_path: Path) -> Iterator[RunningPlayer]:
    with start_player(tmp_path / "player", buffer_ms=500, device_wait_s_max=0.5) as running:
        yield running


@pytest.fixture
def fast(tmp_path: Path) -> Iterator[RunningPlayer]:
    with start_player(tmp_path / "player", speed=20, buffer_ms=2000) as running:
        yield running


def ready(player: RunningPlayer, package: Path, **more: object) -> PlayerClient:
    client = player.connect()
    client.send(Prepare(session=SESSION, package=str(package), **more))  # type: ignore[arg-type]
    wait_for(client, lambda status: status.phase in ("ready", "ended"))
    return client


def playing(player: RunningPlayer, package: Path, frames_played: int = 1) -> PlayerClient:
    client = ready(player, package)
    client.send(Start(SESSION))
    wait_for(client, lambda status: status.phase in ("playing", "ended"))
    until_played(client, frames_played)
    return client


def until_played(client: PlayerClient, frames: int) -> None:
    status = PlayerStatus()
    while status.frames_played < frames:
        client.send(Status())
        status = wait_for(client, lambda _status: True)


def ended(client: PlayerClient, wait_s_max: float = 60) -> PlayerStatus:
    client.send(Status())
    return wait_for(client, lambda status: status.phase == "ended", wait_s_max)


def test_whole_and_bit_identical(fast: RunningPlayer, tmp_path: Path) -> None:
    package = make_package(tmp_path / "package", seconds=60, part_count=3)
    result = ended(playing(fast, package))
    assert (result.outcome, result.gaps_total) == ("heard_whole", 0)
    assert result.frames_played == result.frames_total == 60 * RATE_HZ
    assert fast.device.played() == decoded(package)
    assert fast.device.events("underrun") == []


@pytest.mark.slow
def test_a_session_of_20_minutes_in_one(fast: RunningPlayer, tmp_path: Path) -> None:
    package = make_package(tmp_path / "package", seconds=1200, sound="constant")
    result = ended(playing(fast, package), wait_s_max=150)
    # Twenty times the clock's speed leaves a second's buffer 50 ms: a busy machine makes gaps, and each is counted.
    assert (result.outcome, result.gaps_total) == ("heard_whole", len(fast.device.events("underrun")))
    assert fast.device.played() == decoded(package)
    assert resident_mib(fast) <= 40


def test_44100_hz_mono(fast: RunningPlayer, tmp_path: Path) -> None:
    package = make_package(tmp_path / "package", seconds=5, rate_hz=44_100, channels=1)
    assert ended(playing(fast, package)).outcome == "heard_whole"
    assert fast.device.played() == decoded(package)


def test_shorter_than_the_buffer(player: RunningPlayer, tmp_path: Path) -> None:
    package = make_package(tmp_path / "package", seconds=0.1)
    result = ended(playing(player, package))
    assert (result.outcome, result.gaps_total) == ("heard_whole", 0)
    assert player.device.played() == decoded(package)


def test_stop_fades_within_the_buffer_and_300_ms(player: RunningPlayer, tmp_path: Path) -> None:
    package = make_package(tmp_path / "package", seconds=20, sound="constant")
    client = playing(player, package, RATE_HZ // 4)
    before = time.monotonic()
    client.send(Stop(SESSION))
    result = ended(client)
    assert time.monotonic() - before < 1.2
    assert (result.outcome, result.gaps_total) == ("stopped", 0)
    played = player.device.played()
    assert result.frames_played == len(played) // FRAME_BYTES
    assert played[-FRAME_BYTES:] == bytes(FRAME_BYTES)
    assert largest_step(played) <= (8192 << 16) // 200  # 300 ms are 225 steps


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
    assert result.gaps[0].duration_ms == pytest.approx(silence_ms, abs=20)
    assert player.device.played() == decoded(package)


def test_a_device_that_vanishes_while_playing(player: RunningPlayer, tmp_path: Path) -> None:
    client = playing(player, make_package(tmp_path / "package", seconds=20), RATE_HZ // 2)
    player.device.vanish()
    result = ended(client)
    assert (result.outcome, result.cause) == ("failed", "device-lost")
    heard = len(player.device.played()) // FRAME_BYTES
    assert result.frames_played == pytest.approx(heard, abs=RATE_HZ // 5)
    assert result.frames_played <= heard
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


def test_a_damaged_package_never_starts(player: RunningPlayer, tmp_path: Path) -> None:
    package = make_package(tmp_path / "package")
    (package / "part0.flac").write_bytes(b"")
    client = player.connect()
    client.send(Prepare(session=SESSION, package=str(package)))
    result = ended(client)
    assert (result.outcome, result.cause, result.frames_played) == ("failed", "package-damaged", 0)
    assert player.device.events("start") == []


def test_another_package_than_the_prescribed_one(player: RunningPlayer, tmp_path: Path) -> None:
    package = make_package(tmp_path / "package")
    client = ready(player, package, fingerprint="0" * 64)
    client.send(Status())
    assert ended(client).cause == "package-differs"
    client.send(Collect(SESSION))
    ready(player, package, fingerprint=read(package).fingerprint)


def test_the_kiosk_dies_and_finds_the_session_where_it_is(player: RunningPlayer, tmp_path: Path) -> None:
    package = make_package(tmp_path / "package", seconds=3)
    playing(player, package, RATE_HZ // 2).close()
    again = player.connect()
    again.send(Prepare(session=SESSION, package=str(package)))
    found = wait_for(again, lambda _status: True)
    assert (found.phase, found.session) == ("playing", SESSION)
    assert found.frames_played >= RATE_HZ // 2
    result = ended(again)
    assert (result.outcome, result.gaps_total) == ("heard_whole", 0)
    assert player.device.played() == decoded(package)


def test_the_result_waits_for_the_kiosk(fast: RunningPlayer, tmp_path: Path) -> None:
    playing(fast, make_package(tmp_path / "package", seconds=4)).close()
    while not fast.device.events("close"):
        time.sleep(0.02)
    client = fast.connect()
    client.send(Status())
    assert wait_for(client, lambda _status: True).outcome == "heard_whole"


def test_a_kiosk_that_stays_away(tmp_path: Path) -> None:
    with start_player(tmp_path / "player", kiosk_away_s_max=1) as player:
        playing(player, make_package(tmp_path / "package", seconds=30)).close()
        while not player.device.events("close"):
            time.sleep(0.05)
        client = player.connect()
        client.send(Status())
        result = ended(client)
        assert (result.outcome, result.cause) == ("interrupted", "kiosk-away")
        assert result.frames_played == len(player.device.played()) // FRAME_BYTES < 7 * RATE_HZ


def test_a_watcher_is_no_kiosk(tmp_path: Path) -> None:
    with start_player(tmp_path / "player", kiosk_away_s_max=1) as player:
        kiosk, watcher = playing(player, make_package(tmp_path / "package", seconds=30)), player.connect()
        watcher.send(Status())
        kiosk.close()
        result = ended(watcher)
        assert (result.outcome, result.cause) == ("interrupted", "kiosk-away")


def test_a_kiosk_that_came_back_and_only_attends_is_one(tmp_path: Path) -> None:
    with start_player(tmp_path / "player", kiosk_away_s_max=1) as player:
        kiosk, again = playing(player, make_package(tmp_path / "package", seconds=4)), player.connect()
        again.send(Attend())
        kiosk.close()
        assert ended(again).outcome == "heard_whole"


def test_ready_without_a_kiosk_lets_the_device_go(tmp_path: Path) -> None:
    with start_player(tmp_path / "player", kiosk_away_s_max=1) as player:
        watcher = player.connect()
        ready(player, make_package(tmp_path / "package")).close()
        assert wait_for(watcher, lambda status: status.phase == "idle") == PlayerStatus()
        assert player.device.events("close")


def test_a_kiosk_finds_room_among_too_many_watchers(player: RunningPlayer, tmp_path: Path) -> None:
    kiosk = playing(player, make_package(tmp_path / "package", seconds=20))
    for _ in range(2 * CLIENTS_MAX):
        watcher = player.connect()
        watcher.send(Status())
        wait_for(watcher, lambda status: status.phase == "playing")
    second = player.connect()
    second.send(Stop(SESSION))
    assert ended(second).outcome == "stopped"
    assert ended(kiosk).outcome == "stopped"


def test_a_device_that_hangs_is_let_go(tmp_path: Path) -> None:
    with start_player(tmp_path / "player", speed=HANGS, buffer_ms=100) as player:
        client = ready(player, make_package(tmp_path / "package", seconds=20))
        client.send(Start(SESSION))
        result = ended(client, wait_s_max=2 * 0.1 + 2 + 2)
        assert (result.outcome, result.cause, result.frames_played) == ("failed", "device-lost", 0)
        assert player.device.events("close")
        client.send(Collect(SESSION))
        wait_for(client, lambda status: status.phase == "idle")


def test_stop_ends_though_the_device_hangs(tmp_path: Path) -> None:
    with start_player(tmp_path / "player", speed=HANGS, buffer_ms=100) as player:
        client = ready(player, make_package(tmp_path / "package", seconds=20))
        client.send(Start(SESSION))
        client.send(Stop(SESSION))
        assert ended(client, wait_s_max=2 * 0.1 + 2 + 2).cause == "device-lost"


def test_asked_to_end_while_the_device_hangs_it_says_its_last_word(tmp_path: Path) -> None:
    with start_player(tmp_path / "player", speed=HANGS, buffer_ms=2000) as player:
        client = ready(player, make_package(tmp_path / "package", seconds=20))
        client.send(Start(SESSION))
        wait_for(client, lambda status: status.phase == "playing")
        player.kill(signal.SIGTERM)
        result = ended(client, wait_s_max=STOP_S_MAX + 2)
        assert (result.outcome, result.cause) == ("interrupted", "player-stopped")
        assert player.process.wait(5) == 0


def test_asked_to_end_before_the_start_there_was_no_session(player: RunningPlayer, tmp_path: Path) -> None:
    client = ready(player, make_package(tmp_path / "package"))
    player.kill(signal.SIGTERM)
    assert wait_for(client, lambda status: status.phase == "idle") == PlayerStatus()
    assert player.process.wait(5) == 0


def test_two_clients_and_a_second_start(player: RunningPlayer, tmp_path: Path) -> None:
    package = make_package(tmp_path / "package", seconds=2)
    client, other = playing(player, package), player.connect()
    other.send(Start(SESSION))
    assert wait_refused(other).reason == "already-started"
    other.send(Prepare(session="s2", package=str(package)))
    assert wait_refused(other).reason == "busy"
    assert ended(client).outcome == ended(other).outcome == "heard_whole"
    assert player.device.played() == decoded(package)
    assert len(player.device.events("start")) == 1


@pytest.mark.parametrize(
    ("garbage", "reason"),
    [
        (b"\n", "unreadable"),
        (b"\x00\xff\xfe\n", "unreadable"),
        (b'{"type":"Pause","session":"s1"}\n', "unreadable"),
        (b'{"type":"SetGain","session":"s1","gain_db":6}\n', "unreadable"),
        (b'{"type":"SetGain","session":"s1","gain_db":NaN}\n', "unreadable"),
        (b"[" * 60_000 + b"\n", "unreadable"),
        (b"x" * 200_000 + b"\n", "line-too-long"),
    ],
)
def test_garbage_is_answered_and_the_sound_goes_on(
    player: RunningPlayer, tmp_path: Path, garbage: bytes, reason: str
) -> None:
    client = playing(player, make_package(tmp_path / "package", seconds=1))
    with socket.socket(socket.AF_UNIX) as rude:
        rude.connect(str(player.socket))
        rude.settimeout(10)
        rude.sendall(garbage)
        lines = rude.makefile("rb")
        assert reason in [getattr(decode_answer(next(lines)), "reason", None) for _ in range(2)]
    assert ended(client).outcome == "heard_whole"


def test_a_client_that_does_not_read_is_dropped(player: RunningPlayer) -> None:
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.connect(str(player.socket))
        deaf.settimeout(10)
        with pytest.raises(OSError, match=r"Broken pipe|reset"):
            deaf.sendall(b'{"type":"Status"}\n' * 100_000)
    client = player.connect()
    client.send(Status())
    assert wait_for(client, lambda _status: True).phase == "idle"


def test_asked_to_end_while_playing(player: RunningPlayer, tmp_path: Path) -> None:
    client = playing(player, make_package(tmp_path / "package", seconds=20))
    player.kill(signal.SIGTERM)
    result = ended(client)
    assert (result.outcome, result.cause) == ("interrupted", "player-stopped")
    assert player.process.wait(5) == 0
    assert not player.socket.exists()
    with pytest.raises(PlayerGone):
        wait_for(client, lambda _status: False)


def test_killed_it_starts_again_on_its_stale_socket(tmp_path: Path) -> None:
    with start_player(tmp_path / "player") as player:
        player.kill(signal.SIGKILL)
        player.process.wait(5)
        assert player.socket.exists()
    with start_player(tmp_path / "player") as player:
        client = player.connect()
        client.send(Status())
        assert wait_for(client, lambda _status: True) == PlayerStatus()


def test_a_second_player_leaves_the_first_alone(player: RunningPlayer, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "audio.cli", "player", "--socket", str(player.socket), "--device", "any"]
    second = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert second.returncode == 1
    assert "another player answers there" in second.stderr.splitlines()[-1]
    client = player.connect()
    client.send(Status())
    assert wait_for(client, lambda _status: True).phase == "idle"


def test_socket_for_the_group_alone(player: RunningPlayer) -> None:
    assert stat.S_IMODE(player.socket.stat().st_mode) == 0o660


def test_memory_without_numpy(player: RunningPlayer, tmp_path: Path) -> None:
    client = playing(player, make_package(tmp_path / "package", seconds=10), RATE_HZ)
    mapped = Path(f"/proc/{player.process.pid}/maps").read_text()
    assert "numpy" not in mapped
    assert resident_mib(player) <= 40
    client.close()


def resident_mib(player: RunningPlayer) -> float:
    status = Path(f"/proc/{player.process.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024
