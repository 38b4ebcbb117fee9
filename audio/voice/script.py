"""A guided session as it is written: phases, what is said in each, and the silences."""

import tomllib
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from audio.voice.errors import VoiceError

SCRIPTS = Path(__file__).parent / "texts"
SILENCE_S_MAX = 120
Silence = Annotated[float, Meta(ge=0, le=SILENCE_S_MAX)]


class GuidedPhase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Each line: the words, then the silence in seconds."""

    name: str
    say: Annotated[tuple[tuple[str, Silence], ...], Meta(min_length=1)]


class Script(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A guided session; `speed` 1.0 is the voice's usual."""

    id: str
    version: str
    title: str
    language: str
    licence: str
    speed: Annotated[float, Meta(ge=0.6, le=1.2)]
    phase: Annotated[tuple[GuidedPhase, ...], Meta(min_length=1)]


def read_script(name: str) -> Script:
    """Return the script of that name in audio/voice/texts, or of a TOML file. Raises VoiceError (script-unreadable)."""
    file = Path(name) if name.endswith(".toml") else SCRIPTS / f"{name}.fr.toml"
    try:
        return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), Script)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise VoiceError(
            "script-unreadable",
            "The session cannot be read",
            value=f"{file}: {error}",
            allowed=f"a session such as {', '.join(names())}, or a TOML file of that form",
            remedy="Correct the name or the file.",
        ) from error


def names() -> list[str]:
    """Return the names of the sessions that the house has written."""
    return sorted(file.name.removesuffix(".fr.toml") for file in SCRIPTS.glob("sophrologie-*.fr.toml"))
