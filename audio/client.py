"""What the kiosk holds of the player: a socket that never blocks, and a fake that behaves."""

import os
import socket
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from audio.errors import AudioError
from audio.player.protocol import (
    LINE_BYTES_MAX,
    Answer,
    Attend,
    Collect,
    Command,
    Examine,
    Examined,
    Hush,
    PlayerStatus,
    Prepare,
    ProtocolError,
    Refused,
    Say,
    SetGain,
    Spoken,
    Start,
    Status,
    Stop,
    decode_answer,
    encode,
)

READ_BYTES = 64 * 1024


class PlayerGone(AudioError):
    """The player cannot be reached, or has left."""


class Player(Protocol):
    """What plays the sessions."""

    def connect(self) -> None:
        """Raises PlayerGone."""

    def fileno(self) -> int:
        """Return the descriptor to wait on for `receive`. Raises PlayerGone when not connected."""

    def send(self, command: Command) -> None:
        """Raises PlayerGone."""

    def receive(self) -> list[Answer]:
        """Return what arrived, without waiting. Raises PlayerGone once the socket is closed and all was returned."""

    def close(self) -> None: ...


class PlayerClient:
    """The player on its Unix socket. After PlayerGone, `connect` again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._socket: socket.socket | None = None
        self._partial = b""

    def connect(self) -> None:
        self.close()
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        try:
            connection.connect(str(self._path))
        except OSError as error:
            connection.close()
            raise self._gone(error) from error
        self._socket, self._partial = connection, b""

    def fileno(self) -> int:
        return self._connected().fileno()

    def send(self, command: Command) -> None:
        line = encode(command)
        try:
            sent = self._connected().send(line)
        except OSError as error:
            raise self._left(error) from error
        if sent != len(line):
            raise self._left("it does not read")

    def receive(self) -> list[Answer]:
        data, ended = self._read()
        *lines, self._partial = (self._partial + data).split(b"\n")
        if ended and not lines:
            raise self._left("the socket was closed")
        if len(self._partial) > LINE_BYTES_MAX:
            raise self._left("it says a line without an end")
        try:
            return [decode_answer(line) for line in lines]
        except ProtocolError as error:  # another version's words: better no player than half of one
            raise self._left(error) from error

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
        self._socket = None

    def _read(self) -> tuple[bytes, bool]:
        try:
            data = self._connected().recv(READ_BYTES)
        except BlockingIOError:
            return b"", False
        except OSError as error:
            raise self._left(error) from error
        return data, not data

    def _connected(self) -> socket.socket:
        if self._socket is None:
            raise self._gone("not connected")
        return self._socket

    def _left(self, why: object) -> PlayerGone:
        self.close()
        return self._gone(why)

    def _gone(self, why: object) -> PlayerGone:
        return PlayerGone(
            "player-gone",
            "The player cannot be reached",
            value=f"{self._path}: {why}",
            allowed="a running player",
            remedy="Look at its unit: systemctl status chevet-player.",
        )


class FakePlayer:
    """Answers as the player does, at once; remembers the commands; moves only when told."""

    def __init__(self, frames_total: int = 48_000 * 60, rate_hz: int = 48_000) -> None:
        self.commands: list[Command] = []
        self.status = PlayerStatus()
        self.connected = self.gone = False
        self._frames_total, self._rate_hz = frames_total, rate_hz
        self._answers: list[Answer] = []
        self.saying: Say | None = None
        self._bell = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)

    def __del__(self) -> None:
        os.close(self._bell)

    def connect(self) -> None:
        self._alive()
        self.connected = True

    def fileno(self) -> int:
        self._connected()
        return self._bell

    def send(self, command: Command) -> None:
        self._connected()
        self.commands.append(command)
        self._push(self._answered(command))

    def receive(self) -> list[Answer]:
        answers, self._answers = self._answers, []
        if answers:
            os.eventfd_read(self._bell)
        else:
            self._connected()
        return answers

    def close(self) -> None:
        self.connected = False

    def tell(self, **fields: object) -> None:
        """Change the status and push it: `tell(frames_played=…)`, `tell(phase="ended", outcome="heard_whole")`."""
        self.status = msgspec.structs.replace(self.status, **fields)
        self._push(self.status)

    def play_whole(self) -> None:
        """Let the session under way come to its end."""
        self.tell(phase="ended", outcome="heard_whole", frames_played=self.status.frames_total)

    def say_all(self, unsaid: int = 0) -> None:
        """Let the words under way come to their end."""
        if self.saying is not None:
            self._over("said", unsaid)

    def vanish(self) -> None:
        """The process is killed: every call fails until `come_back`, which has forgotten everything."""
        self.gone, self.connected, self.saying = True, False, None

    def come_back(self) -> None:
        self.gone, self.status = False, PlayerStatus()

    def _alive(self) -> None:
        if self.gone:
            raise PlayerGone("player-gone", "The fake player was killed", value="fake", allowed="", remedy="come_back")

    def _connected(self) -> None:
        self._alive()
        if not self.connected:
            raise PlayerGone("player-gone", "Not connected", value="fake", allowed="", remedy="connect")

    def _over(self, outcome: Literal["said", "hushed"], unsaid: int = 0) -> None:
        if self.saying is not None:
            over, self.saying = Spoken(id=self.saying.id, outcome=outcome, unsaid=unsaid), None
            self._push(over)

    def _push(self, answer: Answer) -> None:
        if not self._answers:
            os.eventfd_write(self._bell, 1)
        self._answers.append(answer)

    def _answered(self, command: Command) -> Answer:
        if isinstance(command, Say | Hush | Prepare | Start):
            self._over("hushed")
        if isinstance(command, Say):
            self.saying = command
        if isinstance(command, Examine):
            return Examined(card=True, card_told="a fake card", level=True, level_told="its level is set")
        if not isinstance(command, Status | Attend | Prepare | Say | Hush) and command.session != self.status.session:
            return Refused(type(command).__name__, "unknown-session")
        match command:
            case Prepare():
                return self._prepared(command)
            case Start():
                return self._started()
            case SetGain() if self.status.phase != "ended":
                self.status = msgspec.structs.replace(self.status, gain_db=command.gain_db)
            case Stop() if self.status.phase != "ended":
                self.status = msgspec.structs.replace(self.status, phase="ended", outcome="stopped")
            case Collect():
                return self._collected()
        return self.status

    def _prepared(self, order: Prepare) -> Answer:
        if self.status.session not in (None, order.session):
            return Refused("Prepare", "busy", str(self.status.session))
        if self.status.session is None:
            self.status = PlayerStatus(
                phase="ready",
                session=order.session,
                package=order.package,
                gain_db=order.gain_db,
                frames_total=self._frames_total,
                rate_hz=self._rate_hz,
            )
        elif self.status.phase == "ready":
            self.status = msgspec.structs.replace(self.status, gain_db=order.gain_db)
        return self.status

    def _started(self) -> Answer:
        if self.status.phase != "ready":
            return Refused("Start", "already-started", self.status.phase)
        self.status = msgspec.structs.replace(self.status, phase="playing", first_frame_monotonic_ns=1)
        return self.status

    def _collected(self) -> Answer:
        if self.status.phase != "ended":
            return Refused("Collect", "nothing-to-collect", self.status.phase)
        self.status = PlayerStatus()
        return self.status
