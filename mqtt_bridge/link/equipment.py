"""How the box is (B7): what the link sees itself, and what the kiosk has told it. Read, and nothing written."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from mqtt_bridge.bedside_told import BoxTold, read
from mqtt_bridge.contract import wire
from mqtt_bridge.contract.codec import ContractError, decode
from mqtt_bridge.contract.stamp import Stamp
from mqtt_bridge.database import open_reader

EVERY_S = 15 * 60
"""A heartbeat comes so often at least; the clinic judges by it whether a box can be reached."""
LOOK_MS = 60_000
"""The box looks at itself so often, and says at once what has changed: never more than one a minute."""
ROOM_MB_MIN = 64
HOT_C = 80.0
"""A Raspberry Pi slows down from here on."""
_THERMAL = Path("/sys/class/thermal/thermal_zone0/temp")
_LOCKS = Path("/proc/locks")
_SYSTEM = Path("/etc/os-release")
MB = 1_000_000


@dataclass(frozen=True)
class Places:
    """Where to look. bedside: the kiosk's database; training: whose folders a kiosk in training has its own in.

    tested: the last self-test that the box made by itself; None: it makes none.
    """

    bedside: Path
    training: Path
    certificate: Path
    thermal: Path = _THERMAL
    tested: Path | None = None


class Examiner:
    """Makes an Equipment of what can be seen now. pending: how many reports the clinic's database has not."""

    def __init__(self, places: Places, pending: Callable[[], int]) -> None:
        self._places, self._pending = places, pending

    def __call__(self, now: Stamp) -> wire.Equipment:
        places = self._places
        told, runs = _told(places.bedside), kiosk_runs(places.bedside, places.training)
        return wire.Equipment(
            at=now,
            every_s=EVERY_S,
            pending=self._pending(),
            system=_system(),
            free_mb=_free_mb(places.bedside.parent),
            temperature_c=_temperature_c(places.thermal),
            kiosk=runs,
            player=told.player if runs else None,
            tested=_latest(told.tested, _by_itself(places.tested), now),
            machine_off_ms=None if now.machine_ms is None else now.machine_ms - now.wall_ms,
            certificate_ms=certificate_ms(places.certificate),
        )


class Rhythm:
    """Whether a heartbeat is due: every quarter of an hour, and at a change, once a minute at most."""

    def __init__(self) -> None:
        self._said: wire.Equipment | None = None
        self._look_ms = 0

    def looks(self, now: Stamp) -> bool:
        """Whether it is time to look at the box."""
        return now.monotonic_ms >= self._look_ms

    def take(self, seen: wire.Equipment) -> bool:
        """Whether what was seen is to be said now; then it counts as said."""
        self._look_ms = seen.at.monotonic_ms + LOOK_MS
        said = self._said
        due = said is None or seen.at.monotonic_ms - said.at.monotonic_ms >= EVERY_S * 1000 - LOOK_MS
        if not due and said is not None and notable(said) == notable(seen):
            return False
        self._said = seen
        return True

    def forget(self) -> None:
        """Connected anew: whatever was said may have been lost."""
        self._said, self._look_ms = None, 0


def notable(seen: wire.Equipment) -> tuple[object, ...]:
    """What is worth saying at once. What moves all the time (room, heat, queue) only where it passes a limit."""
    little = seen.free_mb is not None and seen.free_mb < ROOM_MB_MIN
    hot = seen.temperature_c is not None and seen.temperature_c >= HOT_C
    return (seen.at.trusted, seen.kiosk, seen.player, seen.tested, seen.certificate_ms, little, hot)


def kiosk_runs(bedside: Path, training: Path) -> bool:
    """Whether a kiosk holds its database, or that of a training."""
    return any(
        is_held(path.with_name(f"{path.name}.lock")) for path in (bedside, *training.glob("training-*/bedside.db"))
    )


def is_held(lock: Path) -> bool:
    """Whether a process holds this lock (flock). Asked of the kernel's list: trying it would keep its owner out."""
    try:
        inode = lock.stat().st_ino
        return any(_names(line, inode) for line in _LOCKS.read_text().splitlines())
    except OSError:
        return False


def _names(line: str, inode: int) -> bool:
    """« 3: FLOCK  ADVISORY  WRITE 812 08:02:131 0 EOF »."""
    words = line.split()
    return len(words) > 5 and words[1] == "FLOCK" and words[5].rpartition(":")[2] == str(inode)


def _told(bedside: Path) -> BoxTold:
    with suppress(sqlite3.DatabaseError):
        reader = open_reader(bedside)
        if reader is not None:
            with closing(reader):
                return read(reader)
    return BoxTold()


def _by_itself(file: Path | None) -> wire.Tested | None:
    try:
        return None if file is None else decode(file.read_bytes(), wire.Tested)
    except (OSError, ContractError):
        return None


def _latest(one: wire.Tested | None, other: wire.Tested | None, now: Stamp) -> wire.Tested | None:
    """This start's before another's; within one, by the time lived; else by the clock, as far as it goes."""
    found = [tested for tested in (one, other) if tested is not None]
    return max(found, key=lambda tested: _age(tested.made, now), default=None)


def _age(made: Stamp, now: Stamp) -> tuple[bool, int]:
    here = made.boot == now.boot
    return here, made.monotonic_ms if here else made.wall_ms


def _free_mb(folder: Path) -> int | None:
    try:
        found = os.statvfs(folder)
    except OSError:
        return None
    return found.f_bavail * found.f_frsize // MB


def _temperature_c(file: Path) -> float | None:
    """Linux tells it in thousandths of a degree; None on a machine without a sensor."""
    try:
        return round(int(file.read_text()) / 1000, 1)
    except (OSError, ValueError):
        return None


@cache
def _system() -> str:
    try:
        lines = _SYSTEM.read_text().splitlines()
    except OSError:
        return ""
    named = (line.partition("=")[2].strip('"') for line in lines if line.startswith("PRETTY_NAME="))
    return next(named, "")[:100]


def certificate_ms(file: Path) -> int | None:
    """Until when the box may come in, by box.crt or, once renewed, box.pem beside it; None: not to be read."""
    from mqtt_bridge.authority import valid_until_ms

    for path in (file.with_name("box.pem"), file):
        with suppress(OSError, ValueError):
            return valid_until_ms(path)
    return None
