"""What is to be said, read by a thread: a card that stalls must not make the loop wait, which carries the sound."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import msgspec

from audio.errors import AudioError
from audio.player.gain import narrow
from audio.player.protocol import Piece, Recorded, Say
from audio.sound_file import SoundReader

RATE_HZ = 48_000
SAMPLE_BYTES = 2
PAUSE_S = 0.35
SAID_S_MAX = 120.0
"""Kept in memory at most: 11 MiB. A page of a lesson takes 40 s."""

PlainVoice = Callable[[str], bytes]
"""Text -> mono S32 at 48 kHz, -23 LUFS. Raises AudioError."""


class Words(msgspec.Struct, frozen=True):
    """Mono S16 at 48 kHz; `unsaid`: pieces that are not in it, `detail` why, for staff."""

    samples: bytes
    unsaid: int = 0
    detail: str = ""


class Fetch(Protocol):
    """Words on their way."""

    def result(self) -> Words | None:
        """Return them, or None until they are there."""

    def cancel(self) -> None:
        """Nobody wants them any more."""


class ThreadFetch:
    """Reads in a thread of its own, and rings `wake` when it is done."""

    def __init__(self, order: Say, plain: PlainVoice | None, wake: Callable[[], None]) -> None:
        """Without `plain`, words that have no recording stay unsaid."""
        self._order, self._plain, self._wake = order, plain, wake
        self._cancelled = threading.Event()
        self._result: Words | None = None
        threading.Thread(target=self._run, name="words", daemon=True).start()

    def result(self) -> Words | None:
        return self._result

    def cancel(self) -> None:
        self._cancelled.set()

    def _run(self) -> None:
        self._result = self._read()
        self._wake()

    def _read(self) -> Words:
        samples, pause, complaints = bytearray(), bytes(_size(PAUSE_S)), list[str]()
        for piece in self._order.pieces:
            if self._cancelled.is_set() or len(samples) >= _size(SAID_S_MAX):
                complaints.append(f"more than {SAID_S_MAX:.0f} s at once")
                continue
            try:
                said = self._said(piece)
            except (AudioError, OSError, ValueError) as error:
                complaints.append(_complaint(piece, error))
            else:
                samples += (pause if samples else b"") + said
        return Words(bytes(samples[: _size(SAID_S_MAX)]), len(complaints), "; ".join(dict.fromkeys(complaints)))

    def _said(self, piece: Piece) -> bytes:
        if isinstance(piece, Recorded):
            return _recording(Path(piece.file))
        if self._plain is None:
            raise ValueError("this player has no plain voice")
        return narrow(self._plain(piece.text))


def _complaint(piece: Piece, error: Exception) -> str:
    """For the log: of words without a recording, never the words."""
    if isinstance(piece, Recorded) or not isinstance(error, AudioError):
        return str(error)
    return f"the plain voice: {error.code}"


def _recording(file: Path) -> bytes:
    with SoundReader(file) as sound:
        if (sound.rate_hz, sound.channels) != (RATE_HZ, 1):
            raise ValueError(f"{file}: {sound.rate_hz} Hz, {sound.channels} channels; allowed: {RATE_HZ} Hz, 1")
        return narrow(sound.read(min(sound.frames, round(SAID_S_MAX * RATE_HZ))))


def _size(seconds: float) -> int:
    return round(seconds * RATE_HZ) * SAMPLE_BYTES
