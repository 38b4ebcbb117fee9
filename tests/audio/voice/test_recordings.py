"""The spoken words: no text of the box without its current recording; found by the text that the box shows."""

import json
import re
from pathlib import Path

import msgspec
import pytest

from audio.cli import main
from audio.loudness import measure
from audio.sound_file import SoundReader
from audio.voice.building import build, missing
from audio.voice.errors import VoiceError
from audio.voice.fake import FakeVoice
from audio.voice.port import Voice
from audio.voice.recordings import SpokenWords
from audio.voice.spoken import Text, box_texts
from audio.voice.utterance import RATE_HZ

TWO = [Text("Bonjour {name}", "Bonjour.", "hello"), Text("20 minutes", "20 minutes", "minutes")]


def quiet(_words: str, _done: float) -> None:
    pass


def made(folder: Path, voice: Voice, texts: list[Text] = TWO) -> SpokenWords:
    return build(folder, texts, voice, "none", quiet)


def test_every_text_of_the_box_is_gathered() -> None:
    shown = {text.shown for text in box_texts()}
    assert "Vous pensez à ce qui peut arriver." in shown
    assert "Idées suicidaires\u00a0: appelez le 3114." in shown
    assert "La plus forte angoisse possible" in shown
    assert "20\u00a0minutes · avec le casque" in shown
    assert {str(step) for step in range(11)} <= shown
    assert "Écouter" in shown
    assert {"Dures ou rares", "Dites-le tôt", "Votre angoisse est forte. Un soin court peut aider."} <= shown
    assert {text.said for text in box_texts() if text.source == "greeting.hello_evening"} == {"Bonsoir."}
    assert not [text for text in box_texts() if text.source.startswith("service.")]  # staff read
    assert "Ce soin sera possible dans environ 36 heures." in shown
    assert "Ce soin sera possible plus tard." in shown
    assert "plus tard" not in shown
    assert not [text for text in box_texts() if "{" in text.said]
    assert not [text for text in shown if text.startswith("urn:")]


