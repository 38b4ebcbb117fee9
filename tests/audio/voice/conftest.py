import shutil
from pathlib import Path

import pytest

from audio.voice.cache import CachedVoice
from audio.voice.espeak import EspeakVoice
from audio.voice.fake import FakeVoice
from audio.voice.port import Voice


@pytest.fixture
def fake() -> FakeVoice:
    return FakeVoice()


@pytest.fixture(scope="session")
def espeak(tmp_path_factory: pytest.TempPathFactory) -> Voice:
    if shutil.which("espeak-ng") is None:
        pytest.skip("espeak-ng is not installed (apt install espeak-ng)")
    return CachedVoice(EspeakVoice(speed=0.9), tmp_path_factory.mktemp("cache"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "words"
