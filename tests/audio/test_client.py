"""The same conversation with the fake player and with the real one: whoever trusts the fake may."""

import contextlib
import select
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from audio.client import FakePlayer, Player, PlayerClient, PlayerGone
from audio.player.protocol import Answer, Attend, Collect, PlayerStatus, Prepare, Refused, SetGain, Start, Status, Stop
from tests.support.paced.package import make_package
from tests.support.paced.player import start_player

WAIT_S_MAX = 20


@contextlib.contextmanager
def real(folder: Path) -> Iterator[Player]:
    with start_player(folder) as running:
        client = PlayerClient(running.socket)
        client.connect()
        yield client
        client.close()


@contextlib.contextmanager
def fake(_folder: Path) -> Iterator[Player]:
    player = FakePlayer()
    player.connect()
    yield player


@pytest.fixture(params=[fake, real])
def player(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Player]:
    with request.param(tmp_path / "player") as made:
        yield made


def until(player: Player, wanted: Callable[[Answer], bool]) -> Answer:
    while True:
        assert select.select([player], [], [], WAIT_S_MAX)[0], "the player said nothing"
        for answer in player.receive():
            if wanted(answer):
                return answer


def phase(player: Player, name: str) -> PlayerStatus:
    found = until(player, lambda answer: isinstance(answer, PlayerStatus) and answer.phase == name)
    assert isinstance(found, PlayerStatus)
    return found


def reason(player: Player) -> str:
    found = until(player, lambda answer: isinstance(answer, Refused))
    assert isinstance(found, Refused)
    return found.reason


def test_a_whole_conversation(player: Player, tmp_path: Path) -> None:
    package = str(make_package(tmp_path / "package", seconds=20))
    player.send(Attend())
    assert phase(player, "idle") == PlayerStatus()
    player.send(Start("s1"))
    assert reason(player) == "unknown-session"
    player.send(Prepare(session="s1", package=package, gain_db=-6.0))
    assert phase(player, "ready").gain_db == -6.0
    player.send(Prepare(session="s1", package=package, gain_db=-9.0))
    assert phase(player, "ready").gain_db == -9.0  # a kiosk that restarted has reckoned anew
    player.send(Start("s1"))
    assert phase(player, "playing").first_frame_monotonic_ns is not None
    player.send(Start("s1"))
    assert reason(player) == "already-started"
    player.send(Prepare(session="s2", package=package))
    assert reason(player) == "busy"
    player.send(Prepare(session="s1", package=package))
    assert phase(player, "playing").session == "s1"
    player.send(SetGain("s1", -12.0))
    until(player, lambda answer: isinstance(answer, PlayerStatus) and answer.gain_db == -12.0)
    player.send(Collect("s1"))
    assert reason(player) == "nothing-to-collect"
    player.send(Stop("s1"))
    assert phase(player, "ended").outcome == "stopped"
    for late in (Prepare(session="s1", package=package), Stop("s1"), SetGain("s1", -3.0), Attend()):
        player.send(late)
        found = phase(player, "ended")
        assert (found.outcome, found.gain_db) == ("stopped", -12.0)
    player.send(Collect("s1"))
    assert phase(player, "idle") == PlayerStatus()
    assert all(answer == PlayerStatus() for answer in player.receive())  # told again to all
    player.send(Status())
    assert phase(player, "idle") == PlayerStatus()


def test_no_player_there(tmp_path: Path) -> None:
    client = PlayerClient(tmp_path / "none.sock")
    with pytest.raises(PlayerGone, match=r"No such file.*systemctl status"):
        client.connect()
    with pytest.raises(PlayerGone, match="not connected"):
        client.send(Status())


def test_the_player_is_killed(tmp_path: Path) -> None:
    with start_player(tmp_path / "player") as running:
        client = running.connect()
        running.kill()
        running.process.wait(60)
        with pytest.raises(PlayerGone, match=r"closed|reset"):
            client.receive()


@pytest.mark.parametrize("said", [b'{"type":"PlayerStatus","phase":"dancing"}\n', b"x" * 100_000])
def test_a_player_that_speaks_another_language_is_gone(tmp_path: Path, said: bytes) -> None:
    path = tmp_path / "player.sock"
    client = PlayerClient(path)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        client.connect()
        other, _ = listener.accept()
        other.sendall(said)
        with other, pytest.raises(PlayerGone, match=r"protocol|line without an end"):
            receive_all(client)
    with pytest.raises(PlayerGone, match="not connected"):
        client.fileno()


def receive_all(client: PlayerClient) -> None:
    for _ in range(2):  # one look takes no more than 64 KiB
        client.receive()


def test_the_fake_is_killed_and_forgets() -> None:
    player = FakePlayer()
    player.connect()
    player.send(Prepare(session="s1", package="/p"))
    player.vanish()
    with pytest.raises(PlayerGone):
        player.send(Start("s1"))
    player.come_back()
    player.connect()
    player.send(Status())
    assert player.receive()[-1] == PlayerStatus()


def test_the_fake_tells_what_it_is_told_to_tell() -> None:
    player = FakePlayer(frames_total=100)
    player.connect()
    player.send(Prepare(session="s1", package="/p"))
    player.send(Start("s1"))
    player.tell(frames_played=40)
    player.play_whole()
    assert [answer.frames_played for answer in player.receive() if isinstance(answer, PlayerStatus)] == [0, 0, 40, 100]
    assert [type(command) for command in player.commands] == [Prepare, Start]
