"""Tells whoever listens what is on the screen: names, labels and rectangles. For the scripted patient and training.

Only where the configuration names its socket; a box in a room has none.
"""

import json
import socket
from contextlib import suppress
from pathlib import Path

import msgspec

from kiosk.journey.views import Frame, View
from kiosk.screen.port import PLAIN, Target
from kiosk.screen.slope import HEIGHTS, ConeSlope

LISTENERS_MAX = 4


class Mirror:
    """A Unix stream socket; one JSON line for each screen shown, the present one first."""

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self._path = path
        self._server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        self._server.bind(str(path))
        path.chmod(0o600)
        self._server.listen(LISTENERS_MAX)
        self._listeners: list[socket.socket] = []
        self._line = b""

    def fileno(self) -> int:
        return self._server.fileno()

    def welcome(self) -> None:
        """Take in whoever waits, and tell them the present screen."""
        with suppress(BlockingIOError):
            while True:
                listener, _ = self._server.accept()
                listener.setblocking(False)
                self._tell(listener)

    def show(self, view: View, targets: tuple[Target, ...], frame: Frame = PLAIN) -> None:
        self._line = _line(view, targets, frame)
        listeners, self._listeners = self._listeners, []
        for listener in listeners:
            self._tell(listener)

    def close(self) -> None:
        for listener in self._listeners:
            listener.close()
        self._server.close()
        self._path.unlink(missing_ok=True)

    def _tell(self, listener: socket.socket) -> None:
        """A listener that does not read is dropped: the kiosk waits for nobody."""
        try:
            listener.sendall(self._line)
        except OSError:
            listener.close()
            return
        self._forget_who_left()
        if len(self._listeners) < LISTENERS_MAX:
            self._listeners.append(listener)
        else:
            listener.close()

    def _forget_who_left(self) -> None:
        for listener in [one for one in self._listeners if _left(one)]:
            self._listeners.remove(listener)
            listener.close()


def _left(listener: socket.socket) -> bool:
    """Who has gone takes nobody's place, even while no screen was shown since."""
    try:
        return not listener.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:
        return True


def _line(view: View, targets: tuple[Target, ...], frame: Frame) -> bytes:
    shown = {
        "screen": type(view).__name__,
        "view": msgspec.to_builtins(view),
        "targets": [_target(target) for target in targets],
        "frame": msgspec.to_builtins(frame),
    }
    return json.dumps(shown, ensure_ascii=False).encode() + b"\n"


def _target(target: Target) -> dict[str, object]:
    """A target's name and rectangle; of a cone also a point of each height, as [x, y]."""
    told: dict[str, object] = {"name": target.name, "rect": list(target.rect)}
    if target.slope is not None:
        told["heights"] = [_point(target.slope, height) for height in range(HEIGHTS)]
    return told


def _point(slope: ConeSlope, height: int) -> list[int]:
    edge_y = slope.middle_y(height)
    return [slope.axis_x, round(edge_y + slope.curve * slope.half_px(edge_y))]
