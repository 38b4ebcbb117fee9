"""Whether this start of the box is a healthy one: what an update is held to before it stays.

The rule. The kiosk has drawn and its loop turns, and the kernel shows a picture on a panel; the player answers; the
data partition takes a write and keeps it; and where the box was connected to its clinic when the update was written, it
is again. A box that was offline before need not be online after: it would come back from every update for want of a
network. So with the panel: a monitor that was switched off for the night when the update was written, and still is,
says nothing of the update; without one no kiosk can draw. And so with what the machine answers in a self-test (the
sound card opens, its level is set, a picture is taken, the button's lines are read): what was well when the update was
written must be well again. A box without headphones is not held to a card.

All that has to stay so for a minute, by the same processes: a kiosk that dies every twenty seconds draws in between.
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
LOOK_S = 10.0
LOOKS = 7
"""So many one after the other, all of them fine: a minute lies between the first and the last."""
DRM = Path("/sys/class/drm")
OF_THE_MACHINE = ("sound-card", "level", "frames", "button-line")
"""The self-test's names of what an update can take from a box that serves otherwise: ALSA, lgpio, the mixer."""
TOLD_ONLY = ("key",)
"""No update made the key of the data partition what it is: it is told, and no start is held to it."""


@dataclass(frozen=True)
class Sign:
    """One thing that was looked at.

    process: of the unit that was seen, systemd's name of this run and its main process: another one is not the same.
    unplugged: what it needs of the world around the box is not there.
    """

    name: str
    fine: bool
    detail: str
    process: str = ""
    unplugged: bool = False


@dataclass(frozen=True)
class Before:
    """How the box was when the update was written: linked; a panel connected; which of OF_THE_MACHINE were well."""

    linked: bool = False
    panel: bool = True
    well: frozenset[str] = frozenset()


Look = Callable[[], list[Sign]]
"""Everything, looked at now."""


def held_to(told: UpdateTold | None, running: str) -> Before:
    """What this start is held to. Of a start that is no trial nothing is known, and nothing hangs on it."""
    if told is None or not is_trial(told, running):
        return Before()
    return Before(told.linked, not told.dark, frozenset(told.well))


def is_healthy(signs: Iterable[Sign], was: Before) -> bool:
    """Whether nothing that is asked of this start is missing."""
    return all(sign.fine or _not_asked(sign, was) for sign in signs)


def _not_asked(sign: Sign, was: Before) -> bool:
    if sign.name == "link":
        return not was.linked
    if sign.name == "screen":
        return sign.unplugged and not was.panel
    if sign.name in OF_THE_MACHINE:
        return sign.name not in was.well
    return sign.name in TOLD_ONLY


def watch(
    look: Look,
    was: Before,
    *,
    seconds_max: float,
    wait: Callable[[float], bool],
    monotonic: Callable[[], float] = time.monotonic,
) -> tuple[bool, list[Sign]]:
    """Look until all was well `LOOKS` times on end, or too late; what was last seen.

    What has begun to be well in time may go on to its end. `wait` returns True when told to stop.
    """
    end_s, well, runs = monotonic() + seconds_max, 0, tuple[str, ...]()
    while True:
        signs = look()
        before, runs = runs, tuple(sign.process for sign in signs if not _not_asked(sign, was))
        well = (well + 1 if runs == before else 1) if is_healthy(signs, was) else 0
        if well >= LOOKS:
            return True, signs
        if (well <= 1 and monotonic() >= end_s) or wait(LOOK_S):
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


def _ask_systemd(unit: str) -> dict[str, str]:
    words = ("systemctl", "show", "--property=ActiveState,InvocationID,MainPID", unit)
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=30)
    except (OSError, subprocess.TimeoutExpired) as error:
        return {"ActiveState": f"unknown ({error})"}
    return dict(line.split("=", 1) for line in done.stdout.splitlines() if "=" in line)


Ask = Callable[[str], dict[str, str]]


def run_of(unit: str, ask: Ask = _ask_systemd) -> tuple[str, str]:
    """How the unit is, and its run: systemd's name of it (each start has another one) and the main process."""
    said = ask(unit)
    return said.get("ActiveState") or "unknown", f"{said.get('InvocationID', '')} {said.get('MainPID', '')}".strip()


def screen(unit: str = "chevet-kiosk.service", drm: Path = DRM, ask: Ask = _ask_systemd) -> Sign:
    """By the unit (ready once it has drawn, its loop under a watchdog), and by the kernel's connectors."""
    state, process = run_of(unit, ask)
    shown = sorted(path.parent.name for path in drm.glob("card*-*/enabled") if _says(path, "enabled"))
    told = f"{unit} is {state}; shown on {', '.join(shown) or 'no panel'}"
    return Sign("screen", state == "active" and bool(shown), told, process, unplugged=not has_panel(drm))


def has_panel(drm: Path = DRM) -> bool:
    """Whether the kernel sees a panel or a monitor at one of its connectors."""
    return any(_says(path, "connected") for path in drm.glob("card*-*/status"))


def _says(path: Path, word: str) -> bool:
    try:
        return path.read_text().strip() == word
    except OSError:
        return False
