"""What was said once is kept: the same voice and the same sentence are never rendered again."""

import hashlib
import os
import tempfile
from pathlib import Path

import msgspec

from audio.errors import PackageError
from audio.player.gain import narrow
from audio.sound_file import SoundReader, write_flac
from audio.voice.port import Identity, Speech, Voice


class CachedVoice:
    """A voice with a memory in `folder`. A file that cannot be read is rendered again."""

    def __init__(self, voice: Voice, folder: Path) -> None:
        self._voice, self._folder = voice, folder

    @property
    def identity(self) -> Identity:
        return self._voice.identity

    def say(self, text: str, language: str) -> Speech:
        """Raise VoiceError, as the voice itself."""
        file = self._folder / f"{key(self.identity, language, text)}.flac"
        kept = _kept(file)
        if kept is None:
            kept = self._voice.say(text, language)
            _keep(file, kept)
        return kept


def key(identity: Identity, language: str, *words: str) -> str:
    """Return what names a recording: the hash of engine, voice, version, speed, language and words."""
    return hashlib.sha256(msgspec.json.encode([identity, language, *words])).hexdigest()[:40]


def _kept(file: Path) -> Speech | None:
    try:
        with SoundReader(file) as sound:
            return Speech(narrow(sound.read(sound.frames)), sound.rate_hz)
    except PackageError:
        return None


def _keep(file: Path, speech: Speech) -> None:
    """Write beside and rename: a power cut leaves no half sentence."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, beside = tempfile.mkstemp(dir=file.parent, suffix=".flac")
    os.close(descriptor)
    write_flac(Path(beside), speech.samples, speech.rate_hz, 1)
    Path(beside).replace(file)
