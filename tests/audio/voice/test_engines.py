"""The engines themselves, the neural one too: `make setup` brings what it needs."""

import math
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from audio.voice import model
from audio.voice.cache import CachedVoice
from audio.voice.choosing import choose
from audio.voice.errors import VoiceError
from audio.voice.espeak import phonemes
from audio.voice.fake import FakeVoice
from audio.voice.kokoro import HOUSE, KokoroVoice, _within
from audio.voice.port import Speech, Voice

HERE = Path(__file__).parents[3] / model.FOLDER
QUESTION = "Ressentez-vous de l'angoisse maintenant?"


@pytest.fixture(scope="module")
def kokoro() -> Voice:
    return KokoroVoice(HERE, speed=0.9)


def loudest(samples: bytes) -> int:
    sizes: list[int] = [abs(sample) for sample in struct.unpack(f"<{len(samples) // 2}h", samples)]
    return max(sizes)


def test_espeak_speaks_french(espeak: Voice) -> None:
    said = espeak.say(QUESTION, "fr")
    assert 1.5 < len(said.samples) / 2 / said.rate_hz < 5
    assert 3000 < loudest(said.samples) < 32767
    assert "ɑ̃ɡwˈas" in phonemes("de l'angoisse")


def test_the_neural_voice_speaks_french(kokoro: Voice) -> None:
    said = kokoro.say(QUESTION, "fr")
    assert said.rate_hz == 24_000
    assert 1.5 < len(said.samples) / 2 / said.rate_hz < 4
    assert 3000 < loudest(said.samples) < 32767
    assert said == kokoro.say(QUESTION, "fr")


def test_a_slow_voice_is_the_same_voice_slowed(kokoro: Voice) -> None:
    """The model asked to speak slowly puts a vowel before the first consonant; slowed afterwards it does not."""
    usual = KokoroVoice(HERE, speed=1.0).say("Retour.", "fr")
    slow = kokoro.say("Retour.", "fr")
    assert len(slow.samples) == pytest.approx(len(usual.samples) / 0.9, rel=0.001)
    assert loudest(slow.samples) == pytest.approx(loudest(usual.samples), rel=0.1)
    for start_s, part in ((0.0, 0.08), (0.08, 0.4)):
        assert rms(slow, start_s / 0.9, part / 0.9) == pytest.approx(rms(usual, start_s, part), rel=0.2)


def rms(speech: Speech, start_s: float, length_s: float) -> float:
    """The level of a stretch."""
    first, last = (round(at * speech.rate_hz) for at in (start_s, start_s + length_s))
    samples = memoryview(speech.samples).cast("h")[first:last]
    return math.sqrt(sum(sample * sample for sample in samples) / len(samples))


def test_the_neural_voice_leaves_nothing_out(kokoro: Voice) -> None:
    with pytest.raises(VoiceError) as refused:
        kokoro.say("Le docteur " + "et le docteur " * 60, "fr")
    assert refused.value.code == "sentence-too-long"
    pieces = _within("abc, " * 200 + "abc.", 500)
    assert all(0 < len(piece) <= 500 for piece in pieces)
    assert " ".join(pieces) == "abc, " * 200 + "abc."


def test_a_neural_voice_that_dies_is_told(tmp_path: Path) -> None:
    for body, said in (("exit 3", "it ended"), ("echo no room >&2; exit 1", "no room"), ("printf 1234; exit", "ended")):
        broken = tmp_path / "python"
        broken.write_text(f"#!/bin/sh\n{body}\n")
        broken.chmod(0o755)
        with pytest.raises(VoiceError, match=said) as refused:
            KokoroVoice(HERE, python=broken).say("Bonjour.", "fr")
        assert refused.value.code == "engine-failed"
    with pytest.raises(VoiceError, match="make setup"):
        KokoroVoice(HERE, python=tmp_path / "nowhere")


def test_the_neural_voice_ends_with_who_asked(tmp_path: Path) -> None:
    quiet = tmp_path / "python"
    quiet.write_text(
        '#!/bin/sh\ntrap "" TERM\nprintf "\\004\\000\\000\\000abcd"\ncat >/dev/null\necho gone >"$0.gone"\n'
    )
    quiet.chmod(0o755)
    voice = KokoroVoice(HERE, python=quiet)
    assert voice.say("Bonjour.", "fr").samples == b"abcd"
    del voice
    assert (tmp_path / "python.gone").read_text() == "gone\n"


def test_no_number_cruncher_in_the_house_s_own_environment() -> None:
    pinned = (HOUSE / "firmware_config/workstation/requirements.txt").read_text()
    assert "\nmsgspec==" in pinned
    assert "\nnumpy==" not in pinned
    assert "\nonnxruntime==" not in pinned


def test_another_language_is_refused(espeak: Voice) -> None:
    with pytest.raises(VoiceError) as refused:
        espeak.say("Good morning.", "en")
    assert refused.value.code == "language-unknown"


def test_what_was_said_once_is_kept(tmp_path: Path) -> None:
    inner = FakeVoice()
    voice = CachedVoice(inner, tmp_path)
    first = voice.say("Bonjour.", "fr")
    assert voice.say("Bonjour.", "fr") == first
    assert inner.said == ["Bonjour."]
    assert CachedVoice(FakeVoice(speed=0.8), tmp_path).say("Bonjour.", "fr") == first  # said, under its own key
    assert len(list(tmp_path.glob("*.flac"))) == 2


def test_a_damaged_memory_is_rendered_again(tmp_path: Path) -> None:
    inner = FakeVoice()
    voice = CachedVoice(inner, tmp_path)
    first = voice.say("Bonjour.", "fr")
    (kept,) = tmp_path.glob("*.flac")
    kept.write_bytes(kept.read_bytes()[:60])
    assert voice.say("Bonjour.", "fr") == first
    assert len(inner.said) == 2


def test_a_voice_is_chosen_by_name_only(tmp_path: Path) -> None:
    with pytest.raises(VoiceError) as refused:
        choose("hal")
    assert refused.value.code == "voice-unknown"
    with pytest.raises(VoiceError) as refused:
        choose("kokoro", model=tmp_path)
    assert refused.value.code == "model-missing"


def test_another_model_than_the_pinned_one_is_refused(tmp_path: Path) -> None:
    for name in model.SHA256:
        (tmp_path / name).write_bytes(b"another")
    assert model.present(tmp_path)
    with pytest.raises(VoiceError) as refused:
        model.files(tmp_path)
    assert refused.value.code == "model-damaged"


def test_the_player_starts_without_a_voice() -> None:
    asked = "import sys, audio.cli; print([name for name in sys.modules if name.startswith('audio.voice')])"
    loaded = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout
    assert "choosing" not in loaded
    assert "cache" not in loaded