def test_every_text_of_the_box_has_its_current_recording(
    espeak: Voice, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Every sixth of those that differ by more than a number is enough here; the check finds that the others lack.
    texts = box_texts()
    some = list({re.sub(r"\d+", "7", text.shown): text for text in reversed(texts)}.values())[::-6]
    words = made(folder, espeak, some)
    assert missing(folder, some) == []
    assert len(missing(folder, texts)) == len(texts) - len(some) > 100
    assert main(["speak", "--check", str(folder)]) == 1
    assert "no recording" in capsys.readouterr().out
    for recording in words.index.recordings.values():
        with SoundReader(folder / recording.file) as sound:
            assert (sound.rate_hz, sound.channels) == (RATE_HZ, 1)
            assert sound.frames / RATE_HZ == pytest.approx(recording.duration_s, abs=0.001)
            assert 0.3 < recording.duration_s < 1.0 + 0.3 * len(recording.said)
            heard = measure(sound.read(sound.frames) * 8, RATE_HZ, 1)
        assert heard.integrated_lufs == pytest.approx(-23.0, abs=1.5), recording.said
        assert heard.true_peak_dbtp <= -0.9, recording.said


def test_what_a_protocol_says_to_the_person_is_recorded_and_nothing_else_of_it() -> None:
    shown = {text.shown for text in box_texts()}
    assert "Moment difficile\u00a0: l’ancre" in shown
    assert not {"Crisis", "Moment de crise"} & shown, "what staff choose it by"
    assert "jours-oublies" not in shown, "an identifier in a condition"


def test_the_box_finds_a_recording_by_what_it_shows(fake: FakeVoice, folder: Path) -> None:
    words = made(folder, fake)
    found = words.find("20 minutes")
    assert found is not None
    assert found.exists()
    assert words.find("20\u00a0minutes") == found
    assert words.find("Bonjour {name}") not in (None, found)
    assert words.find("Bonjour Madame Martin") == words.find("Bonjour {name}")
    assert words.find("Bonjour") == words.find("Bonjour {name}")  # nobody's name is known
    assert words.find("Bonjourmadame") is None
    assert words.find("Au revoir Madame Martin") is None


def test_changed_words_a_lost_file_and_a_new_text_are_told(fake: FakeVoice, folder: Path) -> None:
    words = made(folder, fake)
    lost = words.find("20 minutes")
    assert lost is not None
    lost.unlink()
    today = [Text("Bonjour {name}", "Bonsoir.", "hello"), TWO[1], Text("Retour", "Retour", "back")]
    changed, gone, new = missing(folder, today)
    assert "something else" in changed
    assert "missing or damaged" in gone
    assert "no recording" in new


def test_only_what_changed_is_said_again(fake: FakeVoice, folder: Path) -> None:
    made(folder, fake)
    assert len(fake.said) == 2
    made(folder, fake, [*TWO, Text("Retour", "Retour", "back")])
    assert fake.said[2:] == ["Retour."]
    made(folder, FakeVoice(version="2"))
    assert missing(folder, TWO) == []
    assert len(list(folder.glob("*.flac"))) == 2


def test_a_build_that_stops_half_way_leaves_the_old_words(fake: FakeVoice, folder: Path) -> None:
    made(folder, fake)
    broken = FakeVoice(version="2")
    broken.refuses = "minutes"
    with pytest.raises(VoiceError):
        made(folder, broken)
    assert missing(folder, TWO) == []
    assert SpokenWords(folder).index.voice == fake.identity


@pytest.mark.parametrize("raw", [b"", b"{}", b"\xff", b'{"voice": 1}'])
def test_an_index_that_is_none_is_refused(folder: Path, raw: bytes) -> None:
    folder.mkdir()
    (folder / "index.json").write_bytes(raw)
    with pytest.raises(VoiceError) as refused:
        SpokenWords(folder)
    assert refused.value.code == "index-unreadable"


def test_a_hole_without_a_rule_is_refused(tmp_path: Path) -> None:
    (tmp_path / "kiosk/words/fr").mkdir(parents=True)
    (tmp_path / "kiosk/words/fr/bedside.toml").write_text('new = "Il reste {what}."\n')
    with pytest.raises(VoiceError) as refused:
        box_texts(house=tmp_path)
    assert refused.value.code == "hole-unknown"


def test_a_plan_is_spoken_too(tmp_path: Path) -> None:
    plan = tmp_path / "plan.toml"
    plan.write_text('[[activity]]\nid = "a-1"\ntitle = "La rivière"\nexplanation = ["Vous allez entendre."]\n')
    assert {"La rivière", "Vous allez entendre."} <= {text.shown for text in box_texts(more=[plan])}
    assert "a-1" not in {text.shown for text in box_texts(more=[plan])}


def test_the_command_says_which_voice_spoke(espeak: Voice, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "deep/hello.flac"
    assert main(["speak", "Bonjour.", str(out), "--voice", "espeak-ng"]) == 0
    assert "espeak-ng 1." in capsys.readouterr().out
    assert out.exists()


def test_a_voice_that_is_not_here_is_an_error_never_another_voice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["speak", "Bonjour.", "hello.flac"]) == 1
    assert "[model-missing]" in capsys.readouterr().err
    assert not (tmp_path / "hello.flac").exists()


def test_usage_without_a_text(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["speak"]) == 2
    assert "--all" in capsys.readouterr().err


def test_the_index_is_plain_json(fake: FakeVoice, folder: Path) -> None:
    made(folder, fake)
    table = json.loads((folder / "index.json").read_text())
    assert table["voice"] == msgspec.to_builtins(fake.identity)
    assert {recording["shown"] for recording in table["recordings"].values()} == {"Bonjour {name}", "20 minutes"}
