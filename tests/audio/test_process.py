"""Who talks to the real player's process: kiosks, watchers, the rude, and signals."""

import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from audio.client import PlayerGone
from audio.package import read
from audio.player.protocol import Attend, Collect, Examine, PlayerStatus, Prepare, Start, Status, Stop, decode_answer
from audio.player.server import CLIENTS_MAX
from tests.audio.bedside import SESSION
from tests.audio.listening import FRAME_BYTES, RATE_HZ, ended, playing, ready
from tests.support.paced.package import decoded, make_package
from tests.support.paced.player import RunningPlayer, start_player, wait_for, wait_refused


@pytest.fixture
def player(tmp_path: Path) -> Iterator[RunningPlayer]:
    with start_player(tmp_path / "player", buffer_ms=500, device_wait_s_max=0.5) as running:
        yield running


@pytest.fixture
def fast(tmp_path: Path) -> Iterator[RunningPlayer]:
    with start_player(tmp_path / "player", speed=20, buffer_ms=2000) as running:
        yield running


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
    fast.device.wait_for("close")
    client = fast.connect()
    client.send(Status())
    assert wait_for(client, lambda _status: True).outcome == "heard_whole"


def test_a_kiosk_that_stays_away(tmp_path: Path) -> None:
    with start_player(tmp_path / "player", kiosk_away_s_max=1) as player:
        playing(player, make_package(tmp_path / "package", seconds=30)).close()
        player.device.wait_for("close")
        client = player.connect()
        client.send(Status())
        result = ended(client)
        assert (result.outcome, result.cause) == ("interrupted", "kiosk-away")
        assert result.frames_played == len(player.device.played()) // FRAME_BYTES < 30 * RATE_HZ


def test_a_watcher_is_no_kiosk(tmp_path: Path) -> None:
    with start_player(tmp_path / "player", kiosk_away_s_max=1) as player:
        kiosk, watcher = playing(player, make_package(tmp_path / "package", seconds=30)), player.connect()
        watcher.send(Status())
        watcher.send(Examine())  # a self-test is no kiosk either
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


def test_asked_to_end_before_the_start_there_was_no_session(player: RunningPlayer, tmp_path: Path) -> None:
    client = ready(player, make_package(tmp_path / "package"))
    player.kill(signal.SIGTERM)
    assert wait_for(client, lambda status: status.phase == "idle") == PlayerStatus()
    assert player.process.wait(60) == 0


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
    assert player.process.wait(60) == 0
    assert not player.socket.exists()
    with pytest.raises(PlayerGone):
        wait_for(client, lambda _status: False)


def test_killed_it_starts_again_on_its_stale_socket(tmp_path: Path) -> None:
    with start_player(tmp_path / "player") as player:
        player.kill(signal.SIGKILL)
        player.process.wait(60)
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
