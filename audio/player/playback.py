"""Carries frames from the source to the device, and knows the truth about them. Its clock is given."""

from collections.abc import Callable
from typing import Literal

from audio.player.gain import SAMPLE_BYTES, STEP_FRAMES, Gain, Samples, factor_of, narrow
from audio.player.position import Position
from audio.player.protocol import Gap, LevelChange
from audio.player.sink import Granted, Sink, Underrun
from audio.player.source import END, Source
from audio.player.speech import Speech
from audio.player.standstill import Standstill
from audio.player.tally import Tally

WRITES_A_PUMP_MAX = 64
LOOK_S = 0.02
SAFETY_S_MAX = 1.0
BUFFER_SHARE = 2
"""A card that has not fired is looked at when this share of its buffer has gone: it may not fire before it is dry.

It fires once a whole period is free, at its period's end. Who wrote a few frames in between is short of a period by as
many there, and woken at the next end: with two periods that is when nothing is left but those frames (seen in QEMU:
gaps of 6 to 18 ms, at whole seconds).
"""


class Playback:
    """One pass over the source, from the first frame to the last, or to a fade-out. It cannot pause."""

    def __init__(self, sink: Sink, source: Source, gain_db: float, now_ns: Callable[[], int]) -> None:
        self._sink, self._source, self._now_ns = sink, source, now_ns
        self._safety_s = min(SAFETY_S_MAX, sink.granted.buffer_frames / sink.granted.rate_hz / BUFFER_SHARE)
        self._frame_bytes = sink.granted.channels * sink.granted.sample_bytes
        self._decoded_frame_bytes = sink.granted.channels * SAMPLE_BYTES
        self._gain = Gain(sink.granted.channels, factor_of(gain_db))
        self._gain_db = gain_db
        self._position = Position(sink.granted.rate_hz)
        self._standstill = Standstill(sink.granted)
        self._decoded = memoryview(b"")  # as it is in the package
        self._pending = memoryview(b"")  # at its level, offered to the device
        self._dry_ns: int | None = None
        self._fading = False
        self._silent_by_ns: int | None = None
        self._pumped_ns = 0
        self._kind: Literal["underrun", "starved"] = "underrun"
        self.stage: Literal["ready", "playing", "draining", "drained"] = "ready"
        self.starved = False
        self.over: Speech | None = None
        """Words to mix in. Without any, what comes out is the package bit for bit, at its level."""
        self.gaps: Tally[Gap] = Tally()
        self.level_changes: Tally[LevelChange] = Tally()
        self.first_frame_ns: int | None = None

    @property
    def granted(self) -> Granted:
        return self._sink.granted

    @property
    def frames_played(self) -> int:
        return self._position.played_frames

    def poll_fds(self) -> list[tuple[int, int]]:
        """Return what to wait on for room; nothing while there is nothing to write."""
        return self._sink.poll_fds() if self.stage == "playing" and not self.starved else []

    def has_room(self, fired: list[tuple[int, int]]) -> bool:
        """Return whether a look is worth it; a device that fires for nothing is looked at from time to time too."""
        return self._sink.has_room(fired) or self._now_ns() - self._pumped_ns >= self._safety_s * 1e9

    def wait_s_max(self) -> float:
        """Return how long nobody needs to look. A device that has nothing to wait on is looked at: it has run dry."""
        mute = self.stage == "playing" and not self._sink.poll_fds()
        return LOOK_S if self.starved or self.stage == "draining" or mute else self._safety_s

    def start(self) -> None:
        self.stage = "playing"
        self.pump()

    def set_gain(self, gain_db: float, ramp_ms: int) -> None:
        """Move to another level, in a straight line of amplitude. A fade-out under way is not undone."""
        if self._fading or self.stage not in ("ready", "playing") or gain_db == self._gain_db:
            return
        self._gain_db = gain_db
        self._gain.ramp_to(factor_of(gain_db), self._frames(ramp_ms) if self.stage != "ready" else 0)
        self.level_changes.add(LevelChange(self._next_frame(), gain_db))

    def fade_out(self, fade_ms: int) -> None:
        """Fall to silence, then end: whatever the device and the source do, within a limit."""
        if not self._fading:
            self._fading = True
            self._gain.ramp_to(0.0, self._frames(fade_ms))
            self._silent_by_ns = self._now_ns() + round(self._fade_s_max() * 1e9)

    def pump(self) -> None:
        """Write what the device takes, and look where it is. Raises DeviceError, PackageError."""
        if self.stage == "playing":
            self._fill()
        if self.stage == "draining":
            self._see_the_end()
        if self.stage in ("playing", "draining"):
            self._look_at_the_clock()

    def _next_frame(self) -> int:
        """The first frame that is not at its level yet."""
        return self._position.written_frames + len(self._pending) // self._frame_bytes

    def _frames(self, ms: int) -> int:
        return self._sink.granted.rate_hz * ms // 1000

    def _fade_s_max(self) -> float:
        """What is written, what is about to be, the fade itself; and as long as a device may stand still."""
        left_frames = (
            self._sink.granted.buffer_frames + len(self._pending) // self._frame_bytes + self._gain.ramp_frames
        )
        return left_frames / self._sink.granted.rate_hz + self._standstill.hung_s_max

    def _look_at_the_clock(self) -> None:
        self._pumped_ns = self._now_ns()
        moved_frames = self._position.written_frames + self._position.played_frames
        self._standstill.look(moved_frames, self._pumped_ns, starved=self.starved)
        if self._silent_by_ns is not None and self._pumped_ns >= self._silent_by_ns:
            self.stage = "drained"  # a fade that crawls is cut

    def _fill(self) -> None:
        """Write as much as there is room for: what waits in the device is all that a change of level comes late."""
        for _ in range(WRITES_A_PUMP_MAX):
            room_frames = self._room_frames() // STEP_FRAMES * STEP_FRAMES  # a level moves in whole steps
            if not room_frames or not (self._pending or self._load(room_frames)) or not self._offer():
                return

    def _room_frames(self) -> int:
        buffer_frames = self._sink.granted.buffer_frames
        try:
            avail_frames = self._sink.avail_frames()
        except Underrun:
            self._ran_dry()
            return buffer_frames
        self._position.observe(avail_frames, buffer_frames, self._now_ns())
        return avail_frames

    def _load(self, room_frames: int) -> bool:
        """Make the next frames ready; False when there are none now, or no more."""
        if self._fading and not self._gain.ramp_frames:
            return self._no_more()
        if not self._decoded:
            block = self._source.take()
            self.starved = block is None
            if block is None:
                return False
            if block == END:
                return self._no_more()
            self._decoded = memoryview(block)
        size = room_frames * self._decoded_frame_bytes
        piece, self._decoded = self._decoded[:size], self._decoded[size:]
        self._pending = memoryview(self._at_level(piece))
        return True

    def _at_level(self, piece: memoryview) -> Samples:
        if self._fading:
            piece = piece[: self._gain.ramp_frames * self._decoded_frame_bytes]
        samples = self._gain.apply(piece)
        if self.over is not None and self.over.frames_left:
            samples = self.over.over(samples)
        return narrow(samples) if self._sink.granted.sample_bytes == 2 else samples

    def _no_more(self) -> bool:
        self._sink.drain()
        self.stage, self.starved = "draining", False
        return False

    def _offer(self) -> bool:
        """Write what is pending; True when it is worth writing again at once."""
        try:
            taken = self._sink.write(self._pending)
        except Underrun:  # nothing was taken: the same is written again
            self._ran_dry()
            return True
        self._took(taken)
        return not self._pending

    def _took(self, frames: int) -> None:
        if not frames:
            return
        now_ns = self._now_ns()
        self.first_frame_ns = self.first_frame_ns or now_ns
        self._end_gap(now_ns)
        self._position.wrote(frames, now_ns)
        self._pending = self._pending[frames * self._frame_bytes :]

    def _ran_dry(self) -> None:
        if self._dry_ns is None:
            self._dry_ns = self._position.dry_at_ns(self._now_ns())
            self._kind = "starved" if self.starved else "underrun"
            self._position.ran_dry()

    def _end_gap(self, now_ns: int) -> None:
        if self._dry_ns is None:
            return
        gap = Gap(self._position.written_frames, round((now_ns - self._dry_ns) / 1e6, 3), self._kind)
        self._dry_ns = None
        self.gaps.add(gap)

    def _see_the_end(self) -> None:
        if self._room_frames() >= self._sink.granted.buffer_frames:
            self._position.ran_dry()
            self.stage = "drained"
