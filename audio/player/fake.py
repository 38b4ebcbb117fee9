"""A device made of a given clock: it consumes, remembers what was written, and can be told to fail."""

from audio.errors import DeviceError, PackageError
from audio.player.preparing import NotOpened, Opened
from audio.player.protocol import Headphones
from audio.player.sink import Granted, Underrun
from audio.player.words import Words

NEVER_FIRES = (0, 0)
"""Descriptor and mask of a fake device: its clock is moved by hand, and nobody waits for it."""


class FakeClock:
    """A monotonic clock that moves only when told."""

    def __init__(self) -> None:
        self.ns = 1_000_000_000

    def __call__(self) -> int:
        return self.ns

    def advance_ms(self, ms: float) -> None:
        self.ns += int(ms * 1_000_000)


class FakeSink:
    """Behaves as ALSA does: starts at the first write, reports an underrun once it has run dry."""

    def __init__(self, clock: FakeClock, granted: Granted) -> None:
        self._clock = clock
        self._granted = granted
        self._started_ns: int | None = None
        self._queued = 0
        self._before = 0
        self._vanished = self._draining = False
        self._hangs_ns: int | None = None
        self.written = bytearray()
        self.closed = False

    @property
    def granted(self) -> Granted:
        return self._granted

    @property
    def consumed_frames(self) -> int:
        """Frames truly played since the device was opened."""
        return self._before + min(self._queued, self._due())

    def vanish(self) -> None:
        """Unplug the device now."""
        self._before, self._queued, self._started_ns = self.consumed_frames, 0, None
        self._vanished = True

    def hang(self) -> None:
        """Consume nothing more from now on, and say nothing."""
        self._hangs_ns = self._clock.ns

    def underrun(self) -> None:
        """Pretend that everything written has been consumed already."""
        self._started_ns = -(1 << 60)

    def write(self, block: memoryview) -> int:
        self._look()
        self._underrun_if_dry()
        frame_bytes = self._granted.channels * self._granted.sample_bytes
        taken = min(len(block) // frame_bytes, self.avail_frames())
        self.written += block[: taken * frame_bytes]
        self._queued += taken
        self._started_ns = self._started_ns or self._clock.ns
        return taken

    def avail_frames(self) -> int:
        self._look()
        if self._dry() and not self._draining:
            raise Underrun
        return self._granted.buffer_frames - (self._queued - min(self._queued, self._due()))

    def drain(self) -> None:
        self._draining = True

    def rewind(self) -> None:
        self._look()
        self._before, self._queued, self._started_ns = self.consumed_frames, 0, None
        self._draining = False

    def poll_fds(self) -> list[tuple[int, int]]:
        """Nothing once it has run dry, as dmix."""
        return [] if self._dry() else [NEVER_FIRES]

    def has_room(self, fired: list[tuple[int, int]]) -> bool:
        return bool(fired)

    def close(self) -> None:
        self.closed = True

    def _due(self) -> int:
        if self._started_ns is None:
            return 0
        now_ns = self._clock.ns if self._hangs_ns is None else self._hangs_ns
        return (now_ns - self._started_ns) * self._granted.rate_hz // 1_000_000_000

    def _dry(self) -> bool:
        return self._started_ns is not None and self._due() >= self._queued

    def _underrun_if_dry(self) -> None:
        if self._dry():
            self._before, self._queued, self._started_ns = self._before + self._queued, 0, None
            raise Underrun

    def _look(self) -> None:
        if self._vanished:
            raise DeviceError(
                "device-lost", "The fake device was told to vanish", value="fake", allowed="", remedy="Plug it in."
            )


class FakeSource:
    """Blocks from memory; can be late, and can turn out to be damaged."""

    def __init__(self, samples: bytes, block_bytes: int) -> None:
        self._blocks = [samples[at : at + block_bytes] for at in range(0, len(samples), block_bytes)]
        self.late = False
        self.damaged = False
        self.closed = False

    def take(self) -> bytes | None:
        if self.damaged:
            raise PackageError(
                "part-truncated", "The fake source is damaged", value="fake", allowed="", remedy="Another package."
            )
        if self.late:
            return None
        return self._blocks.pop(0) if self._blocks else b""

    def close(self) -> None:
        self.closed = True


class FakeJack:
    """A socket whose plug moves when told."""

    def __init__(self, headphones: Headphones = "in") -> None:
        self.headphones: Headphones = headphones
        self.closed = False

    def look(self) -> Headphones:
        return self.headphones

    def poll_fds(self) -> list[tuple[int, int]]:
        return []

    def close(self) -> None:
        self.closed = True


class FakeFetch:
    """Words that are there when told."""

    def __init__(self) -> None:
        self.words: Words | None = None
        self.cancelled = False

    def result(self) -> Words | None:
        return self.words

    def cancel(self) -> None:
        self.cancelled = True


class FakePreparation:
    """Ends when it is told how."""

    def __init__(self, result: Opened | NotOpened | None = None) -> None:
        self.end: Opened | NotOpened | None = result
        self.cancelled = False

    def result(self) -> Opened | NotOpened | None:
        return self.end

    def cancel(self) -> None:
        self.cancelled = True
