"""Decides what each command may do. No socket, no thread, no clock of its own."""

from collections.abc import Callable

from audio.player.config import PlayerConfig
from audio.player.examining import LookAtCard
from audio.player.mouth import Mouth
from audio.player.preparing import Preparer
from audio.player.protocol import (
    Answer,
    Attend,
    Cause,
    Collect,
    Command,
    Examine,
    Hush,
    PlayerStatus,
    Prepare,
    Reason,
    Refused,
    Say,
    SetGain,
    Spoken,
    Start,
    Status,
    Stop,
)
from audio.player.session import CareSession


class PlayerCore:
    """At most one session at a time, kept until it is collected."""

    def __init__(
        self,
        config: PlayerConfig,
        prepare: Preparer,
        mouth: Mouth,
        look_at_card: LookAtCard,
        now_ns: Callable[[], int],
    ) -> None:
        self._config, self._prepare, self._mouth, self._now_ns = config, prepare, mouth, now_ns
        self._look_at_card = look_at_card
        self._session: CareSession | None = None
        self._away_since_ns: int | None = now_ns()

    def handle(self, command: Command) -> Answer:
        match command:
            case Status() | Attend():
                return self.status()
            case Examine():
                return self._examined(command)
            case Prepare():
                return self._prepare_session(command)
            case Start() | Stop() | SetGain() | Collect():
                return self._command_session(command)
            case Say():
                self._mouth.say(command)
                self._mouth.tick(self._session)
            case Hush():
                self._mouth.hush()
        return self.status()

    def tick(self) -> None:
        """Let the sound go on, and see whether anybody is still there."""
        if self._session is not None:
            self._session.tick()
            self._leave_when_alone(self._session)
        self._mouth.tick(self._session)

    def spoken(self) -> list[Spoken]:
        """Return which words came to their end since the last time."""
        return self._mouth.told()

    def clients(self, attending: int) -> None:
        """Tell how many connected clients attend to the sound: without one, nobody could stop it."""
        if attending:
            self._away_since_ns = None
            return
        self._mouth.cut()  # nobody is there who could hush it
        if self._away_since_ns is None:
            self._away_since_ns = self._now_ns()

    def stop(self) -> None:
        """The process is asked to end: fade out what sounds."""
        if self._session is not None:
            self._leave(self._session, "player-stopped", self._config.fade_stop_ms)

    def close(self) -> None:
        """Let go of the device and the threads; what was under way is over."""
        self._mouth.cut()
        self.stop()
        if self._session is not None:
            self._session.close()

    def status(self) -> PlayerStatus:
        return self._session.status() if self._session else PlayerStatus()

    def mark(self) -> object:
        """Return something that differs whenever the status changed in more than its frames."""
        return self._session.mark() if self._session else None

    @property
    def sounding(self) -> bool:
        return self._session is not None and self._session.sounding

    def poll_fds(self) -> list[tuple[int, int]]:
        """Return what to wait on: room in the device's buffer, a plug that moves."""
        return self._session.poll_fds() if self._session else []

    def worth_a_tick(self, fired: list[tuple[int, int]]) -> bool:
        """Return whether what fired of `poll_fds` means that something can be done."""
        return self._session is None or self._session.worth_a_tick(fired)

    def wait_s_max(self) -> float | None:
        """Return how long the loop may sleep if nothing happens."""
        playback = self._session.playback if self._session and self._session.sounding else None
        waits = [playback.wait_s_max()] if playback else []
        if self._away_since_ns is not None and self._session and self._session.phase not in ("fading", "ended"):
            waits.append(max(0.0, self._config.kiosk_away_s_max - self._away_s()))
        if (words_s := self._mouth.wait_s_max()) is not None:
            waits.append(words_s)
        return min(waits, default=None)

    def _examined(self, order: Examine) -> Answer:
        """A card that is open already is not opened twice; one that a thread waits for is nobody's to judge."""
        phase = self._session.phase if self._session is not None else "ended"
        if phase == "preparing":
            return _refused(order, "busy", "a session is being prepared: ask again later")
        return self._look_at_card(self._mouth.speaking or phase != "ended")

    def _prepare_session(self, order: Prepare) -> Answer:
        if self._session is not None and self._session.order.session == order.session:
            return self._prepared_again(self._session, order)
        if self._session is not None:
            return _refused(order, "busy", f"{self._session.order.session} is {self._session.phase}: collect it first")
        if not order.package.startswith("/"):
            return _refused(order, "path-not-absolute", order.package)
        self._mouth.cut()
        self._session = CareSession(order, self._prepare(order), self._config, self._now_ns)
        return self.status()

    def _prepared_again(self, session: CareSession, order: Prepare) -> Answer:
        """The kiosk restarted, and may have reckoned anew: what has not begun begins at the level it says now."""
        if not session.started:
            session.set_gain(order.gain_db)
        return self.status()

    def _command_session(self, command: Start | Stop | SetGain | Collect) -> Answer:
        session = self._session
        if session is None or session.order.session != command.session:
            return _refused(command, "unknown-session", f"here: {session.order.session if session else 'none'}")
        match command:
            case Start():
                return self._start(session, command)
            case Collect():
                return self._collect(session, command)
            case SetGain():
                session.set_gain(command.gain_db)
            case Stop():
                session.leave("stopped", None, self._config.fade_stop_ms)
        return self.status()

    def _start(self, session: CareSession, command: Start) -> Answer:
        if session.phase == "ready":
            self._mouth.cut()
            session.start()
            return self.status()
        return _refused(command, "not-ready" if session.phase == "preparing" else "already-started", session.phase)

    def _collect(self, session: CareSession, command: Collect) -> Answer:
        if session.phase != "ended":
            return _refused(command, "nothing-to-collect", session.phase)
        self._session = None
        return self.status()

    def _away_s(self) -> float:
        return 0.0 if self._away_since_ns is None else (self._now_ns() - self._away_since_ns) / 1e9

    def _leave_when_alone(self, session: CareSession) -> None:
        """Nobody could stop the sound any more (design, Processes)."""
        if self._away_since_ns is not None and self._away_s() >= self._config.kiosk_away_s_max:
            self._leave(session, "kiosk-away", self._config.fade_away_ms)

    def _leave(self, session: CareSession, cause: Cause, fade_ms: int) -> None:
        """What nobody has started cannot be interrupted: it is forgotten, and the device let go."""
        if session.started:
            session.leave("interrupted", cause, fade_ms)
        else:
            session.forget()
            self._session = None


def _refused(command: Command, reason: Reason, detail: str) -> Refused:
    return Refused(type(command).__name__, reason, detail)
