"""The card's own level is set before it is opened: on a fake, and on a real ALSA mixer made of a file."""

from pathlib import Path
from typing import Any

import pytest

from audio.player.fake import FakeClock, FakeSink
from audio.player.level import Levelled
from audio.player.protocol import Status
from audio.player.sink import Granted, Sink
from tests.audio.listening import ready
from tests.support.paced.build import JACK_NAME
from tests.support.paced.package import make_package
from tests.support.paced.player import RunningPlayer, start_player, wait_for


class Card:
    """A card with these mixer elements, and what was done to it, in order."""

    def __init__(self, *names: str) -> None:
        self.names, self.done = names, list[str]()

    def set_level(self, control: str, names: tuple[str, ...], percent: int) -> str | None:
        found = next((name for name in names if name in self.names), None)
        self.done.append(f"{found} of {control} at {percent}")
        return found

    def open(self, device: str, rate_hz: int, channels: int, buffer_ms: int) -> Sink:
        self.done.append(f"open {device}")
        granted = Granted(device, rate_hz, channels, 4, rate_hz * buffer_ms // 1000, rate_hz * buffer_ms // 2000)
        return FakeSink(FakeClock(), granted)


def test_the_level_is_set_before_each_opening() -> None:
    card = Card("PCM", "Master")
    opened = Levelled(card.open, card.set_level, None, ("Headphone", "PCM"), 90)
    for _ in range(2):
        opened("sysdefault:CARD=Headphones", 48_000, 2, 1_000).close()
    assert card.done == ["PCM of hw:CARD=Headphones at 90", "open sysdefault:CARD=Headphones"] * 2


@pytest.mark.parametrize(
    ("percent", "device", "done"),
    [
        (None, "sysdefault:CARD=Headphones", ["open sysdefault:CARD=Headphones"]),
        (90, "null", ["open null"]),
        (90, "sysdefault:CARD=Dac", ["None of hw:CARD=Dac at 90", "open sysdefault:CARD=Dac"]),
    ],
)
def test_a_card_whose_level_cannot_be_set_plays_all_the_same(percent: int | None, device: str, done: list[str]) -> None:
    card = Card()
    Levelled(card.open, card.set_level, None, ("Headphone", "PCM"), percent)(device, 48_000, 2, 1_000).close()
    assert card.done == done


def test_at_the_start_the_level_is_set_where_the_card_is_there_and_nothing_is_opened() -> None:
    for percent, names, done in ((90, ("PCM",), ["PCM of hw:CARD=Dac at 90"]), (None, ("PCM",), [])):
        card = Card(*names)
        opened = Levelled(card.open, card.set_level, None, ("Headphone", "PCM"), percent)
        opened.begin("plughw:CARD=Dac")
        assert card.done == done
        assert (opened.level is not None) == bool(done)
    absent = Levelled(Card().open, Card().set_level, None, ("Headphone", "PCM"), 90)
    absent.begin("plughw:CARD=Dac")
    assert absent.level is None, "a card that is not there yet is told when a care needs it"


def begun(player: RunningPlayer) -> None:
    """Its loop answers: that begins after the level."""
    client = player.connect()
    client.send(Status())
    wait_for(client, lambda _status: True)


def test_a_player_that_starts_sets_the_level_of_a_real_mixer(tmp_path: Path) -> None:
    with start_player(tmp_path / "player", headphones_control=JACK_NAME, level_percent=75) as player:
        begun(player)
        assert player.device.level() == 48
        assert not player.device.events("open"), "no device was opened for it"


@pytest.mark.parametrize(
    "settings",
    [{"headphones_control": JACK_NAME}, {"headphones_control": "hw:CARD=Nowhere", "level_percent": 75}],
    ids=["left alone", "no card"],
)
def test_a_player_starts_whose_level_is_left_alone_or_whose_card_is_away(
    tmp_path: Path, settings: dict[str, Any]
) -> None:
    with start_player(tmp_path / "player", **settings) as player:
        begun(player)
        assert "level:" not in (tmp_path / "player" / "player.log").read_text()
        assert not (player.device.folder / "jack" / "plug.level").exists()


def test_on_a_real_mixer(tmp_path: Path) -> None:
    """The third name is the one that this card has."""
    package = make_package(tmp_path / "package")
    with start_player(tmp_path / "player", headphones_control=JACK_NAME, level_percent=75) as player:
        ready(player, package)
        assert player.device.level() == 48
        assert "level: PCM of" in (tmp_path / "player" / "player.log").read_text()


def test_a_card_without_such_an_element_is_told(tmp_path: Path) -> None:
    package = make_package(tmp_path / "package")
    with start_player(tmp_path / "player", headphones_control="hw:CARD=Nowhere", level_percent=75) as player:
        ready(player, package)
        assert "it plays at its own level" in (tmp_path / "player" / "player.log").read_text()
