"""One care session, from its preparation to its result."""

from collections.abc import Callable

from audio.errors import DeviceError, PackageError
from audio.player.config import PlayerConfig
from audio.player.headphones import JackWatch
from audio.player.playback import Playback
from audio.player.preparing import NotOpened, Opened, Preparation
from audio.player.protocol import (
    Cause,
    Headphones,
    HeadphonesChange,
    Outcome,
    PlayerPhase,
    PlayerStatus,
    Prepare,
)
from audio.player.sink import Sink
from audio.player.tally import Tally


class CareSession:
    """Holds the truth about one session until it is collected."""

    def __init__(
        self, order: Prepare, preparation: Preparation, config: PlayerConfig, now_ns: Callable[[], int]
    ) -> None:
        self.order = order
        self.phase: PlayerPhase = "preparing"
        self.playback: Playback | None = None
        self._preparation, self._config, self._now_ns = preparation, config, now_ns
        self._opened: Opened | None = None
        self._gain_db = order.gain_db
        self._headphones: Headphones = "unknown"
        self._headphones_changes: Tally[HeadphonesChange] = Tally()
        self._after_fade: tuple[Outcome, Cause | None] | None = None
        self._outcome: Outcome | None = None
        self._cause: Cause | None = None
        self._detail: str | None = None

    @property
    def sounding(self) -> bool:
        return self.phase in ("playing", "fading")

    @property
    def ready_sink(self) -> Sink | None:
        """The device while it waits for the start; words may use it until then."""
        return self._opened.sink if self._opened is not None and self.phase == "ready" else None

    @property
    def started(self) -> bool:
        """Whether somebody has started it. What nobody has is no session yet."""
        return self.phase not in ("preparing", "ready")

    def start(self) -> None:
        if self.playback is not None and self.phase == "ready":
            self.phase = "playing"
            self._guarded(self.playback.start)

    def set_gain(self, gain_db: float) -> None:
        if self.phase == "ended":
            return
        self._gain_db = gain_db
        if self.playback is not None:
            self.playback.set_gain(gain_db, self._config.gain_ramp_ms)

    def leave(self, outcome: Outcome, cause: Cause | None, fade_ms: int) -> None:
        """End before the end: by a fade when it sounds, at once when it does not yet."""
        if self.phase == "playing" and self.playback is not None:
            self.phase, self._after_fade = "fading", (outcome, cause)
            self.playback.fade_out(fade_ms)
        elif not self.started:
            self.forget()
            self._end(outcome, cause)

    def forget(self) -> None:
        """Let go of what was prepared, and of nothing else."""
        if self.phase == "preparing":
            self._preparation.cancel()
        elif self._opened is not None:
            self._opened.close()

    def tick(self) -> None:
        if self.phase == "preparing":
            self._look_at_preparation()
        elif self.sounding and self.playback is not None:
            self._guarded(self.playback.pump)
        if self._opened is not None and self.phase != "ended":
            self._look_at_plug(self._opened.jack)

    def poll_fds(self) -> list[tuple[int, int]]:
        """Return what to wait on: room in the device's buffer, a plug that moves."""
        if self._opened is None or self.phase == "ended":
            return []
        room = self.playback.poll_fds() if self.playback and self.sounding else []
        return room + self._opened.jack.poll_fds()

    def worth_a_tick(self, fired: list[tuple[int, int]]) -> bool:
        """Return whether what fired means a plug that moved, or room (some devices fire for nothing)."""
        if self._opened is None or self.playback is None:
            return True
        jack = self._opened.jack.poll_fds()
        at_device = [pair for pair in fired if pair[0] not in {fd for fd, _ in jack}]
        return len(at_device) < len(fired) or self.playback.has_room(at_device)

    def close(self) -> None:
        """Cut what sounds, at once; a fade that somebody asked for keeps its reason."""
        if self.sounding:
            self._end(*(self._after_fade or ("interrupted", "player-stopped")))

    def mark(self) -> object:
        gaps_total = self.playback.gaps.total if self.playback else 0
        return (self.order.session, self.phase, self._gain_db, gaps_total, self._headphones)

    def status(self) -> PlayerStatus:
        frames, rate_hz = self._length()
        play = self.playback
        return PlayerStatus(
            phase=self.phase,
            session=self.order.session,
            package=self.order.package,
            frames_total=frames,
            frames_played=play.frames_played if play else 0,
            rate_hz=rate_hz,
            gaps=play.gaps.kept if play else (),
            gaps_total=play.gaps.total if play else 0,
            gain_db=self._gain_db,
            level_changes=play.level_changes.kept if play else (),
            level_changes_total=play.level_changes.total if play else 0,
            headphones=self._headphones,
            headphones_changes=self._headphones_changes.kept,
            headphones_changes_total=self._headphones_changes.total,
            outcome=self._outcome,
            cause=self._cause,
            detail=self._detail,
            first_frame_monotonic_ns=play.first_frame_ns if play else None,
        )

    def _length(self) -> tuple[int, int]:
        manifest = self._opened.package.manifest if self._opened else None
        return (manifest.frames, manifest.rate_hz) if manifest else (0, 0)

    def _look_at_preparation(self) -> None:
        result = self._preparation.result()
        if isinstance(result, NotOpened):
            self._end("failed", result.cause, result.detail)
        elif result is not None:
            self._opened = result
            self.playback = Playback(result.sink, result.source, self._gain_db, self._now_ns)
            self._headphones = result.jack.look()
            self.phase = "ready"

    def _look_at_plug(self, jack: JackWatch) -> None:
        """A plug that moves is told, and nothing else: the sound goes on (A7)."""
        now = jack.look()
        if now == self._headphones:
            return
        self._headphones = now
        if self.playback is not None and self.started:
            self._headphones_changes.add(HeadphonesChange(self.playback.frames_played, now))

    def _guarded(self, step: Callable[[], None]) -> None:
        try:
            step()
        except DeviceError as error:
            self._end("failed", "device-lost", str(error))
        except PackageError as error:
            self._end("failed", "package-damaged", f"{error.code}: {error}")
        else:
            self._end_when_drained()

    def _end_when_drained(self) -> None:
        if self.playback is None or self.playback.stage != "drained":
            return
        whole = self.playback.frames_played == self._length()[0]
        if whole:
            self._end("heard_whole", None)
        elif self._after_fade:
            self._end(*self._after_fade)
        else:
            self._end("failed", "package-damaged", "The audio ended before its last frame.")

    def _end(self, outcome: Outcome, cause: Cause | None, detail: str | None = None) -> None:
        self.phase, self._outcome, self._cause, self._detail = "ended", outcome, cause, detail
        if self._opened is not None:
            self._opened.close()
