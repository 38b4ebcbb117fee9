"""The player as the shell holds it: found again when it goes, its words turned into the journey's events."""

import logging
from pathlib import Path

from audio.client import Player, PlayerGone
from audio.errors import AudioError
from audio.player import protocol
from kiosk.journey import effects
from kiosk.journey.events import Sound
from mqtt_bridge.contract.report import Gap, HeadphonesChange, LevelChange

RETRY_MS = 500
log = logging.getLogger(__name__)


class SoundDesk:
    """Sends the journey's orders, gives what the player says. Never waits."""

    def __init__(self, player: Player, packages: Path) -> None:
        self._player, self._packages = player, packages
        self._connected = False
        self._departed = False
        self._retry_at_ms = 0
        self._over: list[protocol.Spoken] = []

    def filenos(self) -> list[int]:
        """What to wait on. A player that is found to be gone here is told by the next `hear`."""
        if not self._connected:
            return []
        try:
            return [self._player.fileno()]
        except PlayerGone as error:
            self._lose(error)
            return []

    @property
    def connected(self) -> bool:
        """Whether the player is there, as far as is known."""
        return self._connected

    def retry_ms(self, now_ms: int) -> int | None:
        """Milliseconds until the player is looked for again; None when it is there."""
        return None if self._connected else max(0, self._retry_at_ms - now_ms)

    def find(self, now_ms: int) -> None:
        """Look for a player that is not there, at most every half second, and ask where it is."""
        if self._connected or now_ms < self._retry_at_ms:
            return
        self._retry_at_ms = now_ms + RETRY_MS
        try:
            self._player.connect()
            self._player.send(protocol.Attend())  # we are the kiosk: without us the sound would end by itself
        except PlayerGone:
            return
        self._connected = True

    def _lose(self, error: AudioError) -> None:
        log.warning("player gone: %s", error)
        self._connected, self._departed = False, True

    def hear(self) -> list[Sound | None]:
        """What the player said, oldest first; None when it went away."""
        said: list[Sound | None] = []
        if self._connected:
            try:
                said += [sound for answer in self._player.receive() if (sound := self._sound(answer))]
            except AudioError as error:  # gone, or of another version than ours
                self._lose(error)
        if self._departed:
            self._departed = False
            said.append(None)
        return said

    def spoken(self) -> list[protocol.Spoken]:
        """Return which words came to their end since the last time."""
        over, self._over = self._over, []
        return over

    def tell(self, order: effects.Prepare | effects.Start | effects.Stop | effects.SetGain | effects.Collect) -> None:
        """Pass an order on. A player that is away is told again by the journey once it is found."""
        self.pass_on(self._command(order))

    def pass_on(self, command: protocol.Command) -> bool:
        """Send it; False when nobody is there to take it."""
        if not self._connected:
            return False
        try:
            self._player.send(command)
        except PlayerGone as error:
            self._lose(error)
        return self._connected

    def close(self) -> None:
        self._player.close()

    def _command(
        self, order: effects.Prepare | effects.Start | effects.Stop | effects.SetGain | effects.Collect
    ) -> protocol.Command:
        match order:
            case effects.Prepare(session, package, fingerprint, gain_db):
                path = str((self._packages / package).absolute())
                return protocol.Prepare(session=session, package=path, fingerprint=fingerprint, gain_db=gain_db)
            case effects.Start(session):
                return protocol.Start(session)
            case effects.Stop(session):
                return protocol.Stop(session)
            case effects.SetGain(session, gain_db):
                return protocol.SetGain(session, gain_db)
            case effects.Collect(session):
                return protocol.Collect(session)

    def _sound(self, answer: protocol.Answer) -> Sound | None:
        if isinstance(answer, protocol.Spoken):
            self._over.append(answer)
            return None
        if isinstance(answer, protocol.Examined):
            return None  # the self-test asks on a connection of its own
        if isinstance(answer, protocol.Refused):
            log.warning("player refused %s: %s %s", answer.command, answer.reason, answer.detail)
            if answer.reason == "busy":
                self._player.send(protocol.Status())  # it holds another session: the journey decides
            return None
        if answer.outcome == "failed":
            log.error("the sound failed: %s: %s", answer.cause, answer.detail)
        return Sound(
            phase=answer.phase,
            session=answer.session,
            frames_total=answer.frames_total,
            frames_played=answer.frames_played,
            rate_hz=answer.rate_hz,
            gaps=tuple(Gap(at_frame=g.at_frame, duration_ms=g.duration_ms) for g in answer.gaps),
            gaps_total=answer.gaps_total,
            gain_db=answer.gain_db,
            outcome=answer.outcome,
            cause=answer.cause or "",
            level_changes=tuple(LevelChange(at_frame=c.at_frame, gain_db=c.gain_db) for c in answer.level_changes),
            level_changes_total=answer.level_changes_total,
            headphones=answer.headphones,
            headphones_changes=tuple(
                HeadphonesChange(at_frame=c.at_frame, headphones=c.headphones) for c in answer.headphones_changes
            ),
            headphones_changes_total=answer.headphones_changes_total,
        )
