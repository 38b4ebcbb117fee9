"""Every screen of the gallery on the real window: what waiting costs, and from the finger to the pressed pixel."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import Any

from kiosk.screen import gallery
from tests.bench.figures import Figure, Spread
from tests.bench.plan import IDLE_SHARE_MAX, TAP_MS_MAX, TAP_MS_WORST_MAX, Amount
from tests.bench.screen import rows_changed_ms
from tests.kiosk_screen.hands import Hands
from tests.support.display import Display
from tests.support.house import TOP

SETTLE_S, TREMOR_S = 0.25, 0.14
"""After a new screen; between two touches of one hand."""
SCREENS_A_SECOND = 60
"""Of the seconds that one screen waits in the whole bench, each of the many waits a part."""
AGAIN, AGAIN_TIMES = 5, 10
"""So short a wait holds the cost of asking what it cost. Those that seem dearest wait again, so many times as long."""


@dataclass
class Found:
    idle: dict[str, float] = field(default_factory=dict)
    """Share of a core, of the screens that seemed dearest."""
    press_ms: dict[str, float] = field(default_factory=dict)


def measure(display: Display, amount: Amount) -> list[Figure]:
    command = [sys.executable, "-m", "tests.bench.gallery_shell"]
    env = {**os.environ, "DISPLAY": display.name, "SDL_VIDEODRIVER": "x11"}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=env, stdin=pipe, stdout=pipe, text=True, cwd=TOP) as shell:
        try:
            heard(shell)
            return figures(_walk(shell, display, amount.idle_s / SCREENS_A_SECOND))
        finally:
            shell.terminate()


def _walk(shell: "subprocess.Popen[str]", display: Display, wait_s: float) -> Found:
    found = Found()
    with Hands(display.name) as hands:
        for name in gallery.VIEWS:
            targets = asked(shell, name)
            time.sleep(SETTLE_S)
            found.idle[name] = _idle(shell, max(0.1, wait_s))
            if targets:
                found.press_ms[name] = _press_ms(display, hands, targets[-1])
    dearest = sorted(found.idle, key=lambda name: found.idle[name])[-AGAIN:]
    found.idle = {name: _waiting(shell, name, AGAIN_TIMES * wait_s) for name in dearest}
    return found


def _waiting(shell: "subprocess.Popen[str]", name: str, seconds: float) -> float:
    asked(shell, name)
    time.sleep(SETTLE_S)
    return _idle(shell, max(0.1, seconds))


def _idle(shell: "subprocess.Popen[str]", seconds: float) -> float:
    asked(shell, "use")  # the first question warms what the second needs
    before_s = asked(shell, "use")
    time.sleep(seconds)
    return float((asked(shell, "use") - before_s) / seconds)


def _press_ms(display: Display, hands: Hands, target: list[Any]) -> float:
    _, x, y, w, h = target
    hands.move(x + w // 2, y + h // 2)
    time.sleep(TREMOR_S)
    try:
        return rows_changed_ms(display, range(max(0, y - 8), min(800, y + h + 8)), hands.press)
    finally:
        hands.release()
        time.sleep(TREMOR_S)


def asked(shell: "subprocess.Popen[str]", line: str) -> Any:
    if shell.stdin is None:
        raise RuntimeError("the gallery's shell cannot be spoken to")
    shell.stdin.write(line + "\n")
    shell.stdin.flush()
    return heard(shell)


def heard(shell: "subprocess.Popen[str]") -> Any:
    if shell.stdout is None:
        raise RuntimeError("the gallery's shell cannot be heard")
    for line in shell.stdout:
        if line.startswith(("[", '"', *"0123456789")):
            return json.loads(line)
    raise RuntimeError("the gallery's shell went away")


def figures(found: Found) -> list[Figure]:
    dearest = max(found.idle, key=lambda name: found.idle[name])
    slowest = max(found.press_ms, key=lambda name: found.press_ms[name])
    spread = Spread.of(list(found.press_ms.values()))
    how = "XTest press on a target of each of the gallery's screens to the first other pixel in the X server's memory"
    return [
        Figure(
            name="touch_every_screen",
            title="Touch to the pressed pixel, every screen (median)",
            value=spread.median,
            unit="ms",
            limit=TAP_MS_MAX,
            spread=spread,
            how=how,
            note=f"{spread.count} screens",
        ),
        Figure(
            name="touch_every_screen_worst",
            title="Touch to the pressed pixel, the slowest screen",
            value=spread.most,
            unit="ms",
            limit=TAP_MS_WORST_MAX,
            how=how,
            note=slowest,
        ),
        Figure(
            name="idle_every_screen",
            title="Waiting on the dearest of all screens",
            value=100 * found.idle[dearest],
            unit="% of a core",
            limit=100 * IDLE_SHARE_MAX,
            under=True,
            how="processor time of the window's process while it blocks in select, for each of the gallery's screens "
            "(the care's light stands still), and again for longer on the five dearest",
            note=dearest,
        ),
    ]
