"""A plug that moves is told, and the sound goes on: on a fake, and on a real ALSA control made of a file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from audio.client import PlayerClient
from audio.player.headphones import control_of, is_headphone_jack, summed_up
from audio.player.protocol import Collect, Headphones, HeadphonesChange, PlayerStatus, Status
from audio.player.tally import KEPT_MAX
from tests.audio.bedside import SESSION, Bedside
from tests.audio.listening import ended, playing, ready
from tests.support.paced.build import JACK_NAME
from tests.support.paced.package import decoded, make_package
from tests.support.paced.player import RunningPlayer, start_player, wait_for


@pytest.mark.parametrize(
    "control", ["Headphone Jack", "Front Headphone Jack", "Headphone Mic Jack", "Headphones Jack", "Headset Jack"]
)
def test_names_of_headphone_sockets(control: str) -> None:
    assert is_headphone_jack(control)


@pytest.mark.parametrize(
    "control",
    ["Headphone Phantom Jack", "Mic Jack", "Headset Mic Jack", "Headphone Playback Switch", "HDMI/DP,pcm=3 Jack", ""],
)
def test_names_of_other_controls(control: str) -> None:
    assert not is_headphone_jack(control)


@pytest.mark.parametrize(
    ("device", "control"),
    [
        ("sysdefault:CARD=Headphones", "hw:CARD=Headphones"),
        ("plughw:CARD=B1,DEV=0", "hw:CARD=B1"),
        ("hw:0,0", None),
        ("bluealsa:DEV=00:11:22:33:44:55", None),
    ],
)
def test_the_card_is_named_by_the_device(device: str, control: str | None) -> None:
    assert control_of(device) == control


def test_one_plug_in_one_of_the_sockets_is_enough() -> None:
    assert [summed_up(plugs) for plugs in ([], [False, False], [False, True])] == ["unknown", "out", "in"]


@pytest.fixture
def bed(tmp_path: Path) -> Bedside:
    return Bedside(tmp_path)


def test_a_plug_that_moves_is_told_and_nothing_else(bed: Bedside) -> None:
    assert bed.start().headphones == "in"
    before = bed.let_pass(1_000)
    seen = bed.core.mark()
    bed.jack.headphones = "out"
    out = bed.let_pass(50)
    assert bed.core.mark() != seen
    assert (out.phase, out.headphones) == ("playing", "out")
    assert [change.headphones for change in out.headphones_changes] == ["out"]
    assert before.frames_played < out.headphones_changes[0].at_frame <= out.frames_played
    result = bed.let_pass(3_000)
    assert (result.outcome, result.gaps_total) == ("heard_whole", 0)
    assert bytes(bed.sink.written) == bed.samples
    assert bed.jack.closed


def test_a_plug_that_moves_before_the_start_is_no_change_of_the_session(bed: Bedside) -> None:
    bed.jack.headphones = "out"
    assert bed.prepare().headphones == "out"
    bed.jack.headphones = "in"
    bed.core.tick()
    status = bed.core.status()
    assert (status.phase, status.headphones, status.headphones_changes_total) == ("ready", "in", 0)


def test_a_loose_contact_is_counted_and_its_first_hundred_kept(bed: Bedside) -> None:
    bed.start()
    states: tuple[Headphones, Headphones] = ("out", "in")
    for turn in range(KEPT_MAX + 50):
        bed.jack.headphones = states[turn % 2]
        bed.let_pass(10, step_ms=10)
    status = bed.core.status()
    assert (len(status.headphones_changes), status.headphones_changes_total) == (KEPT_MAX, KEPT_MAX + 50)


@pytest.fixture
def player(tmp_path: Path) -> Iterator[RunningPlayer]:
    with start_player(tmp_path / "player", headphones_control=JACK_NAME) as running:
        yield running


def headphones(client: PlayerClient, wanted: Headphones) -> PlayerStatus:
    client.send(Status())
    return wait_for(client, lambda status: status.headphones == wanted)


def test_on_a_real_control_the_plug_moves_while_the_sound_goes_on(player: RunningPlayer, tmp_path: Path) -> None:
    package = make_package(tmp_path / "package", seconds=3)
    client = ready(player, package)
    headphones(client, "out")
    player.device.plug_in()
    assert headphones(client, "in").headphones_changes_total == 0
    client = playing(player, package)
    player.device.pull_out()
    headphones(client, "out")
    player.device.plug_in()
    headphones(client, "in")
    result = ended(client)
    assert (result.outcome, result.gaps_total) == ("heard_whole", 0)
    assert [change.headphones for change in result.headphones_changes] == ["out", "in"]
    assert 0 < result.headphones_changes[0].at_frame <= result.headphones_changes[1].at_frame
    assert player.device.played() == decoded(package)


def test_a_control_that_goes_away_is_unknown_and_the_sound_goes_on(player: RunningPlayer, tmp_path: Path) -> None:
    player.device.plug_in()
    package = make_package(tmp_path / "package", seconds=2)
    client = playing(player, package)
    player.device.lose_the_socket()
    headphones(client, "unknown")
    result = ended(client)
    assert result.outcome == "heard_whole"
    assert [type(change) for change in result.headphones_changes] == [HeadphonesChange]
    client.send(Collect(SESSION))
    wait_for(client, lambda status: status.phase == "idle")


def test_no_such_control_is_unknown(tmp_path: Path) -> None:
    with start_player(tmp_path / "player", headphones_control="hw:CARD=Nowhere") as player:
        client = ready(player, make_package(tmp_path / "package"))
        assert headphones(client, "unknown").phase == "ready"
