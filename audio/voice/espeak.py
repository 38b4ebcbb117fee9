"""The only door to espeak-ng (Debian's): a plain voice for machines without the neural one, and French phonemes."""

import functools
import subprocess
import tempfile
import wave
from pathlib import Path

from audio.voice.errors import VoiceError
from audio.voice.port import Identity, Speech

ENGINE = "espeak-ng"
NAME = "fr-fr"
WORDS_A_MINUTE = 150
SAY_S_MAX = 60


class EspeakVoice:
    """Debian's formant synthesis: every word can be followed, nobody would call it kind."""

    def __init__(self, speed: float = 1.0) -> None:
        self._identity = Identity(engine=ENGINE, name=NAME, version=version(), speed=speed)

    @property
    def identity(self) -> Identity:
        return self._identity

    def say(self, text: str, language: str) -> Speech:
        """Raise VoiceError."""
        only_french(language)
        with tempfile.TemporaryDirectory(prefix="chevet-voice-") as work:
            out = Path(work) / "said.wav"
            _run("-v", NAME, "-s", str(round(WORDS_A_MINUTE * self._identity.speed)), "-w", str(out), text=text)
            with wave.open(str(out)) as sound:
                return Speech(sound.readframes(sound.getnframes()), sound.getframerate())


def phonemes(text: str) -> str:
    """Return the IPA of a stretch without punctuation, on one line. Raises VoiceError."""
    return " ".join(_run("-q", "--ipa", "-v", NAME, text=text).split())


@functools.cache
def version() -> str:
    """Return the version of the installed espeak-ng, such as 1.51. Raises VoiceError."""
    return _run("--version").split(":")[1].split()[0]


def only_french(language: str) -> None:
    """Refuse another language than fr: its numbers and abbreviations have no rules here."""
    if language != "fr":
        raise VoiceError(
            "language-unknown", "No voice speaks this language", value=language, allowed="fr", remedy="Write French."
        )


def _run(*options: str, text: str | None = None) -> str:
    command = [ENGINE, *options, *(["--stdin"] if text is not None else [])]
    try:
        ran = subprocess.run(command, input=text or "", capture_output=True, text=True, timeout=SAY_S_MAX, check=True)
    except FileNotFoundError as error:
        raise _failed("it is not installed", "apt install espeak-ng") from error
    except subprocess.SubprocessError as error:
        raise _failed(error, "Read what espeak-ng says.") from error
    return ran.stdout


def _failed(value: object, remedy: str) -> VoiceError:
    return VoiceError("espeak", "espeak-ng cannot speak", value=value, allowed="espeak-ng 1.51 or newer", remedy=remedy)
