"""Whether this start of the box is a healthy one: what an update is held to before it stays.

The rule. The kiosk has drawn and its loop turns, and the kernel shows a picture on a panel; the player answers; the
data partition takes a write and keeps it; and where the box was connected to its clinic when the update was written, it
is again. A box that was offline before need not be online after: it would come back from every update for want of a
network.
"""

import logging
import subprocess
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from msgspec import structs

from mqtt_bridge.update_told import UpdateTold, read, tell, write_whole

log = logging.getLogger(__name__)
SECONDS_MAX = 900.0
"""A healthy start takes one minute on a card; three quarters of this went by in an emulator under load."""
LOOK_S = 5.0
DRM = Path("/sys/class/drm")
TOLD_ONLY = ("key",)
"""No update made the key of the data partition what it is: it is told, and no start is held to it."""


@dataclass(frozen=True)
class Sign:
    """One thing that was looked at."""

    name: str
    fine: bool
    detail: str


Look = Callable[[], Sign]


def is_healthy(signs: Iterable[Sign], *, linked_before: bool) -> bool:
    """Whether nothing that is asked of this start is missing."""
    return all(sign.fine for sign in signs if sign.name not in TOLD_ONLY and (sign.name != "link" or linked_before))


def watch(
    looks: Iterable[Look], *, linked_before: bool, seconds_max: float, wait: Callable[[float], bool]
) -> tuple[bool, list[Sign]]:
    """Look until all is well, or too late; what was last seen. `wait` returns True when told to stop."""
    looks, end_s = list(looks), time.monotonic() + seconds_max
    while True:
        signs = [look() for look in looks]
        if is_healthy(signs, linked_before=linked_before):
            return True, signs
        if time.monotonic() >= end_s or wait(LOOK_S):
            return False, signs


def settle(folder: Path, verdict: Path, running: str, *, healthy: bool) -> None:
    """Write what chevet-slot waits for; if this start is a trial, say what became of the update. Raises OSError."""
    told = read(folder)
    if told is not None and is_trial(told, running):
        state = "good" if healthy else "returned"
        tell(folder, structs.replace(told, state=state, reason="" if healthy else "not-healthy"))
    write_whole(verdict, b"good" if healthy else b"bad")


def note_return(folder: Path, running: str, boot: str) -> None:
    """The update was written, and yet the former version runs: the box came back from it. Raises OSError."""
    told = read(folder)
    if told is not None and told.state == "written" and told.former == running and told.boot != boot:
        log.warning("the box came back from version %s", told.version)
        tell(folder, structs.replace(told, state="returned", reason="did-not-start"))


def is_trial(told: UpdateTold, running: str) -> bool:
    """Whether this start is the first of what was written. A power cut may have come before it was said to be."""
    return told.state in ("writing", "written") and told.version == running


def screen(unit: str = "chevet-kiosk.service", drm: Path = DRM) -> Sign:
    """By the unit (ready once it has drawn, its loop under a watchdog), and by the kernel's connectors."""
    state = _state(unit)
    shown = sorted(path.parent.name for path in drm.glob("card*-*/enabled") if _says(path, "enabled"))
    told = f"{unit} is {state}; shown on {', '.join(shown) or 'no panel'}"
    return Sign("screen", state == "active" and bool(shown), told)


def _state(unit: str) -> str:
    words = ("systemctl", "show", "--property=ActiveState", "--value", unit)
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"unknown ({error})"
    return done.stdout.strip() or "unknown"


def _says(path: Path, word: str) -> bool:
    try:
        return path.read_text().strip() == word
    except OSError:
        return False
