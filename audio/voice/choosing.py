"""Which voice speaks is chosen by name and told. There is no second choice when the chosen one cannot be had."""

from pathlib import Path
from typing import Final

from audio.voice.cache import CachedVoice
from audio.voice.errors import VoiceError
from audio.voice.model import FOLDER, LICENCE
from audio.voice.port import ENGINES, SPEED, Identity, Voice

CACHE: Final = Path("var/voice/cache")


def choose(engine: str, speed: float = SPEED, cache: Path = CACHE, model: Path = FOLDER) -> Voice:
    """Return the voice called `engine`, which remembers what it has said. Raises VoiceError."""
    return CachedVoice(_engine(engine, speed, model), cache)


def licence_of(identity: Identity) -> str:
    """Return whose voice a recording holds, for its index or manifest."""
    return LICENCE if identity.engine == "kokoro" else "espeak-ng (GPL-3.0-or-later ; ce qu’elle dit est libre)"


def told(identity: Identity) -> str:
    """Say in a line which voice speaks."""
    return f"{identity.engine} {identity.version}, {identity.name}, × {identity.speed:g}"


def _engine(engine: str, speed: float, model: Path) -> Voice:
    match engine:
        case "kokoro":
            from audio.voice.kokoro import KokoroVoice

            return KokoroVoice(model, speed)
        case "espeak-ng":
            from audio.voice.espeak import EspeakVoice

            return EspeakVoice(speed)
        case _:
            raise VoiceError(
                "voice-unknown", "No such voice", value=engine, allowed=" or ".join(ENGINES), remedy="Choose one."
            )
