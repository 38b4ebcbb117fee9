"""The kiosk answers a self-test: it hands its picture to the panel once more, reads its button, and says so in a file.

Asked by a bell of its own in the run folder, because only the kiosk holds panel and button, and a loop that hangs does
not answer. Nothing is written while nobody asks.
"""

import logging
import time
from pathlib import Path

from kiosk.button.port import Button, ButtonError
from kiosk.screen.port import ScreenError, Window
from mqtt_bridge.bell import Bell, ring
from mqtt_bridge.contract.codec import ContractError, Count, Word, decode, encode
from mqtt_bridge.contract.stamp import Stamp

BELL, FILE = "kiosk.look", "kiosk.json"
ANSWER_S_MAX = 5.0
RING_S, LOOK_S = 1.0, 0.05
TOLD_MAX = 200

log = logging.getLogger(__name__)


class KioskNow(Word, frozen=True):
    """pictures: handed to the panel since the kiosk's start, the last one for this answer; None: `screen` says why not.

    down: the button's contact is closed; None: it cannot be read. button: which lines these are, or why not.
    """

    at: Stamp
    pictures: Count | None
    screen: str
    down: bool | None
    button: str


class Presence:
    """The answering side, a part of the kiosk's loop."""

    def __init__(self, run: Path) -> None:
        self._path = run / FILE
        self._bell = Bell(run / BELL)

    def fileno(self) -> int:
        return self._bell.fileno()

    def answer(self, window: Window, button: Button, now: Stamp) -> None:
        """Look, and write what was seen, whole or not at all."""
        self._bell.silence()
        pictures, screen = _presented(window)
        down, lines = _read(button)
        told = KioskNow(at=now, pictures=pictures, screen=screen[:TOLD_MAX], down=down, button=lines[:TOLD_MAX])
        part = self._path.with_name(f"{FILE}.part")
        try:
            part.write_bytes(encode(told))
            part.replace(self._path)
        except OSError as error:
            log.warning("%s: %s", self._path, error)

    def close(self) -> None:
        self._bell.close()
        self._path.unlink(missing_ok=True)


def _presented(window: Window) -> tuple[int | None, str]:
    try:
        return window.present(), ""
    except ScreenError as error:
        return None, str(error)


def _read(button: Button) -> tuple[bool | None, str]:
    try:
        lines = button.look()
    except ButtonError as error:
        return None, str(error)
    return lines.down, lines.told


def ask(run: Path, wait_s_max: float = ANSWER_S_MAX) -> KioskNow | None:
    """What the kiosk that runs answers, maybe to another who asks now too; None where none does in time."""
    before, end_s, ring_s = _mark(run), time.monotonic() + wait_s_max, 0.0
    while (run / BELL).exists() and (now_s := time.monotonic()) < end_s:
        if now_s >= ring_s:
            ring(run / BELL)
            ring_s = now_s + RING_S
        if _mark(run) != before:
            return _told(run)
        time.sleep(LOOK_S)  # another process's file: there is no event to wait for
    return None


def _mark(run: Path) -> tuple[int, int] | None:
    """Each answer is another file: the former one is still there while it is written."""
    try:
        found = (run / FILE).stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _told(run: Path) -> KioskNow | None:
    try:
        return decode((run / FILE).read_bytes(), KioskNow)
    except (OSError, ContractError):
        return None
