"""A TCP proxy that carries, cuts, or falls silent: a network between two processes of one machine."""

import contextlib
import socket
import struct
import threading

BLOCK = 64 * 1024
_RESET = struct.pack("ii", 1, 0)
"""SO_LINGER: closing sends a reset, as a router that has forgotten the connection does."""


class Proxy:
    """Listens on 127.0.0.1:`port` and carries both ways to `target`."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target, self._lock = target, threading.Lock()
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._open, self._carrying = threading.Event(), threading.Event()
        self._open.set()
        self._carrying.set()
        self._closed = False
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._server.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def cut(self) -> None:
        """Every connection is reset, new ones are refused."""
        self._open.clear()
        self._drop()

    def silence(self) -> None:
        """Connections stay, nothing is carried; the far end's side is reset, and the near end is not told."""
        self._carrying.clear()
        with self._lock:
            for _, far in self._pairs:
                _reset(far)

    def mend(self) -> None:
        """What fell silent stays so until its end notices; new connections are carried."""
        self._carrying.set()
        self._open.set()

    def close(self) -> None:
        self._closed = True
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)  # closing alone would leave the thread in `accept`, and its port
        self._server.close()
        self._carrying.set()
        self._drop()

    def _drop(self) -> None:
        with self._lock:
            for pair in self._pairs:
                for side in pair:
                    _reset(side)
            self._pairs.clear()

    def _serve(self) -> None:
        while not self._closed:
            try:
                near, _ = self._server.accept()
            except OSError:
                return
            if not self._open.is_set():
                _reset(near)
                continue
            threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        try:
            far = socket.create_connection(self._target, 5)
        except OSError:
            _reset(near)
            return
        far.settimeout(None)
        with self._lock:
            self._pairs.append((near, far))
            if not self._open.is_set() or self._closed:  # cut while it was joined
                _reset(near)
                _reset(far)
        for one, other in ((near, far), (far, near)):
            threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        """Until either end is gone. While silent, what comes from the near end is swallowed."""
        with contextlib.suppress(OSError):
            while data := one.recv(BLOCK):
                if self._carrying.is_set():
                    other.sendall(data)
        if self._carrying.is_set():
            _reset(one)
            _reset(other)
            with self._lock:
                self._pairs = [pair for pair in self._pairs if one not in pair]


def _reset(side: socket.socket) -> None:
    with contextlib.suppress(OSError):
        side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        side.shutdown(socket.SHUT_RDWR)
    side.close()
