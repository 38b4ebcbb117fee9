"""Everything slow before the first frame, in a thread: verify the package, wait for the device, decode ahead."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import msgspec

from audio.errors import AudioError, DeviceError, PackageError
from audio.package import Hold, Package, check, hold
from audio.player.config import PlayerConfig
from audio.player.headphones import JackWatch, OpenJack
from audio.player.protocol import Cause, Prepare
from audio.player.sink import OpenSink, Sink
from audio.player.source import DecodeAhead, Source

DEVICE_LOOK_S = 0.25


class Opened(msgspec.Struct, frozen=True):
    """Ready to play at once. `hold`: nobody removes or replaces the package meanwhile."""

    package: Package
    sink: Sink
    source: Source
    jack: JackWatch
    hold: Hold

    def close(self) -> None:
        """Let go of everything, any number of times. The device first: silence does not wait for a slow card."""
        self.sink.close()
        self.source.close()
        self.jack.close()
        self.hold.release()


class NotOpened(msgspec.Struct, frozen=True):
    cause: Cause
    detail: str


class Preparation(Protocol):
    """A preparation under way."""

    def result(self) -> Opened | NotOpened | None:
        """Return how it ended, or None while it lasts."""

    def cancel(self) -> None:
        """Give it up; what it opens is closed."""


Preparer = Callable[[Prepare], Preparation]


class Doors(msgspec.Struct, frozen=True):
    """How the machine's parts are opened."""

    sink: OpenSink
    jack: OpenJack


class ThreadPreparation:
    """Prepares in its own thread, and rings `wake` when it is done."""

    def __init__(self, order: Prepare, config: PlayerConfig, open_with: Doors, wake: Callable[[], None]) -> None:
        self._order, self._config, self._open_with, self._wake = order, config, open_with, wake
        self._cancelled = threading.Event()
        self._lock = threading.Lock()
        self._result: Opened | NotOpened | None = None
        self._broken: Exception | None = None
        threading.Thread(target=self._run, name="prepare", daemon=True).start()

    def result(self) -> Opened | NotOpened | None:
        if self._broken is not None:
            raise self._broken
        return self._result

    def cancel(self) -> None:
        with self._lock:
            self._cancelled.set()
            _close(self._result)

    def _run(self) -> None:
        try:
            result = self._prepared()
        except Exception as error:  # noqa: BLE001 - carried to the loop, which decides
            self._broken = error
        else:
            self._finish(result)
        self._wake()

    def _finish(self, result: Opened | NotOpened) -> None:
        with self._lock:
            self._result = result
            if self._cancelled.is_set():
                _close(result)

    def _prepared(self) -> Opened | NotOpened:
        try:
            return self._open()
        except DeviceError as error:
            missing = error.code != "device-unsuitable"
            return NotOpened("device-missing" if missing else "device-unsuitable", _told(error))
        except PackageError as error:
            differs = error.code == "fingerprint-differs"
            return NotOpened("package-differs" if differs else "package-damaged", _told(error))

    def _open(self) -> Opened:
        held = hold(Path(self._order.package))
        try:
            return self._open_held(held)
        except BaseException:
            held.release()
            raise

    def _open_held(self, held: Hold) -> Opened:
        package = check(Path(self._order.package))
        _check_fingerprint(package, self._order.fingerprint)
        sink = self._wait_for_sink(package)
        source = DecodeAhead(package, self._config.block_ms, self._config.decode_ahead_ms)
        jack = self._open_with.jack(self._config.device, self._config.headphones_control)
        opened = Opened(package, sink, source, jack, held)
        try:
            source.prime()
        except PackageError:
            opened.close()
            raise
        return opened

    def _wait_for_sink(self, package: Package) -> Sink:
        """A card may appear after the box has started: look again until the limit."""
        until_s = time.monotonic() + self._config.device_wait_s_max
        manifest = package.manifest
        while True:
            try:
                return self._open_with.sink(
                    self._config.device, manifest.rate_hz, manifest.channels, self._config.buffer_ms
                )
            except DeviceError as error:
                if error.code != "device-missing" or time.monotonic() >= until_s:
                    raise
            if self._cancelled.wait(DEVICE_LOOK_S):
                until_s = 0.0


def _check_fingerprint(package: Package, prescribed: str | None) -> None:
    if prescribed is not None and package.fingerprint != prescribed:
        raise PackageError(
            "fingerprint-differs",
            "This is not the package that was prescribed",
            value=package.fingerprint,
            allowed=prescribed,
            remedy="Install the prescribed package.",
        )


def _close(result: Opened | NotOpened | None) -> None:
    if isinstance(result, Opened):
        result.close()


def _told(error: AudioError) -> str:
    return f"{error.code}: {error}"
