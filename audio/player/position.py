"""How many frames were really played, and how long a silence lasted. Arithmetic only."""


class Position:
    """frames played = written - (buffer size - avail): never more than written, never less than before."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self.written_frames = 0
        self.played_frames = 0
        self._seen_ns = 0

    def wrote(self, frames: int, now_ns: int) -> None:
        self.written_frames += frames
        self._seen_ns = self._seen_ns or now_ns

    def observe(self, avail_frames: int, buffer_frames: int, now_ns: int) -> None:
        """Take in what the device says is free."""
        played = self.written_frames - (buffer_frames - avail_frames)
        self.played_frames = max(self.played_frames, min(self.written_frames, played))
        self._seen_ns = now_ns

    def ran_dry(self) -> None:
        """The device has consumed everything that was written."""
        self.played_frames = self.written_frames

    def dry_at_ns(self, now_ns: int) -> int:
        """Return when, by the rate, the device ran out of what was written; not in the future."""
        left_ns = (self.written_frames - self.played_frames) * 1_000_000_000 // self._rate_hz
        return min(self._seen_ns + left_ns, now_ns)
