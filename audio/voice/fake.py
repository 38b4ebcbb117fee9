"""A voice that beeps: it behaves, remembers what it was asked to say, and can be told to fail."""

import math
import struct

from audio.voice.errors import VoiceError
from audio.voice.port import Identity, Speech

RATE_HZ = 16_000
LETTER_S = 0.05
HEIGHT = 8000


class FakeVoice:
    """Says each letter as 50 ms of a tone."""

    def __init__(self, version: str = "1", speed: float = 1.0) -> None:
        self.identity = Identity(engine="fake", name="beep", version=version, speed=speed)
        self.said: list[str] = []
        self.refuses = ""

    def say(self, text: str, language: str) -> Speech:
        """Raise VoiceError for a text that holds what it was told to refuse."""
        if self.refuses and self.refuses in text:
            raise VoiceError("refused", "The voice refuses", value=f"{language}: {text}", allowed="else", remedy="-")
        self.said.append(text)
        frames = round(len(text) * LETTER_S * RATE_HZ)
        wave = (round(HEIGHT * math.sin(2 * math.pi * 440 * frame / RATE_HZ)) for frame in range(frames))
        return Speech(struct.pack(f"<{frames}h", *wave), RATE_HZ)
