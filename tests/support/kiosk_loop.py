"""The part of the kiosk that answers a self-test, in a thread, without a kiosk."""

import os
import select
import threading
from pathlib import Path

from kiosk.button.fake import FakeButton
from kiosk.screen.fake import FakeWindow
from kiosk.shell.presence import Presence
from mqtt_bridge.clock import system_clock


class KioskLoop:
    """A loop that answers, on a window and a button in memory."""

    def __init__(self, run: Path) -> None:
        self.window, self.button = FakeWindow(), FakeButton()
        self._presence, self._clock = Presence(run), system_clock("always")
        self._stop = os.eventfd(0, os.EFD_CLOEXEC)
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            ready, _, _ = select.select([self._presence.fileno(), self._stop], [], [])
            if self._stop in ready:
                return
            self._presence.answer(self.window, self.button, self._clock())

    def close(self) -> None:
        os.eventfd_write(self._stop, 1)
        self._thread.join()
        self._presence.close()
        self.button.close()
        self.window.close()
        os.close(self._stop)
