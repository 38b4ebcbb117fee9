"""The machine that was measured, without its name; and how quiet it was."""

import importlib.metadata
import os
import platform
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import msgspec

from tests.bench.figures import percentile
from tests.bench.watch import parse_busy

NAPS = 300
NAP_S = 0.005
QUIET_CORES = 0.1
PRIORITY = 1


class Machine(msgspec.Struct, frozen=True):
    cores: int
    memory_gib: float
    architecture: str
    kernel: str
    python: str
    pygame: str
    sdl: str
    sqlite: str
    mosquitto: str
    numpy: str
    """Empty when there is none. sqlite_utils loads it when it can; our requirements do not bring it."""


class Quiet(msgspec.Struct, frozen=True):
    """A moment when we do nothing. late_us: how late a sleeper of 5 ms woke up."""

    when: str
    busy_cores: float
    late_us_median: float
    late_us_p99: float


def above_others() -> str:
    """Put this process and all that it starts above whatever else runs here, where that is allowed; what was done."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(PRIORITY))
    except PermissionError:
        return "no priority over other processes (that needs root)"
    return f"SCHED_RR {PRIORITY}, ours and the peers alike, so that other work on the machine does not count"


def wait_for_quiet(when: str, seconds: float) -> Quiet:
    """Others may be at work on this machine: wait a while for them, then take it as it is; how it was."""
    until_s = time.monotonic() + seconds
    while (found := listen_to_the_noise(when)).busy_cores > QUIET_CORES and time.monotonic() < until_s:
        time.sleep(1)
    return found


def describe() -> Machine:
    return Machine(
        cores=os.cpu_count() or 0,
        memory_gib=round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        architecture=platform.machine(),
        kernel=".".join(platform.release().split(".")[:2]),
        python=platform.python_version(),
        sqlite=sqlite3.sqlite_version,
        mosquitto=_mosquitto(),
        numpy=_numpy(),
        **_pygame(),
    )


def listen_to_the_noise(when: str) -> Quiet:
    """Sleep often and briefly, and see how late we wake, and what others use meanwhile."""
    late_us, began_s, busy_s, own_s = [], time.monotonic(), _busy_s(), time.process_time()
    for _ in range(NAPS):
        before_ns = time.monotonic_ns()
        time.sleep(NAP_S)
        late_us.append((time.monotonic_ns() - before_ns) / 1e3 - NAP_S * 1e6)
    took_s = time.monotonic() - began_s
    others_s = _busy_s() - busy_s - (time.process_time() - own_s)
    return Quiet(when, max(0.0, others_s) / took_s, percentile(late_us, 50), percentile(late_us, 99))


def _busy_s() -> float:
    return parse_busy(Path("/proc/stat").read_text())


def _pygame() -> dict[str, str]:
    """Asked in another process: this one must not load SDL."""
    code = "import pygame; print(pygame.version.ver, '.'.join(map(str, pygame.get_sdl_version())))"
    environment = {**os.environ, "PYGAME_HIDE_SUPPORT_PROMPT": "1"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    pygame, sdl = done.stdout.split()[-2:]
    return {"pygame": pygame, "sdl": sdl}


def _numpy() -> str:
    try:
        return importlib.metadata.version("numpy")
    except importlib.metadata.PackageNotFoundError:
        return ""


def _mosquitto() -> str:
    """Its version, told by its help, which exits with an error."""
    done = subprocess.run(["mosquitto", "-h"], capture_output=True, text=True, check=False)
    words = done.stdout.split()
    return words[words.index("version") + 1] if "version" in words else "?"
