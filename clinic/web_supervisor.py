"""gunicorn's supervisor under systemd's watchdog: of console, shelf and registrar.

gunicorn itself says READY=1 once it listens, and ends a worker whose accepting loop has not turned for `timeout`;
nobody watches the supervisor, nor whether a page ever comes. `Supervisor` says that it turns, after it has looked at
its workers; with a `Pulse`, only when one of them has answered a request of its own.
"""

import contextlib
import math
import socket
import time
from typing import Any

from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]

from mqtt_bridge.systemd import Systemd

ASK_EVERY_S = 10.0
CONNECT_S_MAX = 1.0


class Pulse:
    """One request at a time of our own server, which is not waited for: it may stand behind pages that take long."""

    def __init__(self, address: tuple[Any, ...], path: str, every_s: float) -> None:
        """`address` as a listening socket has it."""
        self._address, self._every_s = address[:2], every_s
        self._request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        self._asked: socket.socket | None = None
        self._ask_at_s = 0.0

    def beats(self) -> bool:
        """Whether an answer has come since this was last asked; whatever it says, somebody has made it."""
        if self._asked is None:
            if time.monotonic() >= self._ask_at_s:
                self._ask()
            return False
        try:
            answered = bool(self._asked.recv(1))
        except BlockingIOError:
            return False
        except OSError:
            answered = False
        self.forget()
        return answered

    def forget(self) -> None:
        """Wait for no answer any more."""
        if self._asked is not None:
            self._asked.close()
            self._asked = None

    def _ask(self) -> None:
        self._ask_at_s = time.monotonic() + self._every_s
        with contextlib.ExitStack() as until_sent, contextlib.suppress(OSError):
            asked = until_sent.enter_context(socket.create_connection(self._address, CONNECT_S_MAX))
            asked.sendall(self._request)
            asked.setblocking(False)
            until_sent.pop_all()
            self._asked = asked


class Supervisor(Arbiter):  # type: ignore[misc]  # gunicorn has no types
    """Looks at its workers each second, or when something is asked of it."""

    def __init__(self, application: "Supervised") -> None:
        self._unit, self._path = Systemd(), application.pulse
        self._pulse: Pulse | None = None
        super().__init__(application)

    def murder_workers(self) -> None:
        """Once at each turn."""
        super().murder_workers()
        if self._path and self._pulse is None and math.isfinite(self._unit.turn_s_max):
            every_s = min(ASK_EVERY_S, self._unit.turn_s_max)
            self._pulse = Pulse(self.LISTENERS[0].sock.getsockname(), self._path, every_s)
        if self._pulse is None or self._pulse.beats():
            self._unit.alive()

    def spawn_worker(self) -> Any:
        """A worker would inherit what was asked."""
        if self._pulse is not None:
            self._pulse.forget()
        return super().spawn_worker()


class Supervised(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """What our servers are to gunicorn."""

    pulse = ""
    """The page that shows that the server answers; none where who comes may hold its threads for long."""

    def run(self) -> None:
        try:
            Supervisor(self).run()
        except RuntimeError as error:
            raise SystemExit(f"\nError: {error}") from error
