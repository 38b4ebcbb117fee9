"""The shell has the box speak: recordings by the player, and honest silence where there are none."""

import logging
from pathlib import Path

import pytest

from audio.player.protocol import Hush, Plain, Recorded, Say
from audio.voice.building import build
from audio.voice.fake import FakeVoice
from audio.voice.recordings import SpokenWords
from audio.voice.spoken import Text
from kiosk.journey import effects
from kiosk.shell.speech import SpeechDesk, desk_of
from tests.support.shell import Bedside

TEXTS = [Text("Bonjour {name}", "Bonjour.", "hello"), Text("La rivière", "La rivière", "plan")]


@pytest.fixture
def words(tmp_path: Path) -> SpokenWords:
    return build(tmp_path / "words", TEXTS, FakeVoice(), "none", lambda _words, _done: None)


@pytest.fixture
def speaking(bedside: Bedside, words: SpokenWords) -> Bedside:
    bedside.speech = SpeechDesk(words)
    bedside.restart()
    bedside.turn()
    return bedside


def said(bedside: Bedside) -> list[Say]:
    return [command for command in bedside.player.commands if isinstance(command, Say)]


def can_listen(bedside: Bedside) -> bool:
    return any(target.name == "listen" for target in bedside.window.targets())


def test_a_box_without_recordings_offers_no_reading(bedside: Bedside) -> None:
    assert not can_listen(bedside)
    assert bedside.window.frame.listen == ""


def test_what_has_a_recording_is_said_and_the_rest_is_told(
    speaking: Bedside, words: SpokenWords, caplog: pytest.LogCaptureFixture
) -> None:
    assert speaking.window.frame.listen == "Écouter"
    with caplog.at_level(logging.WARNING):
        speaking.touch("listen")
    files = [piece.file for piece in said(speaking)[-1].pieces if isinstance(piece, Recorded)]
    assert files == [str(words.find("Bonjour {name}")), str(words.find("La rivière"))]
    assert "no recording says" in caplog.text
    assert "prendre soin" not in caplog.text  # a sentence may be a message: its words are in no log
    assert speaking.window.frame.speaking
    speaking.player.say_all(unsaid=0)
    speaking.turn()
    assert not speaking.window.frame.speaking


def test_it_falls_silent_when_touched_again_and_when_the_screen_goes(speaking: Bedside) -> None:
    speaking.touch("listen")
    speaking.touch("listen")
    assert isinstance(speaking.player.commands[-1], Hush)
    assert not speaking.window.frame.speaking
    speaking.touch("listen")
    speaking.touch("care:riviere")
    assert isinstance(speaking.player.commands[-1], Hush)


def test_a_player_that_goes_away_leaves_nobody_speaking(speaking: Bedside) -> None:
    speaking.touch("listen")
    speaking.player.vanish()
    speaking.turn()
    assert not speaking.window.frame.speaking
    speaking.touch("listen")
    assert not speaking.window.frame.speaking


def test_a_care_begins_while_it_speaks(speaking: Bedside) -> None:
    speaking.to_playing()
    assert speaking.screen == "PlayingView"
    assert not can_listen(speaking)


def test_a_box_can_be_set_up_for_closed_eyes(bedside: Bedside, words: SpokenWords) -> None:
    bedside.speech = SpeechDesk(words, leads=True)
    bedside.restart()
    bedside.push()
    assert said(bedside)
    bedside.player.say_all()
    bedside.turn()
    assert bedside.window.frame.focus == "care:riviere"


def test_the_plain_voice_speaks_only_where_it_is_allowed() -> None:
    order = effects.Say(1, ("Bonjour",), -20.0)
    assert SpeechDesk(None).command(order) == (None, 1)
    said_plainly, unsaid = SpeechDesk(None, plain=True).command(order)
    assert said_plainly == Say(id="1", pieces=(Plain("Bonjour"),), gain_db=-20.0)
    assert unsaid == 0


def test_a_folder_that_is_none_and_another_language_are_silent(tmp_path: Path, words: SpokenWords) -> None:
    assert not desk_of(str(tmp_path / "nothing"), "fr", plain=False).able
    assert not desk_of("", "fr", plain=False).able
    assert not desk_of(str(words.folder), "en", plain=True).able
    assert desk_of(str(words.folder), "fr", plain=False).able
