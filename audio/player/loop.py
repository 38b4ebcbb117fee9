"""The one loop of the player: waits on every descriptor at once, lets the core decide, tells the clients."""

import select
import time
from collections.abc import Callable

from audio.player.core import PlayerCore
from audio.player.protocol import (
    LINE_BYTES_MAX,
    Answer,
    Examine,
    ProtocolError,
    Refused,
    Status,
    decode_command,
    encode,
)
from audio.player.server import SocketServer
from audio.player.wake import Wake

STATUS_S = 1.0
STATUS_EARLY_S = 0.1
"""Told with the device's own wakes, when one comes about in time."""
STOP_S_MAX = 5.0


class PlayerLoop:
    """Everything is decided here, one turn after the other."""

    def __init__(self, core: PlayerCore, server: SocketServer, wake: Wake, alive: Callable[[], float | None]) -> None:
        """`alive` is called each turn, and returns how long a turn may last at most."""
        self._core, self._server, self._wake, self._alive = core, server, wake, alive
        self._told: object = ()
        self._told_s = 0.0
        self._stop_s: float | None = None

    def stop(self) -> None:
        """Fade out and leave `run`. May be called by a signal."""
        self._stop_s = time.monotonic() + STOP_S_MAX
        self._wake()

    def run(self) -> None:
        while self._stop_s is None:
            self.turn()
        self._core.stop()
        while self._core.sounding and time.monotonic() < self._stop_s:
            self.turn()
        self._core.close()
        self._tell()

    def turn(self) -> None:
        """Wait until something happens, and deal with it."""
        self._core.clients(self._server.attending)
        fired = self._wait()
        device_fds = {fd for fd, _ in self._core.poll_fds()}
        self._wake.clear()
        for fd, line in self._server.receive(fired):
            self._answer(fd, line)
        self._core.clients(self._server.attending)
        at_device = [(fd, mask) for fd, mask in fired if fd in device_fds]
        if not at_device or self._core.worth_a_tick(at_device):
            self._core.tick()
        self._tell()

    def _wait(self) -> list[tuple[int, int]]:
        poll = select.poll()
        for fd, mask in [(self._wake.fileno(), select.POLLIN), *self._server.poll_fds(), *self._core.poll_fds()]:
            poll.register(fd, mask)
        waits_s = [self._core.wait_s_max(), self._alive(), self._status_due_s() if self._core.sounding else None]
        wait_s = min((wait for wait in waits_s if wait is not None), default=None)
        return poll.poll(None if wait_s is None else wait_s * 1000)

    def _answer(self, fd: int, line: bytes) -> None:
        answer = self._decide(fd, line)
        self._server.send(fd, encode(answer))

    def _decide(self, fd: int, line: bytes) -> Answer:
        if len(line) > LINE_BYTES_MAX:
            return Refused("?", "line-too-long", f"{len(line)} bytes, at most {LINE_BYTES_MAX}")
        try:
            command = decode_command(line)
        except ProtocolError as error:
            return Refused("?", "unreadable", str(error))
        if not isinstance(command, Status | Examine):
            self._server.attend(fd)
        return self._core.handle(command)

    def _status_due_s(self) -> float:
        return max(0.0, self._told_s + STATUS_S - time.monotonic())

    def _tell(self) -> None:
        """Push the status on each change, and once a second while it sounds."""
        mark = self._core.mark()
        for over in self._core.spoken():
            self._server.broadcast(encode(over))
        due = self._core.sounding and self._status_due_s() <= STATUS_EARLY_S
        if due or mark != self._told:
            self._told, self._told_s = mark, time.monotonic()
            self._server.broadcast(encode(self._core.status()))
