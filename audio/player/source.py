"""Decodes ahead in a thread of its own, into a store that cannot grow beyond its limit."""

import threading
from collections import deque
from typing import Protocol

from audio.errors import PackageError
from audio.package import Package, Part
from audio.sound_file import SAMPLE_BYTES, SoundReader

CLOSE_S_MAX = 0.5
PRIME_S_MAX = 10.0
END = b""


class Source(Protocol):
    """Where the frames come from."""

    def take(self) -> bytes | None:
        """Return the next block of S32 frames, None when it is not decoded yet, END after the last.

        Raises PackageError when the audio turns out to be damaged.
        """

    def close(self) -> None: ...


class DecodeAhead:
    """Reads the parts of a package one after the other, some seconds before they are needed."""

    def __init__(self, package: Package, block_ms: int, ahead_ms: int) -> None:
        self._package = package
        self._block_frames = package.manifest.rate_hz * block_ms // 1000
        self._blocks: deque[bytes | Exception] = deque()
        self._blocks_max = max(2, ahead_ms // block_ms)
        self._room = threading.Event()
        self._closed = threading.Event()
        self._primed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="decode-ahead", daemon=True)
        self._thread.start()

    def prime(self) -> None:
        """Wait until as much is in memory as may be, or all. Raises PackageError."""
        if not self._primed.wait(PRIME_S_MAX):
            raise PackageError(
                "part-slow",
                "The audio could not be read in time",
                value=f"not there after {PRIME_S_MAX} s",
                allowed="some seconds of audio well before",
                remedy="Look at the storage of the box.",
            )

    def take(self) -> bytes | None:
        if not self._blocks:
            return None
        block = self._blocks.popleft()
        if len(self._blocks) <= self._blocks_max // 2:
            self._room.set()
        if isinstance(block, Exception):
            raise block
        return block

    def close(self) -> None:
        """Let the thread end. One that hangs in a dying card is left behind: the loop has a sound to stop."""
        self._closed.set()
        self._room.set()
        self._thread.join(CLOSE_S_MAX)
        self._blocks.clear()

    def _run(self) -> None:
        try:
            for part in self._package.manifest.parts:
                self._decode(part)
            self._put(END)
        except Exception as error:  # noqa: BLE001 - carried to the loop, which decides
            self._put(error)
        self._primed.set()

    def _decode(self, part: Part) -> None:
        left = part.frames
        with SoundReader(self._package.path / part.file) as sound:
            frame_bytes = SAMPLE_BYTES * sound.channels
            while left and not self._closed.is_set():
                block = sound.read(min(left, self._block_frames))
                if not block:
                    raise _short(part, left)
                left -= len(block) // frame_bytes
                self._put(block)

    def _put(self, block: bytes | Exception) -> None:
        """Keep the block. When the store is full, sleep until half of it is gone: a wake now and then is cheaper."""
        self._blocks.append(block)
        self._room.clear()
        if len(self._blocks) >= self._blocks_max and not self._closed.is_set():
            self._primed.set()
            self._room.wait()  # without a limit of time: `close` makes room


def _short(part: Part, left: int) -> PackageError:
    return PackageError(
        "part-truncated",
        f"{part.file} ends too early",
        value=f"{left} frames missing",
        allowed=f"{part.frames} frames",
        remedy="Install the package again.",
    )
