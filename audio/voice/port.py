"""What a voice is. Its engines: `espeak` and `kokoro`; its fake: `fake`."""

from typing import Final, Protocol

import msgspec

ENGINES: Final = ("kokoro", "espeak-ng")
SPEED: Final = 0.9  # for ears of 84: a little slower than the voice was trained


class Identity(msgspec.Struct, frozen=True):
    """Which voice speaks: two equal identities give the same recording of the same text. `speed` 1.0 is the usual."""

    engine: str
    name: str
    version: str
    speed: float


class Speech(msgspec.Struct, frozen=True):
    """Mono S16_LE samples at the engine's own rate."""

    samples: bytes
    rate_hz: int


class Voice(Protocol):
    """Speaks one sentence at a time. The text is what `french.speakable` returns: no digit, no sign to guess."""

    @property
    def identity(self) -> Identity: ...

    def say(self, text: str, language: str) -> Speech:
        """Raise VoiceError when the text cannot be spoken in `language` (fr)."""
        ...
