"""The peers of the screen, measured on the same X server before the kiosk opens its window."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from tests.bench.figures import Spread
from tests.bench.screen import FirstPicture, changed_ms, wait_blank
from tests.bench.watch import memory_of, use_over
from tests.kiosk_screen.hands import Hands
from tests.support.display import Display

HERE = Path(__file__).parent
SIZE = (1280, 800)
MIDDLE = (640, 400)
SETTLE_S = 1.0


class ScreenPeer(msgspec.Struct, frozen=True):
    """A bare screen: what it takes to start, to answer a finger, to wait, to be there."""

    name: str
    start_s: float
    tap_ms: Spread
    idle_share: float
    resident_mib: float


def measure(display: Display, taps: int, idle_s: float, starts: int) -> list[ScreenPeer]:
    """Each peer that this machine has."""
    found = [("bare pygame", sys.executable, HERE / "bare_pygame.py")]
    python = python_with_tk()
    if python:
        found.append(("bare Tk", python, HERE / "bare_tk.py"))
    return [_measure(display, name, [where, str(file)], taps, idle_s, starts) for name, where, file in found]


def python_with_tk() -> str:
    """A Python that can import tkinter; empty when there is none."""
    for python in (sys.executable, "/usr/bin/python3"):
        command = [python, "-c", "import tkinter"]
        if Path(python).exists() and subprocess.run(command, capture_output=True, check=False).returncode == 0:
            return python
    return ""


def _measure(display: Display, name: str, command: list[str], taps: int, idle_s: float, starts: int) -> ScreenPeer:
    starts_s = []
    for _ in range(starts):
        with _running(display, command) as (_, picture):
            starts_s.append(picture.seconds())
    with _running(display, command) as (process, picture), Hands(display.name) as hands:
        picture.seconds()
        time.sleep(SETTLE_S)
        idle = use_over(process.pid, idle_s)
        latencies_ms = [_tap_ms(display, hands) for _ in range(taps)]
        resident_mib = memory_of(process.pid).resident
    return ScreenPeer(name, Spread.of(starts_s).median, Spread.of(latencies_ms), idle.share, resident_mib)


@contextmanager
def _running(display: Display, command: list[str]) -> Iterator[tuple["subprocess.Popen[bytes]", FirstPicture]]:
    wait_blank(display, SIZE)
    picture = FirstPicture(display, SIZE)
    process = subprocess.Popen(command, env={**os.environ, "DISPLAY": display.name})
    try:
        yield process, picture
    finally:
        process.kill()
        process.wait()


def _tap_ms(display: Display, hands: Hands) -> float:
    hands.move(*MIDDLE)
    time.sleep(0.14)
    hands.press()
    time.sleep(0.02)
    return changed_ms(display, MIDDLE, hands.release)
